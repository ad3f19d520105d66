import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileNative } from "./harness/compile.mjs";

/** @typedef {import("./harness/peer.mjs").Peer} Peer */

const file = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const RECEIVER = file("../packages/receiver/bin/audio-receiver.js");

/**
 * Our receiver as a user runs it: its command, defaults, everything on, its log in a file.
 * @param {"ws" | "tcp"} transport
 * @param {readonly string[]} [nodeOptions]
 * @returns {Peer}
 */
export function receiver(transport, nodeOptions = []) {
  const ports = transport === "ws" ? ["--ws-port", "0", "--no-tcp"] : ["--tcp-port", "0", "--no-ws"];
  return {
    name: "audio-receiver",
    command: ({ dataDir, readyFile }) => [
      ...[process.execPath, ...nodeOptions, RECEIVER, "serve", "--host", "127.0.0.1", ...ports, "--no-web"],
      ...["--data-dir", dataDir, "--ready-file", readyFile],
    ],
  };
}

/**
 * The same, with senders that ask to be told what is on disk.
 * @returns {Peer}
 */
export function acknowledgingReceiver() {
  return { ...receiver("ws"), name: "audio-receiver, acknowledged streams", load: { ack: true } };
}

/**
 * A bare sink on npm `ws`.
 * @param {"batch" | "naive"} mode
 * @param {readonly string[]} [nodeOptions]
 * @returns {Peer}
 */
export function wsSink(mode, nodeOptions = []) {
  return {
    name: mode === "batch" ? "bare ws, batched writes" : "bare ws, one write per frame",
    command: ({ dataDir, readyFile }) => [
      process.execPath,
      ...nodeOptions,
      file("sinks/ws-sink.mjs"),
      mode,
      dataDir,
      readyFile,
    ],
  };
}

/**
 * The epoll sink in C.
 * @param {string} buildDir where its program goes
 * @returns {Peer}
 */
export function nativeSink(buildDir) {
  const program = compileNative("sink", buildDir);
  return {
    name: "C epoll, wakes for each frame",
    missing: program ? undefined : "no C compiler found",
    command: ({ dataDir, readyFile }) => [program ?? "", dataDir, readyFile],
  };
}

/** @returns {Peer} */
export function tcpSink() {
  return {
    name: "bare net, batched writes",
    command: ({ dataDir, readyFile }) => [process.execPath, file("sinks/tcp-sink.mjs"), dataDir, readyFile],
  };
}

/**
 * A recorder in Python, one thread per connection.
 * @param {"bare" | "valid"} mode
 * @returns {Peer}
 */
export function pythonSink(mode) {
  return {
    name: mode === "bare" ? "Python, 64 kB reads, appends only" : "Python, 200 ms reads, header kept valid",
    missing: spawnSync("python3", ["--version"]).status === 0 ? undefined : "no python3 found",
    command: ({ dataDir, readyFile }) => ["python3", file("sinks/tcp-sink.py"), mode, dataDir, readyFile],
  };
}
