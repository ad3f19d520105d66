import { countOf, durationOf } from "../../parts/words.js";
import type { Now } from "../../server/live.js";

export type QueueNow = Now["queues"][number];

/** A step after the recording, in words. */
export interface QueueWords {
  readonly name: string;
  /** What it does. */
  readonly told: string;
  /** What to do, where something is wrong. */
  readonly advice: string | undefined;
  readonly kind: "idle" | "busy" | "warn" | "bad";
}

const NAMES: Readonly<Record<string, string>> = {
  measure: "Levels and catalogue",
  compress: "Compression",
  upload: "Upload",
  tell: "Events for others",
};

const WHY_WAITS: Readonly<Record<string, string>> = {
  compress: "There is no ffmpeg that works, or no room. audio-receiver doctor says which.",
  upload: "The bucket does not answer, or its settings are wrong. audio-receiver doctor says which.",
  measure: "The catalogue cannot be written. audio-receiver doctor says why.",
};

/** What a queue does, as a person would tell it. */
export function queueWords(queue: QueueNow): QueueWords {
  const { step } = queue;
  const name = NAMES[step] ?? (step.startsWith("hook:") ? `Hook ${step.slice(5)}` : step);
  const kind = kindOf(queue);
  return { name, told: toldOf(queue), advice: adviceOf(queue), kind };
}

function kindOf({ waiting, running, failing, givenUp, isWaiting }: QueueNow): QueueWords["kind"] {
  if (givenUp > 0) return "bad";
  if (isWaiting || failing > 0) return "warn";
  return waiting + running > 0 ? "busy" : "idle";
}

function toldOf({ waiting, running, failing, givenUp, isWaiting, oldestMs }: QueueNow): string {
  const age = oldestMs === null ? "" : ` for up to ${durationOf(oldestMs * 1000)}`;
  const parts = [
    isWaiting && `waits with ${countOf(waiting, "job")}${age}`,
    running > 0 && `${running} at work`,
    waiting > 0 && !isWaiting && `${waiting} waiting${age}`,
    failing > 0 && `${failing} failed and tried again`,
    givenUp > 0 && `${countOf(givenUp, "job")} given up`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

function adviceOf({ step, isWaiting, givenUp }: QueueNow): string | undefined {
  if (isWaiting) return WHY_WAITS[step] ?? "What it needs does not answer. The receiver's log says why.";
  if (givenUp > 0) return "It will not be tried again by itself. The receiver's log says why.";
  return undefined;
}

/** What is the matter with the receiver itself, and what to do, by the code of the reason. */
export const REASONS: Readonly<Record<string, { readonly title: string; readonly advice: string }>> = {
  "disk-full": {
    title: "The disk is full: nothing is recorded",
    advice: "Free some of it, or set a retention. Recording goes on by itself as soon as there is room.",
  },
  "disk-unavailable": {
    title: "The disk is gone: nothing is recorded",
    advice: "Is it mounted, and may the receiver write to it? Recording goes on by itself.",
  },
  "disk-stalled": {
    title: "The disk does not answer: what arrives waits in memory",
    advice: "A network disk may have lost its server; a disk may be dying. Recording goes on by itself.",
  },
  stopping: { title: "The receiver is stopping", advice: "What is open is being finished." },
};
