import { Readable } from "node:stream";
import type { Now, ServerEvents, User } from "@audio/api";
import { maySee } from "../visibility.js";
import type { Happening } from "./happenings.js";
import { type Moment, nowFor } from "./view.js";

// Figures that always change (free space, lengths of queues) are told so often, when nothing else is.
const FIGURES_EVERY_MS = 10_000;
// Of a thousand devices, `now` is 300 kB: it is told no more often than it fits through a slow line.
const NOW_BYTES_PER_SECOND = 100_000;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;
/** Bytes beside one `now` that may wait for a slow reader; then it is cut off, and connects anew. */
const MOST_WAITING = 256 * 1024;

/** What every listener of an audience is told at once. */
export interface News {
  readonly moment: Moment;
  readonly happened: readonly Happening[];
  readonly tooMany: boolean;
}

/** Listeners who may see the same: what they are told is put into words once. */
export class Audience {
  readonly #user: User;
  readonly #listeners = new Set<Readable>();
  #toldState = "";
  #toldFigures = "";
  #nowBytes = 0;
  #toldNowMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(user: User) {
    this.#user = user;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** One more, who is told how things stand. */
  join(moment: Moment, nowMs: number, onGone: () => void): Readable {
    const listener = new Readable({ read: () => undefined }); // filled as things happen
    const isFirst = this.#listeners.size === 0;
    this.#listeners.add(listener);
    listener.once("close", () => {
      this.#listeners.delete(listener);
      onGone();
    });
    const now = nowFor(this.#user, moment.now);
    const text = isFirst ? this.#told(now, nowMs) : eventText("now", now);
    listener.push(`retry: ${RETRY_MS}\n\n${text}`);
    return listener;
  }

  /** Tells everybody what is new. */
  tell({ moment, happened, tooMany }: News, nowMs: number): void {
    const seen = happened.filter(({ data }) => maySee(this.#user, data.device));
    const rows = moment.levels.filter(({ device }) => maySee(this.#user, device)).map(({ row }) => row);
    const texts = [
      this.#nowText(nowFor(this.#user, moment.now), nowMs),
      rows.length === 0 ? "" : eventText("levels", { nowUs: moment.now.nowUs, rows }),
      ...seen.map(({ event, data }) => eventText(event, data)),
      tooMany ? eventText("changed", { what: "recordings" }) : "",
    ];
    this.say(texts.join(""), nowMs);
  }

  /** Sends text to everybody; nothing, but for a sign of life now and then, when it is empty. */
  say(text: string, nowMs: number): void {
    if (text === "" && nowMs - this.#toldMs < HEARTBEAT_MS) return;
    this.#toldMs = nowMs;
    const bytes = Buffer.from(text === "" ? ": still here\n\n" : text);
    for (const listener of this.#listeners) {
      listener.push(bytes);
      if (listener.readableLength > MOST_WAITING + this.#nowBytes) listener.destroy();
    }
  }

  /** Ends all of them. */
  dismiss(): void {
    for (const listener of this.#listeners) listener.destroy();
  }

  // Told when a state has changed, or figures for a while.
  #nowText(now: Now, nowMs: number): string {
    const sinceMs = nowMs - this.#toldNowMs;
    const isOther = stateOf(now) !== this.#toldState;
    const pauseMs = isOther ? (this.#nowBytes / NOW_BYTES_PER_SECOND) * 1000 : FIGURES_EVERY_MS;
    if (sinceMs < pauseMs || (!isOther && figuresOf(now) === this.#toldFigures)) return "";
    return this.#told(now, nowMs);
  }

  #told(now: Now, nowMs: number): string {
    const text = eventText("now", now);
    this.#nowBytes = text.length;
    this.#toldNowMs = nowMs;
    this.#toldState = stateOf(now);
    this.#toldFigures = figuresOf(now);
    return text;
  }
}

/** As it goes over the line. */
export function eventText<Name extends keyof ServerEvents>(name: Name, data: ServerEvents[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function figuresOf({ disk, queues }: Now): string {
  return JSON.stringify([disk, queues]);
}

function stateOf({ devices, disk, queues, readiness }: Now): string {
  const states = devices.map(({ device, state, why, streams }) => {
    return [device, state, why, streams.map(({ key }) => key)];
  });
  const stuck = queues.map(({ step, isWaiting, failing, givenUp }) => {
    return [step, isWaiting, failing > 0, givenUp];
  });
  return JSON.stringify([states, disk.trouble, stuck, readiness]);
}
