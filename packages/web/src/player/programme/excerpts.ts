import { type Heard, reviewStops, type Stop } from "../plan/review.js";
import { LEAST_US, type Span } from "../plan/windows.js";
import { ArchiveProgramme } from "./archive.js";
import type { Next, Programme } from "./programme.js";

/** From a time to another, once or again and again. */
export class RangeProgramme implements Programme {
  readonly mode = "range";
  readonly devices: readonly string[];
  private readonly archive: ArchiveProgramme;

  constructor(
    device: string,
    readonly extent: Span,
    private readonly loop: boolean,
  ) {
    this.devices = [device];
    this.archive = new ArchiveProgramme(this.devices);
    this.archive.cutAt([extent.toUs]);
  }

  cutAt(times: readonly number[]): void {
    this.archive.cutAt(times);
  }

  async next(us: number, signal: AbortSignal): Promise<Next> {
    const { fromUs, toUs } = this.extent;
    const isBehind = us > toUs - LEAST_US;
    if (isBehind && !this.loop) return { kind: "end", text: "" };
    const next = await this.archive.next(isBehind ? fromUs : Math.max(us, fromUs), signal);
    if (next.kind !== "step" || next.step.fromUs < toUs) return next;
    const isEmpty = us <= fromUs;
    if (this.loop && !isEmpty) return this.next(toUs, signal);
    return { kind: "end", text: isEmpty ? "Nothing was recorded in this range." : "" };
  }
}

/** Only the sounds of a device, one after the other. */
export class ReviewProgramme implements Programme {
  readonly mode = "review";
  readonly devices: readonly string[];
  readonly sounds: readonly Heard[];
  readonly extent: Span;
  private readonly stops: readonly Stop[];
  private cuts: readonly number[] = [];

  constructor(device: string, sounds: readonly Heard[]) {
    this.devices = [device];
    this.sounds = [...sounds].sort((a, b) => a.startUs - b.startUs);
    this.stops = reviewStops(sounds);
    this.extent = {
      fromUs: this.stops[0]?.fromUs ?? 0,
      toUs: Math.max(0, ...this.stops.map(({ toUs }) => toUs)),
    };
  }

  cutAt(times: readonly number[]): void {
    this.cuts = [...this.cuts, ...times].sort((a, b) => a - b);
  }

  async next(us: number): Promise<Next> {
    const stop = this.stops.find(({ toUs }) => toUs - us >= LEAST_US);
    if (stop === undefined) return { kind: "end", text: "That was every sound." };
    const fromUs = Math.max(us, stop.fromUs);
    const toUs = this.cuts.find((cut) => cut > fromUs + LEAST_US && cut < stop.toUs) ?? stop.toUs;
    return { kind: "step", step: { fromUs, toUs, devices: this.devices, skippedUs: 0, isFar: false } };
  }
}
