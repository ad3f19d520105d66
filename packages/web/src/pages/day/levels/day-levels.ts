import { type LevelsMessage, parseLevels } from "@audio/api/client";
import { signal } from "@preact/signals";
import { server } from "../../../server/client.js";
import { LaneSheet } from "../lanes/lane-sheet.js";
import type { Span } from "../time/view.js";
import { LevelStore, NOTHING } from "./level-store.js";
import { type LiveSecond, writeSecond } from "./live-levels.js";
import { finestZoom, pointAt, type Tiling, tileAt, tileStart, zoomOf } from "./tiles.js";
import { type Wanted, wantedFor } from "./wanted.js";

/** 64 devices with the whole day, two tiles of the view and five more each. */
const ROWS = 512;
/** A view that still moves is not asked for: what is there is stretched meanwhile. */
const SETTLED_MS = 120;

/** Levels of one device at a time, in dBFS. */
export interface Loudness {
  readonly peak: number;
  readonly rms: number;
}

/** Loudness of a day's devices: asked for as the view needs it, kept within a limit, ready to be drawn. */
export class DayLevels {
  readonly tiling: Tiling;
  readonly store: LevelStore;
  readonly sheet: LaneSheet;
  /** Why what is shown is coarser or older than it should be. */
  readonly failure = signal<Error | undefined>(undefined);
  /** Nothing of the day has come yet. */
  readonly isFirst = signal(true);
  readonly #changed: () => void;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  #view: Span;
  #shown: readonly string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: { readonly what: string; readonly abort: AbortController } | undefined;

  /** @param changed there is something new to draw */
  constructor(day: Span, points: number, changed: () => void) {
    this.tiling = { day, points };
    this.store = new LevelStore(ROWS, points);
    this.sheet = new LaneSheet(points, ROWS);
    this.#changed = changed;
    this.#view = day;
  }

  /** Number of a device in the store. */
  numberOf(device: string): number {
    const known = this.#numbers.get(device);
    if (known !== undefined) return known;
    this.#names.push(device);
    this.#numbers.set(device, this.#names.length - 1);
    return this.#names.length - 1;
  }

  /** What is shown: it is asked for when the view has come to rest. */
  show(view: Span, devices: readonly string[]): void {
    const isMoved = view !== this.#view;
    this.#view = view;
    this.#shown = devices;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), isMoved && !this.isFirst.peek() ? SETTLED_MS : 0);
  }

  /** What is kept may be outdated, as after a time without a connection: it is asked for anew. */
  expire(): void {
    this.store.expire();
    void this.#ask();
  }

  /** Tries again after a failure. */
  readonly again = (): void => void this.#ask();

  /** A second that was just recorded. */
  hear(device: string, second: LiveSecond): void {
    writeSecond(this.tiling, this.store, this.numberOf(device), second, (row, point, rms) =>
      this.sheet.paintPoint(row, point, rms),
    );
    this.#changed();
  }

  /** Loudness at a time, as fine as it is known here; undefined: nothing was recorded, or it is not known. */
  at(device: string, us: number): Loudness | undefined {
    const number = this.numberOf(device);
    for (let zoom = Math.min(finestZoom(this.tiling), zoomOf(this.tiling, this.#view)); zoom >= 0; zoom--) {
      const row = this.store.find(number, zoom, tileAt(this.tiling, zoom, us));
      if (row < 0) continue;
      const point = pointAt(this.tiling, zoom, us);
      const peak = this.store.peakAt(row, point);
      if (peak === NOTHING) return undefined;
      return { peak: peak / 2 - 120, rms: this.store.rmsAt(row, point) / 2 - 120 };
    }
    return undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort.abort();
  }

  async #ask(): Promise<void> {
    const numbers = this.#shown.map((device) => this.numberOf(device));
    const wanted = wantedFor(this.tiling, this.store, this.#view, numbers);
    const what = JSON.stringify(wanted);
    if (wanted === undefined || this.#asking?.what === what) return;
    this.#asking?.abort.abort();
    const asking = { what, abort: new AbortController() };
    this.#asking = asking;
    try {
      this.#take(wanted, await this.#fetch(wanted, asking.abort.signal));
      this.failure.value = undefined;
    } catch (error) {
      if (asking.abort.signal.aborted) return;
      this.failure.value = error as Error;
      this.#asking = undefined;
      return;
    }
    this.#asking = undefined;
    void this.#ask();
  }

  async #fetch({ zoom, first, last, devices }: Wanted, signal: AbortSignal): Promise<LevelsMessage> {
    const query = {
      device: devices.map((device) => this.#names[device]),
      from: String(tileStart(this.tiling, zoom, first)),
      to: String(tileStart(this.tiling, zoom, last + 1)),
      points: (last - first + 1) * this.tiling.points,
    };
    return parseLevels(await server.call("GET /levels", { query, signal }));
  }

  #take({ zoom, first, last, devices }: Wanted, message: LevelsMessage): void {
    const { points } = this.tiling;
    if (message.devices.length !== devices.length || message.points !== (last - first + 1) * points)
      throw new RangeError(
        `levels of ${message.devices.length} devices and ${message.points} points: others were asked for`,
      );
    for (const [i, device] of devices.entries()) {
      const { peak, rms } = message.devices[i];
      for (let tile = first; tile <= last; tile++) {
        const from = (tile - first) * points;
        const part = rms.subarray(from, from + points);
        const row = this.store.put(device, zoom, tile, peak.subarray(from, from + points), part);
        this.sheet.paint(row, part);
      }
    }
    this.isFirst.value = false;
    this.#changed();
  }
}
