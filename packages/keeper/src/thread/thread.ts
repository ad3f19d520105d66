// The keeper's own thread: recording goes on while this one waits for a disk, computes, or dies.
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { type Keeper, openKeeper } from "../keeper.js";
import type { KeeperSettings } from "../keeper-settings.js";
import type { FromThread, Question, ToThread } from "./messages.js";

// Of 19: recording is served first when both want the processor.
const NICENESS = 10;

const port = parentPort;
if (port === null) throw new TypeError("this is the keeper's thread, not a program");
const say = (message: FromThread) => port.postMessage(message);

yieldToRecording();
const keeper: Keeper = openKeeper(workerData as KeeperSettings, {
  note: (note) => say({ kind: "note", note }),
  taken: (count) => say({ kind: "taken", count }),
  broken: ({ message }) => {
    say({
      kind: "note",
      note: { level: "error", message: "the catalogue is damaged", fields: { reason: message } },
    });
    process.exit(1); // ends this thread alone; its starter starts another, which builds the catalogue anew
  },
});
port.on("message", (message: ToThread) => {
  if (message.kind === "events") keeper.take(message.events);
  else if (message.kind === "settings") keeper.change(message.settings);
  else if (message.kind === "question") void answer(message.id, message.question);
  else keeper.close().then(() => port.close());
});
say({ kind: "ready" });

async function answer(id: number, question: Question): Promise<void> {
  try {
    say({ kind: "answer", id, answer: await answerTo(question) });
  } catch (error) {
    const fields = { question: question.name, reason: (error as Error).message };
    say({ kind: "note", note: { level: "error", message: "a question cannot be answered", fields } });
    say({ kind: "answer", id, answer: undefined });
  }
}

function answerTo({ name, asked }: Question): unknown {
  if (name === "loss") return keeper.loss(asked);
  if (name === "remove") return keeper.remove(asked);
  return keeper.status();
}

// Linux knows priorities of threads, by the numbers that stand in /proc; elsewhere all threads have the same.
function yieldToRecording(): void {
  if (process.platform !== "linux") return;
  const thread = readlinkSync("/proc/thread-self").split("/").at(-1);
  setPriority(Number(thread), NICENESS);
}
