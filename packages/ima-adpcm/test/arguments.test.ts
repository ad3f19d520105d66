import { describe, expect, it } from "vitest";
import { blockBytes, decodeBlock, detectNibbleOrder, encodeBlock, initialStates } from "../src/index.js";

const pcm = new Int16Array(16);
const block = new Uint8Array(8 + 8);
const none = 0 as 1;

describe("blockBytes", () => {
  it.each([
    [0, 1, 4],
    [1, 1, 5],
    [2, 1, 5],
    [3, 1, 6],
    [320, 1, 164],
    [65_535, 1, 4 + 32_768],
    [0, 2, 8],
    [1, 2, 16],
    [8, 2, 16],
    [9, 2, 24],
    [320, 2, 328],
  ] as const)("of %i sample frames of %i channel(s) is %i", (sampleFrames, channels, bytes) => {
    expect(blockBytes(sampleFrames, channels)).toBe(bytes);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])("refuses %d sample frames", (count) => {
    expect(() => blockBytes(count, 1)).toThrow(
      new RangeError(`sampleFrames ${count} is not an integer of 0 or more`),
    );
  });

  it.each([0, 3, 1.5, Number.NaN])("refuses %d channels", (channels) => {
    const message = `channels ${channels} is not 1 or 2`;
    expect(() => blockBytes(8, channels as 1)).toThrow(new RangeError(message));
    expect(() => decodeBlock(block, 0, 16, channels as 1, "low", pcm, 0, 8)).toThrow(new RangeError(message));
    expect(() => encodeBlock(pcm, 0, 8, channels as 1, initialStates(1), block, 0)).toThrow(
      new RangeError(message),
    );
  });
});

describe("encodeBlock", () => {
  const encode = (start: number, sampleFrames: number, out: Uint8Array, outStart: number) => () =>
    encodeBlock(pcm, start, sampleFrames, 1, initialStates(1), out, outStart);

  it.each([
    ["samples that are not there", encode(1, 16, block, 0), "pcm has 16 elements, not 16 from 1 on"],
    ["a start before the first sample", encode(-1, 4, block, 0), "pcm has 16 elements, not 4 from -1 on"],
    ["a start between samples", encode(0.5, 4, block, 0), "pcm has 16 elements, not 4 from 0.5 on"],
    ["an output too short", encode(0, 16, block, 5), "out has 16 elements, not 12 from 5 on"],
    [
      "an output position that is none",
      encode(0, 16, block, Number.NaN),
      "out has 16 elements, not 12 from NaN on",
    ],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(new RangeError(message));
  });

  it.each([
    [{ predictor: 32768, stepIndex: 0 }, "predictor 32768 is not an integer of -32768 to 32767"],
    [{ predictor: 0.5, stepIndex: 0 }, "predictor 0.5 is not an integer of -32768 to 32767"],
    [{ predictor: 0, stepIndex: 89 }, "step index 89 is not 0 to 88"],
    [{ predictor: 0, stepIndex: -1 }, "step index -1 is not 0 to 88"],
    [{ predictor: 0, stepIndex: 1.5 }, "step index 1.5 is not 0 to 88"],
  ])("refuses the state %o", (state, message) => {
    expect(() => encodeBlock(pcm, 0, 8, 1, [state], block, 0)).toThrow(new RangeError(message));
  });

  it("writes headers and nothing else for no samples", () => {
    const out = new Uint8Array(8).fill(9);
    const states = [
      { predictor: -2, stepIndex: 5 },
      { predictor: 258, stepIndex: 88 },
    ];
    expect(encodeBlock(pcm, 16, 0, 2, states, out, 0)).toBe(8);
    expect([...out]).toEqual([254, 255, 5, 0, 2, 1, 88, 0]);
  });
});

describe("decodeBlock", () => {
  const decode =
    (start: number, end: number, outStart: number, most: number, channels: 1 | 2 = 1) =>
    () =>
      decodeBlock(block, start, end, channels, "low", pcm, outStart, most);

  it.each([
    ["a block shorter than its header", decode(0, 3, 0, 8), "block is 3 bytes, less than its 4 of headers"],
    [
      "a block shorter than its headers",
      decode(0, 7, 0, 8, 2),
      "block is 7 bytes, less than its 8 of headers",
    ],
    ["an end before the start", decode(8, 4, 0, 8), "block is -4 bytes, less than its 4 of headers"],
    ["bytes that are not there", decode(10, 18, 0, 8), "block has 16 elements, not 8 from 10 on"],
    ["an output too short", decode(0, 16, 1, 24), "out has 16 elements, not 24 from 1 on"],
    ["an output position that is none", decode(0, 16, -1, 8), "out has 16 elements, not 8 from -1 on"],
    ["a negative count", decode(0, 16, 4, -1), "out has 16 elements, not -1 from 4 on"],
    ["half a sample frame", decode(0, 16, 0, 1.5), "out has 16 elements, not 1.5 from 0 on"],
    ["a count that is none", decode(0, 16, 0, Number.NaN), "out has 16 elements, not NaN from 0 on"],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(new RangeError(message));
  });

  it.each([89, 255])("refuses step index %i", (stepIndex) => {
    const malformed = Uint8Array.of(0, 0, stepIndex, 0, 0);
    expect(() => decodeBlock(malformed, 0, 5, 1, "low", pcm, 0, 2)).toThrow(
      new RangeError(`step index ${stepIndex} is not 0 to 88`),
    );
  });

  it("decodes at most what is asked for, and the state there", () => {
    const states = initialStates(1);
    const bytes = Uint8Array.of(0, 0, 0, 0, 0x77, 0x77);
    expect(decodeBlock(bytes, 0, 6, 1, "low", pcm, 0, 1, states)).toBe(1);
    expect(states).toEqual([{ predictor: 11, stepIndex: 8 }]);
    expect(decodeBlock(bytes, 0, 6, 1, "low", pcm, 0, 0, states)).toBe(0);
    expect(states).toEqual([{ predictor: 0, stepIndex: 0 }]);
  });
});

describe("detectNibbleOrder", () => {
  it("refuses a next header that is not all there", () => {
    expect(() => detectNibbleOrder(block, 0, 16, 1, 24, block, 13)).toThrow(
      new RangeError("next has 16 elements, not 4 from 13 on"),
    );
    expect(() => detectNibbleOrder(block, 0, none, 1, 24, block, 0)).toThrow(RangeError);
  });
});
