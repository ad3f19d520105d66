import type { FilledRange } from "./gaps.js";
import type { Levels, PcmShape } from "./levels.js";
import { LevelMeter } from "./meter.js";

/**
 * Measures audio that is read back; the same levels as {@link LevelMeter} made of it while it was recorded.
 *
 * @param pcm samples in any cuts; a torn last sample is left out
 * @param filled silence in place of missing audio, in order, as `placeGaps` finds it: without it, that silence counts as
 * what was sent
 * @throws RangeError for a shape that is none, and whatever `pcm` throws
 */
export async function measurePcm(
  pcm: AsyncIterable<Uint8Array>,
  shape: PcmShape,
  filled: readonly FilledRange[] = [],
): Promise<Levels> {
  const reading = new Reading(shape, filled);
  for await (const bytes of pcm) reading.add(bytes);
  return reading.meter.levels();
}

class Reading {
  readonly meter: LevelMeter;
  readonly #sampleBytes: number;
  readonly #frameBytes: number;
  readonly #filled: readonly FilledRange[];
  #range = 0;
  #position = 0;
  /** A sample that the cut between two pieces runs through. */
  readonly #torn: Uint8Array;
  #tornBytes = 0;

  constructor({ sampleRate, channels, bitsPerSample }: PcmShape, filled: readonly FilledRange[]) {
    this.meter = new LevelMeter(sampleRate, channels, bitsPerSample);
    this.#sampleBytes = bitsPerSample / 8;
    this.#frameBytes = channels * this.#sampleBytes;
    this.#filled = filled;
    this.#torn = new Uint8Array(this.#sampleBytes);
  }

  add(bytes: Uint8Array): void {
    let start = 0;
    if (this.#tornBytes > 0) {
      start = Math.min(bytes.length, this.#sampleBytes - this.#tornBytes);
      this.#torn.set(bytes.subarray(0, start), this.#tornBytes);
      this.#tornBytes += start;
      if (this.#tornBytes < this.#sampleBytes) return;
      this.#measure(this.#torn, 0, this.#sampleBytes);
    }
    this.#tornBytes = (bytes.length - start) % this.#sampleBytes;
    const end = bytes.length - this.#tornBytes;
    this.#measure(bytes, start, end);
    this.#torn.set(bytes.subarray(end));
  }

  /** Whole samples, which may begin and end within filled ranges. */
  #measure(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const { isFilled, until } = this.#stretch();
      const stop = Math.min(end, at + until - this.#position);
      if (isFilled) this.meter.addSilence((stop - at) / this.#sampleBytes);
      else this.meter.add(bytes, at, stop);
      this.#position += stop - at;
      at = stop;
    }
  }

  /** What lies at the position, and up to which byte of the audio. */
  #stretch(): { isFilled: boolean; until: number } {
    for (; this.#range < this.#filled.length; this.#range++) {
      const { start, samples } = this.#filled[this.#range];
      const from = start * this.#frameBytes;
      const to = (start + samples) * this.#frameBytes;
      if (this.#position < from) return { isFilled: false, until: from };
      if (this.#position < to) return { isFilled: true, until: to };
    }
    return { isFilled: false, until: Number.POSITIVE_INFINITY };
  }
}
