import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock, initialStates, type NibbleOrder } from "../src/index.js";
import { firstDifference } from "./support/difference.js";
import { readVector, SIGNALS, type Signal } from "./support/vectors.js";

const ORDERS: NibbleOrder[] = ["low", "high"];

/** Encodes frame after frame with the state carried on. */
function encodeFrames({ samples, frames, frameSamples }: Signal, order: NibbleOrder) {
  const states = initialStates(1);
  const blocks = Array.from({ length: frames }, (_, frame) => {
    const block = new Uint8Array(4 + frameSamples / 2);
    const bytes = encodeBlock(samples, frame * frameSamples, frameSamples, 1, states, block, 0, order);
    expect(bytes).toBe(block.length);
    return block;
  });
  return { blocks, states };
}

function decodeFrames({ blocks, samples, frameSamples }: Signal, order: NibbleOrder) {
  const out = new Int16Array(samples.length);
  const states = initialStates(1);
  let written = 0;
  for (const block of blocks[order]) {
    written += decodeBlock(block, 0, block.length, 1, order, out, written, frameSamples, states);
  }
  expect(written).toBe(samples.length);
  return { out, states };
}

it("covers six signals of 100 frames", () => {
  expect(SIGNALS.map(({ name }) => name)).toEqual([
    "silence",
    "sine440",
    "noise",
    "extremes",
    "chirp",
    "clicks",
  ]);
  expect(SIGNALS.map(({ frames }) => frames)).toEqual([100, 100, 100, 100, 100, 100]);
});

describe.each(SIGNALS)("$name", (signal) => {
  it("is as it was made", () => {
    for (const [file, sha256] of Object.entries(signal.sha256)) {
      expect(createHash("sha256").update(readVector(file)).digest("hex")).toBe(sha256);
    }
  });

  it.each(ORDERS)("is encoded byte for byte, %s nibble first", (order) => {
    const { blocks, states } = encodeFrames(signal, order);
    expect(firstDifference(Buffer.concat(blocks), Buffer.concat(signal.blocks[order]))).toBeUndefined();
    expect(states).toEqual([signal.finalState]);
  });

  it.each(ORDERS)("is decoded sample for sample, %s nibble first", (order) => {
    const { out, states } = decodeFrames(signal, order);
    expect(firstDifference(out, signal.decodedSamples)).toBeUndefined();
    expect(states).toEqual([signal.finalState]);
  });
});
