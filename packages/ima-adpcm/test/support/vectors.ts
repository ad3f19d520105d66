// Golden bytes of an independent codec: see test/vectors at the root of the repository.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CoderState, NibbleOrder } from "../../src/index.js";

const FOLDER = join(import.meta.dirname, "../../../../test/vectors");

/** In front of every block in the `.bin` files stands the wire protocol's frame header. */
const FRAME_HEADER_BYTES = 12;

interface SignalEntry {
  name: string;
  channels: 1;
  frameSamples: number;
  frames: number;
  pcm: string;
  adpcmLow: string;
  adpcmHigh: string;
  decoded: string;
  finalState: CoderState;
  sha256: Record<string, string>;
}

export interface Signal extends SignalEntry {
  samples: Int16Array;
  decodedSamples: Int16Array;
  /** The blocks, one per frame, without their frame headers. */
  blocks: Record<NibbleOrder, Uint8Array[]>;
}

export function readVector(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, file)));
}

function readSamples(file: string): Int16Array {
  return new Int16Array(readVector(file).buffer);
}

function readBlocks(file: string, frames: number): Uint8Array[] {
  const bytes = readVector(file);
  const frameBytes = bytes.length / frames;
  return Array.from({ length: frames }, (_, frame) =>
    bytes.subarray(frame * frameBytes + FRAME_HEADER_BYTES, (frame + 1) * frameBytes),
  );
}

function readSignal(entry: SignalEntry): Signal {
  return {
    ...entry,
    samples: readSamples(entry.pcm),
    decodedSamples: readSamples(entry.decoded),
    blocks: {
      low: readBlocks(entry.adpcmLow, entry.frames),
      high: readBlocks(entry.adpcmHigh, entry.frames),
    },
  };
}

const index = JSON.parse(readFileSync(join(FOLDER, "index.json"), "utf8")) as { signals: SignalEntry[] };

export const SIGNALS: Signal[] = index.signals.map(readSignal);
