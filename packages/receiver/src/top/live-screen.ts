import type { Now } from "@audio/api";
import { lastFirstLine, type ScreenSize, screenOf } from "./screen.js";

const EVERY_MS = 1000;
const LONGEST_ANSWER_MS = 5000;

// What a terminal sends for one key; Escape alone is one, and what arrows begin with.
const KEY = /\p{Cc}[[O][0-9;]*[A-Za-z~]|[\s\S]/gu;
const ENDING_KEYS = ["q", "\u0003", "\u001b"]; // Ctrl-C and Escape
const LINES: Readonly<Record<string, number>> = { "\u001b[A": -1, k: -1, "\u001b[B": 1, j: 1 };
const PAGES: Readonly<Record<string, number>> = { "\u001b[5~": -1, "\u001b[6~": 1, " ": 1 };
const BACK_TO_FIRST = ["\u001b[H", "\u001b[1~", "g"];
const ON_TO_LAST = ["\u001b[F", "\u001b[4~", "G"];

const OTHER_SCREEN = "\u001b[?1049h\u001b[?25l";
const FIRST_SCREEN = "\u001b[?25h\u001b[?1049l";
const FROM_THE_TOP = "\u001b[H";
const CLEAR_REST = "\u001b[J";
const CLEAR_LINE = "\u001b[K";

/** Asks a receiver how it does; gives up when the signal is aborted. */
export type AskNow = (signal: AbortSignal) => Promise<Now>;

/**
 * Draws on a screen of its own once a second, and whenever a key or the window's size asks for it, until somebody ends it.
 * When the receiver does not answer, what it said last stays, below the reason.
 */
export async function watchLive(first: Now, ask: AskNow): Promise<void> {
  const screen = new LiveScreen(first);
  const { stdin, stdout } = process;
  const ended = new AbortController();
  const end = () => ended.abort();
  const draw = () => screen.draw();
  const onKeys = (bytes: Buffer) => {
    for (const [sent] of bytes.toString().matchAll(KEY)) {
      const key = sent.replace("\u001bO", "\u001b[");
      if (ENDING_KEYS.includes(key)) end();
      else screen.scroll(key);
    }
  };
  process.once("SIGINT", end).once("SIGTERM", end);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", onKeys).resume();
  stdout.on("resize", draw).write(OTHER_SCREEN);
  try {
    for (; !ended.signal.aborted; await pause(ended.signal)) await screen.update(ask, ended.signal);
  } finally {
    stdout.off("resize", draw).write(FIRST_SCREEN);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.off("data", onKeys).pause();
  }
}

/** Room on this terminal. */
export function terminalSize(): ScreenSize {
  const { rows = Number.POSITIVE_INFINITY, columns = Number.POSITIVE_INFINITY } = process.stdout;
  return { rows, columns };
}

class LiveScreen {
  #now: Now;
  #heardMs = performance.now();
  #trouble: string | undefined;
  #firstLine = 0;

  constructor(first: Now) {
    this.#now = first;
  }

  async update(ask: AskNow, signal: AbortSignal): Promise<void> {
    try {
      this.#now = await ask(AbortSignal.any([signal, AbortSignal.timeout(LONGEST_ANSWER_MS)]));
      this.#heardMs = performance.now();
      this.#trouble = undefined;
    } catch (error) {
      const { message, cause } = error as Error;
      this.#trouble = cause instanceof Error ? cause.message : message;
    }
    this.draw();
  }

  scroll(key: string): void {
    const { rows, columns } = terminalSize();
    const last = lastFirstLine(this.#now, { rows, columns });
    const by = LINES[key] ?? (PAGES[key] ?? 0) * Math.max(1, rows - 8);
    const wanted = BACK_TO_FIRST.includes(key) ? 0 : ON_TO_LAST.includes(key) ? last : this.#firstLine + by;
    this.#firstLine = Math.min(last, Math.max(0, wanted));
    this.draw();
  }

  draw(): void {
    const { rows, columns } = terminalSize();
    const head = this.#trouble === undefined ? [] : [this.#unheard().slice(0, columns)];
    const size = { rows: rows - head.length, columns };
    const text = [...head, screenOf(this.#now, size, this.#firstLine)].join("\n");
    process.stdout.write(FROM_THE_TOP + text.replaceAll("\n", `${CLEAR_LINE}\n`) + CLEAR_LINE + CLEAR_REST);
  }

  #unheard(): string {
    const seconds = Math.round((performance.now() - this.#heardMs) / 1000);
    return `NO ANSWER for ${seconds} s: ${this.#trouble}`;
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, EVERY_MS);
    signal.addEventListener("abort", done);
  });
}
