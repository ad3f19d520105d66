import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { Subject } from "../subject.js";

// Lines have some hundred bytes.
const BYTES_PER_LINE = 2000;

/** The last lines of the log file. */
export async function askLog({ values: { logFile }, logLines, names }: Subject): Promise<string[]> {
  if (logFile === undefined)
    return [
      `no --log-file: the log is on standard output; of a service: journalctl -u audio-receiver -n ${logLines} -o cat`,
    ];
  const lines = await lastLines(resolve(logFile), logLines);
  for (const line of lines)
    for (const [, name] of line.matchAll(/"device":"([\w-]+)"/g)) names.device.add(name);
  return lines;
}

async function lastLines(path: string, most: number): Promise<string[]> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const length = Math.min(size, most * BYTES_PER_LINE);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString("utf8", 0, bytesRead).trimEnd().split("\n");
    return lines.slice(length < size ? 1 : 0).slice(-most);
  } finally {
    await file.close();
  }
}
