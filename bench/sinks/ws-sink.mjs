// A bare WebSocket sink on npm `ws`: every message is appended to its connection's file, nothing is looked at.
//
//   node ws-sink.mjs batch|naive DIR READY_FILE
//
// batch: frames gathered, one writev for 128 kB. naive: one write per frame.
import { createWriteStream } from "node:fs";
import path from "node:path";
import { WebSocketServer } from "ws";
import { BatchFile } from "./batch-file.mjs";
import { writeReadyFile } from "./ready-file.mjs";

const [mode, directory, readyFile] = process.argv.slice(2);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, backlog: 4096 });

server.on("listening", () => writeReadyFile(readyFile, "ws", server.address()));
server.on("connection", (socket, request) => {
  const file = path.join(directory, `${path.basename(request.url ?? "stream")}.bin`);
  if (mode === "batch") appendInBatches(socket, file);
  else appendFrameByFrame(socket, file);
});

/**
 * @param {import("ws").WebSocket} socket
 * @param {string} file
 */
function appendInBatches(socket, file) {
  const target = new BatchFile(file, socket);
  socket.on("message", (message) => target.append(/** @type {Buffer} */ (message)));
  socket.on("close", () => target.end());
}

/**
 * @param {import("ws").WebSocket} socket
 * @param {string} file
 */
function appendFrameByFrame(socket, file) {
  const target = createWriteStream(file);
  target.on("drain", () => socket.resume());
  socket.on("message", (message) => {
    if (!target.write(message)) socket.pause();
  });
  socket.on("close", () => target.end());
}
