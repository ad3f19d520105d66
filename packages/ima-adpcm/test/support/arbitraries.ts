import fc from "fast-check";
import type { CoderState, NibbleOrder } from "../../src/index.js";

export const order = fc.constantFrom<NibbleOrder>("low", "high");

export const channels = fc.constantFrom<1 | 2>(1, 2);

export const state = fc.record<CoderState>({
  predictor: fc.integer({ min: -32768, max: 32767 }),
  stepIndex: fc.integer({ min: 0, max: 88 }),
});

const sample = fc.oneof(
  fc.integer({ min: -32768, max: 32767 }),
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(-32768, 32767),
);

/** Interleaved samples: a whole number of sample frames, up to `maxSampleFrames`. */
export function pcm(channelCount: number, maxSampleFrames = 70): fc.Arbitrary<Int16Array> {
  return fc
    .array(fc.array(sample, { minLength: channelCount, maxLength: channelCount }), {
      maxLength: maxSampleFrames,
    })
    .map((frames) => Int16Array.from(frames.flat()));
}
