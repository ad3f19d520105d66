import type { Gap, GapCause } from "@audio/segments";
import type { RecorderListener, StreamInfo } from "../events.js";
import type { StreamPlacement } from "./stream-placement.js";

/** Keeps account of what of one stream is missing, and tells it. */
export class GapAccount {
  readonly #stream: StreamInfo;
  readonly #placement: StreamPlacement;
  readonly #listener: RecorderListener;
  #droppingFrom: number | undefined;

  constructor(stream: StreamInfo, placement: StreamPlacement, listener: RecorderListener) {
    this.#stream = stream;
    this.#placement = placement;
    this.#listener = listener;
  }

  /** `sampleFrames` from `index` on are missing. */
  missing(index: number, sampleFrames: number, cause: GapCause, filled: boolean): Gap {
    return this.announce({ startUs: this.#placement.utcOf(index), samples: sampleFrames, cause, filled });
  }

  announce(gap: Gap): Gap {
    this.#listener.gap({ ...gap, stream: this.#stream });
    return gap;
  }

  /** From `index` on audio is thrown away, because the disk takes nothing; told when it ends. */
  beginDrop(index: number): void {
    this.#droppingFrom ??= index;
  }

  /** More of what was thrown away from `from` on was taken than it seemed: all in front of `index`. */
  correctDrop(from: number, index: number): void {
    if (this.#droppingFrom === from) this.#droppingFrom = index;
  }

  endDrop(index: number): void {
    const from = this.#droppingFrom;
    if (from === undefined) return;
    this.#droppingFrom = undefined;
    if (index > from) this.missing(from, index - from, "disk-full", false);
  }
}
