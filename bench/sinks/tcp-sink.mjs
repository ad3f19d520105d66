// A bare TCP sink on node:net: bytes are appended to their connection's file, one writev for 128 kB.
//
//   node tcp-sink.mjs DIR READY_FILE
import { createServer } from "node:net";
import path from "node:path";
import { BatchFile } from "./batch-file.mjs";
import { writeReadyFile } from "./ready-file.mjs";

const [directory, readyFile] = process.argv.slice(2);
let connections = 0;

const server = createServer((socket) => {
  connections++;
  const target = new BatchFile(path.join(directory, `${connections}.pcm`), socket);
  socket.on("data", (bytes) => target.append(bytes));
  socket.on("close", () => target.end());
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
  writeReadyFile(readyFile, "tcp", server.address()),
);
