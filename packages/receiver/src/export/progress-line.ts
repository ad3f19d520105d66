import type { RangePlan } from "@audio/archive";

const EVERY_MS = 250;

/** Shows on a terminal how far an export is: one line, which `done` removes. */
export class ProgressLine {
  readonly #plan: RangePlan;
  readonly #terminal: NodeJS.WriteStream;
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  #shownMs: number;

  constructor(plan: RangePlan, terminal: NodeJS.WriteStream, nowMs: () => number) {
    this.#plan = plan;
    this.#terminal = terminal;
    this.#nowMs = nowMs;
    this.#beganMs = nowMs();
    this.#shownMs = this.#beganMs;
  }

  /** So many sample frames are read. */
  update(samples: number): void {
    const nowMs = this.#nowMs();
    if (!this.#terminal.isTTY || nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    this.#terminal.write(`\r\x1b[K${progressText(samples, this.#plan, nowMs - this.#beganMs)}`);
  }

  done(): void {
    if (this.#terminal.isTTY) this.#terminal.write("\r\x1b[K");
  }
}

/** `42 %, 151 s of 360 s, 830 times real time` */
export function progressText(samples: number, plan: RangePlan, elapsedMs: number): string {
  const { sampleRate } = plan.format;
  const seconds = samples / sampleRate;
  const percent = Math.floor((samples / plan.samples) * 100);
  const pace = Math.round((seconds / elapsedMs) * 1000);
  return `${percent} %, ${Math.round(seconds)} s of ${Math.round(plan.samples / sampleRate)} s, ${pace} times real time`;
}
