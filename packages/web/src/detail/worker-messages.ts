import type { Spectrogram } from "./spectrogram.js";

export interface ComputeRequest {
  readonly id: number;
  /** Taken over by the worker. */
  readonly wav: ArrayBuffer;
}

export interface Computed extends Spectrogram {
  readonly id: number;
  /** Hz */
  readonly sampleRate: number;
  /** Samples of the tile. */
  readonly frames: number;
  /** All of them; empty for a long tile. */
  readonly samples: Float32Array<ArrayBuffer>;
  readonly outline: Float32Array;
}

export interface ComputeFailure {
  readonly id: number;
  readonly error: string;
}
