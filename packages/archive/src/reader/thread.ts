// The reader's own thread: a question that reads a million rows holds up other questions, and no recording.
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { ArchiveError } from "../errors.js";
import { answersFrom } from "./answers.js";
import type { FromReader, ReaderThreadData, ToReader } from "./messages.js";
import { ReopeningCatalogue } from "./reopening-catalogue.js";

// Of 19: recording is served first, people who wait for a page before the keeper.
const NICENESS = 5;

const port = parentPort;
if (port === null) throw new TypeError("this is the reader's thread, not a program");
const { dataDir } = workerData as ReaderThreadData;
const catalogue = new ReopeningCatalogue(dataDir, answersFrom);

yieldToRecording();
port.on("message", (message: ToReader) => {
  if (message.kind === "question") answer(message);
  else stop();
});

function answer({ id, name, args }: Extract<ToReader, { kind: "question" }>): void {
  try {
    const found = catalogue.use((answers) => (answers[name] as (...all: unknown[]) => unknown)(...args));
    say({ kind: "answer", id, answer: found }, found instanceof Uint8Array ? [found.buffer] : []);
  } catch (error) {
    const code = error instanceof ArchiveError ? error.code : undefined;
    say({ kind: "failure", id, code, message: (error as Error).message });
  }
}

function say(message: FromReader, transfer: ArrayBufferLike[] = []): void {
  port?.postMessage(message, transfer as ArrayBuffer[]);
}

function stop(): void {
  catalogue.close();
  port?.close();
}

// Linux knows priorities of threads, by the numbers that stand in /proc; elsewhere all threads have the same.
function yieldToRecording(): void {
  if (process.platform !== "linux") return;
  const thread = readlinkSync("/proc/thread-self").split("/").at(-1);
  setPriority(Number(thread), NICENESS);
}
