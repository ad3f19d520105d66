import { renameSync, writeFileSync } from "node:fs";

/**
 * Says where a sink listens, in the same words as the receiver's own `--ready-file`.
 * @param {string} file
 * @param {"ws" | "tcp"} transport
 * @param {ReturnType<import("node:net").Server["address"]>} address
 */
export function writeReadyFile(file, transport, address) {
  const { port } = /** @type {import("node:net").AddressInfo} */ (address);
  const location = transport === "ws" ? `ws://127.0.0.1:${port}/ws` : `127.0.0.1:${port}`;
  writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, [transport]: location }));
  renameSync(`${file}.new`, file);
}
