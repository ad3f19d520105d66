import fc from "fast-check";
import { expect, it } from "vitest";
import type { CoderState, NibbleOrder } from "../src/index.js";
import * as arbitrary from "./support/arbitraries.js";
import { decode, encode } from "./support/codec.js";
import { decodeNibble, encodeSample } from "./support/reference-coder.js";

/** The nibbles of mono data in the order of their samples. */
function nibblesOf(data: Uint8Array, order: NibbleOrder): number[] {
  return [...data].flatMap((byte) => (order === "low" ? [byte & 15, byte >> 4] : [byte >> 4, byte & 15]));
}

const header = ({ predictor, stepIndex }: CoderState) => [
  predictor & 255,
  (predictor >> 8) & 255,
  stepIndex,
  0,
];

it("encodes as the reference encoder, from any state", () => {
  fc.assert(
    fc.property(arbitrary.pcm(1), arbitrary.state, arbitrary.order, (pcm, start, order) => {
      const expected = { ...start };
      const nibbles = [...pcm].map((sample) => encodeSample(expected, sample));
      const states = [{ ...start }];
      const block = encode(pcm, 1, order, states);
      expect([...block.subarray(0, 4)]).toEqual(header(start));
      expect(nibblesOf(block.subarray(4), order).slice(0, pcm.length)).toEqual(nibbles);
      expect(states).toEqual([expected]);
    }),
  );
});

it("decodes as the reference decoder, any bytes from any state", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), arbitrary.state, arbitrary.order, (data, start, order) => {
      const expected = { ...start };
      const samples = nibblesOf(data, order).map((nibble) => decodeNibble(expected, nibble));
      const { pcm, states } = decode(Uint8Array.from([...header(start), ...data]), 1, order);
      expect([...pcm]).toEqual(samples);
      expect(states).toEqual([expected]);
    }),
  );
});

it("quantises as the reference encoder at every step index", () => {
  for (let stepIndex = 0; stepIndex <= 88; stepIndex++) {
    const different = [];
    for (let sample = -32768; sample <= 32767; sample += 23) {
      const states = [{ predictor: 0, stepIndex }];
      const expected = { predictor: 0, stepIndex };
      const nibble = encodeSample(expected, sample);
      const [, , , , data] = encode(Int16Array.of(sample), 1, "low", states);
      if (data !== nibble || states[0].predictor !== expected.predictor) different.push(sample);
    }
    expect(different).toEqual([]);
  }
});
