import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detectNibbleOrder, initialStates, type NibbleOrder } from "../src/index.js";
import * as arbitrary from "./support/arbitraries.js";
import { encode, interleave } from "./support/codec.js";
import { SIGNALS } from "./support/vectors.js";

const ORDERS: NibbleOrder[] = ["low", "high"];

/** What each block together with the header of the next one says. */
function decisions(blocks: Uint8Array[], channels: 1 | 2, frameSamples: number) {
  return blocks
    .slice(1)
    .map((next, index) =>
      detectNibbleOrder(blocks[index], 0, blocks[index].length, channels, frameSamples, next, 0),
    );
}

describe.each(ORDERS)("%s nibble first", (order) => {
  it.each(["sine440", "noise", "chirp"])("is found from every one of 99 frames of %s", (name) => {
    const signal = SIGNALS.find((candidate) => candidate.name === name)!;
    expect(decisions(signal.blocks[order], 1, signal.frameSamples)).toEqual(Array(99).fill(order));
  });

  it("is never found from silence", () => {
    const silence = SIGNALS.find(({ name }) => name === "silence")!;
    expect(decisions(silence.blocks[order], 1, 320)).toEqual(Array(99).fill(undefined));
  });

  it.each(SIGNALS)("is never taken for the other in $name", (signal) => {
    const wrong = order === "low" ? "high" : "low";
    expect(decisions(signal.blocks[order], 1, signal.frameSamples)).not.toContain(wrong);
  });

  it("is found in stereo, also when one channel is silent", () => {
    const noise = SIGNALS.find(({ name }) => name === "noise")!.samples.subarray(0, 3200);
    for (const other of [new Int16Array(3200), noise.slice().reverse()]) {
      const pcm = interleave(noise, other);
      const states = initialStates(2);
      const blocks = Array.from({ length: 10 }, (_, frame) =>
        encode(pcm.subarray(frame * 640, (frame + 1) * 640), 2, order, states),
      );
      expect(decisions(blocks, 2, 320)).toEqual(Array(9).fill(order));
    }
  });

  it("is found where blocks have an odd number of samples", () => {
    const { samples } = SIGNALS.find(({ name }) => name === "chirp")!;
    const states = initialStates(1);
    const blocks = Array.from({ length: 20 }, (_, frame) =>
      encode(samples.subarray(frame * 441, (frame + 1) * 441), 1, order, states),
    );
    expect(decisions(blocks, 1, 441)).toEqual(Array(19).fill(order));
  });
});

it("never decides wrongly, whatever the sound and the states", () => {
  fc.assert(
    fc.property(
      arbitrary.pcm(1),
      arbitrary.pcm(1),
      arbitrary.state,
      arbitrary.order,
      (first, second, state, order) => {
        const states = [state];
        const blocks = [encode(first, 1, order, states), encode(second, 1, order, states)];
        expect([order, undefined]).toContain(decisions(blocks, 1, first.length)[0]);
      },
    ),
  );
});

describe("undecided", () => {
  const { samples } = SIGNALS.find(({ name }) => name === "noise")!;

  it("after a gap: the next header belongs to another block", () => {
    const { blocks } = SIGNALS.find(({ name }) => name === "noise")!;
    const [first, , , later] = blocks.low;
    expect(detectNibbleOrder(first, 0, first.length, 1, 320, later, 0)).toBeUndefined();
  });

  it("from a sender that starts every block anew", () => {
    const blocks = [0, 1, 2].map((frame) => encode(samples.subarray(frame * 320, (frame + 1) * 320), 1));
    expect(decisions(blocks, 1, 320)).toEqual([undefined, undefined]);
  });

  it("from a next header with a step index that is none", () => {
    const block = encode(samples.subarray(0, 320), 1);
    expect(detectNibbleOrder(block, 0, block.length, 1, 320, Uint8Array.of(0, 0, 200, 0), 0)).toBeUndefined();
  });
});

it("reads block and header where they stand, inside longer messages", () => {
  const { blocks } = SIGNALS.find(({ name }) => name === "sine440")!;
  const [first, second] = blocks.high.map((block) => Uint8Array.of(9, 9, 9, ...block, 9));
  expect(detectNibbleOrder(first, 3, first.length - 1, 1, 320, second, 3)).toBe("high");
});
