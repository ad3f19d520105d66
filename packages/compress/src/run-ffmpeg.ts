// One ffmpeg, started so that it can harm nobody: lowest priority, no terminal, killed with its job.

import { constants, setPriority } from "node:os";
import type { Readable, Writable } from "node:stream";
import { CompressError } from "./errors.js";

/** The end of ffmpeg's messages that is kept: the last lines say why it gave up. */
const KEPT_MESSAGE_CHARACTERS = 2000;

export interface FfmpegRun {
  /** Without the ones that every run has. */
  readonly args: readonly string[];
  readonly input?: "ignore" | "pipe";
  readonly output?: "ignore" | "pipe";
  /** What it can read as `pipe:3`. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

export interface RunningFfmpeg {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  kill(): void;
  /** Settles when it has ended; never rejects. */
  readonly ended: Promise<FfmpegEnd>;
}

export interface FfmpegEnd {
  readonly ok: boolean;
  /** Its last messages on one line; empty if it had nothing to complain of. */
  readonly messages: string;
  /** Those, or else how it ended. */
  readonly reason: string;
  readonly diskFull: boolean;
  /** It could not even be started. */
  readonly missing: boolean;
}

const QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error"];

export async function runFfmpeg(ffmpeg: string, run: FfmpegRun): Promise<RunningFfmpeg> {
  const { execa } = await import("execa"); // 70 ms that only those pay who run ffmpeg
  const child = execa(ffmpeg, [...QUIET, ...run.args], {
    stdio: [
      run.input ?? "ignore",
      run.output ?? "ignore",
      "pipe",
      run.text === undefined ? "ignore" : "pipe",
    ],
    buffer: false,
    reject: false,
    cancelSignal: run.signal,
    killSignal: "SIGKILL", // there is nothing that it should finish
  });
  if (child.pid !== undefined) yieldToRecording(child.pid);
  const text = child.stdio[3] as Writable | null | undefined;
  text?.on("error", () => undefined).end(run.text); // one that ends early says why on stderr
  let messages = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    messages = (messages + chunk).slice(-KEPT_MESSAGE_CHARACTERS);
  });
  const ended = child.then((result) => endOf(result, messages));
  return { stdin: child.stdin, stdout: child.stdout, kill: () => child.kill("SIGKILL"), ended };
}

function yieldToRecording(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error; // it has ended already
  }
}

interface ChildResult {
  readonly exitCode?: number;
  readonly signal?: string;
  /** Of an error of the system. */
  readonly code?: string;
}

function endOf({ exitCode, signal, code }: ChildResult, text: string): FfmpegEnd {
  const messages = lastLines(text);
  const missing = code === "ENOENT" || code === "EACCES";
  const how =
    signal === undefined ? `it ended with exit code ${exitCode ?? code}` : `it was killed by ${signal}`;
  return {
    ok: exitCode === 0,
    messages,
    reason: messages || how,
    diskFull: /No space left on device|Disk quota exceeded/.test(text),
    missing,
  };
}

/** @throws CompressError `ffmpeg-missing` for one that could not be started */
export function checkStarted(ffmpeg: string, { missing }: FfmpegEnd): void {
  if (missing)
    throw new CompressError("ffmpeg-missing", `${ffmpeg} cannot be started: is it still installed?`);
}

/** ffmpeg says the cause a line or two before the last, behind the name of a part of itself. */
function lastLines(messages: string): string {
  const lines = messages.split(/[\r\n]+/).map((line) => line.replace(/^\[\S+ @ 0x[\da-f]+\] /, "").trim());
  return [...new Set(lines.filter((line) => line !== "").slice(-3))].join("; ").replace(/\p{Cc}+/gu, " ");
}
