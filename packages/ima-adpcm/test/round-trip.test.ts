import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_HEADER_BYTES, blockBytes, decodeBlock, encodeBlock, initialStates } from "../src/index.js";
import * as arbitrary from "./support/arbitraries.js";
import { channelOf, decode, encode, interleave } from "./support/codec.js";

/** Any samples of one or two channels, with states to begin from. */
const stream = arbitrary.channels.chain((channels) =>
  fc.record({
    channels: fc.constant(channels),
    pcm: arbitrary.pcm(channels),
    states: fc.array(arbitrary.state, { minLength: channels, maxLength: channels }),
    order: arbitrary.order,
  }),
);

describe("a block that was encoded", () => {
  it("has the length that blockBytes says, and decodes to as many samples and to the encoder's state", () => {
    fc.assert(
      fc.property(stream, ({ channels, pcm, states, order }) => {
        const sampleFrames = pcm.length / channels;
        const block = encode(pcm, channels, order, states);
        const decoded = decode(block, channels, order, sampleFrames);
        expect(block.length).toBe(blockBytes(sampleFrames, channels));
        expect(decoded.pcm.length).toBe(pcm.length);
        expect(decoded.states).toEqual(states);
      }),
    );
  });

  it("is the same nibbles in the other order", () => {
    fc.assert(
      fc.property(stream, ({ channels, pcm, states }) => {
        const headers = BLOCK_HEADER_BYTES * channels;
        const low = encode(pcm, channels, "low", structuredClone(states));
        const high = encode(pcm, channels, "high", structuredClone(states));
        const swapped = low.map((byte, at) => (at < headers ? byte : (byte >> 4) | ((byte & 15) << 4)));
        expect(high).toEqual(swapped);
      }),
    );
  });

  it("goes on where the block before ended, wherever the samples are cut", () => {
    fc.assert(
      fc.property(stream, fc.nat(), ({ channels, pcm, states, order }, cut) => {
        const at = channels * (cut % (pcm.length / channels + 1));
        const whole = decode(
          encode(pcm, channels, order, structuredClone(states)),
          channels,
          order,
          pcm.length / channels,
        );
        const parts = [pcm.subarray(0, at), pcm.subarray(at)].map((part) =>
          decode(encode(part, channels, order, states), channels, order, part.length / channels),
        );
        expect([...parts[0].pcm, ...parts[1].pcm]).toEqual([...whole.pcm]);
        expect(parts[1].states).toEqual(whole.states);
      }),
    );
  });

  it("touches nothing around it, nor does its decoding", () => {
    fc.assert(
      fc.property(stream, ({ channels, pcm, states, order }) => {
        const sampleFrames = pcm.length / channels;
        const bytes = blockBytes(sampleFrames, channels);
        const padded = Int16Array.of(1, 2, 3, ...pcm, 4, 5);
        const out = new Uint8Array(bytes + 7).fill(0xaa);
        expect(encodeBlock(padded, 3, sampleFrames, channels, states, out, 5, order)).toBe(bytes);
        expect([...out.subarray(0, 5), ...out.subarray(5 + bytes)]).toEqual(Array(7).fill(0xaa));
        const back = new Int16Array(pcm.length + 4).fill(77);
        expect(decodeBlock(out, 5, 5 + bytes, channels, order, back, 2, sampleFrames)).toBe(sampleFrames);
        expect([...back.subarray(0, 2), ...back.subarray(2 + pcm.length)]).toEqual([77, 77, 77, 77]);
      }),
    );
  });
});

describe("stereo", () => {
  const pair = fc.record({
    pcm: arbitrary.pcm(2),
    left: arbitrary.state,
    right: arbitrary.state,
    order: arbitrary.order,
  });

  it("is two mono coders, headers first, then 4 bytes of each in turn", () => {
    fc.assert(
      fc.property(pair, ({ pcm, left, right, order }) => {
        const whole = pcm.subarray(0, pcm.length - (pcm.length % 16));
        const monoLeft = encode(channelOf(whole, 2, 0), 1, order, [{ ...left }]);
        const monoRight = encode(channelOf(whole, 2, 1), 1, order, [{ ...right }]);
        const expected: number[] = [];
        for (let at = 0; at < monoLeft.length; at += 4) {
          expected.push(...monoLeft.subarray(at, at + 4), ...monoRight.subarray(at, at + 4));
        }
        expect([...encode(whole, 2, order, [left, right])]).toEqual(expected);
      }),
    );
  });

  it("decodes to what two mono decoders yield, also of a part of a group", () => {
    fc.assert(
      fc.property(pair, ({ pcm, left, right, order }) => {
        const stereo = encode(pcm, 2, order, [{ ...left }, { ...right }]);
        const mono = [left, right].map((state, channel) => {
          const samples = channelOf(pcm, 2, channel);
          return decode(encode(samples, 1, order, [state]), 1, order, samples.length);
        });
        const decoded = decode(stereo, 2, order, pcm.length / 2);
        expect(decoded.pcm).toEqual(interleave(mono[0].pcm, mono[1].pcm));
        expect(decoded.states).toEqual([mono[0].states[0], mono[1].states[0]]);
      }),
    );
  });

  it("fills its last group by repeating the last sample frame", () => {
    const pcm = Int16Array.of(100, -100, 200, -200, 300, -300);
    const repeated = Int16Array.of(...pcm, ...Array(5).fill([300, -300]).flat());
    expect(encode(pcm, 2)).toEqual(encode(repeated, 2));
    expect(decode(encode(pcm, 2), 2).pcm.length).toBe(16);
  });

  it("leaves out a torn group at the end", () => {
    const block = encode(new Int16Array(64).fill(1234), 2);
    expect(decode(block.subarray(0, 8 + 8 + 7), 2).pcm.length).toBe(16);
  });
});

describe("mono", () => {
  it("leaves the last nibble of an odd count 0, in either order", () => {
    const pcm = Int16Array.of(-1000, 2000, -3000);
    expect(encode(pcm, 1, "low")[5] >> 4).toBe(0);
    expect(encode(pcm, 1, "high")[5] & 15).toBe(0);
  });

  it("follows a sine, the error 30 dB below it", () => {
    const pcm = Int16Array.from({ length: 1600 }, (_, n) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 200 * n) / 16000)),
    );
    const decoded = decode(encode(pcm, 1), 1).pcm;
    const noise = pcm.reduce((sum, sample, n) => sum + (sample - decoded[n]) ** 2, 0);
    const signal = pcm.reduce((sum, sample) => sum + sample ** 2, 0);
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(30);
  });
});

it("begins a stream with predictor 0 and step index 0 in every channel", () => {
  expect(initialStates(1)).toEqual([{ predictor: 0, stepIndex: 0 }]);
  const [left, right] = initialStates(2);
  expect(left).toEqual(right);
  expect(left).not.toBe(right);
});
