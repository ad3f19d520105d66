import { outlineOf } from "./outline.js";
import { spectrogram, windowSize } from "./spectrogram.js";
import { samplesOf } from "./wav-samples.js";
import type { Computed, ComputeRequest } from "./worker-messages.js";

/** So many columns: a tile is at least half of what is seen, on a screen of some 1 600 pixels. */
const COLUMNS = 1600;
/** Longer tiles are never seen sample by sample. */
const RAW_S = 16;

self.onmessage = ({ data: { id, wav } }: MessageEvent<ComputeRequest>) => {
  try {
    const { sampleRate, mono } = samplesOf(wav);
    const outline = outlineOf(mono);
    const picture = spectrogram(mono, windowSize(sampleRate), COLUMNS);
    const samples = mono.length <= RAW_S * sampleRate ? mono : new Float32Array(0);
    const computed: Computed = { id, sampleRate, frames: mono.length, samples, outline, ...picture };
    self.postMessage(computed, { transfer: [samples.buffer, outline.buffer, picture.levels.buffer] });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};
