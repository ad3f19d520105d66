/** Every entry of the corpus at every reader: nothing but its own error, in bounded memory, what came before kept. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checkDatagram,
  FRAME_HEADER_BYTES,
  FrameSplitter,
  HANDSHAKE_BYTES,
  isDatagram,
  maxFrameBytes,
  ProtocolError,
  parseAcknowledgement,
  parseHandshake,
  type StreamFormat,
} from "@audio/protocol";
import { PcmReader, parseMetadata, parseWavHeader, planRepair, WavError } from "@audio/wav";
import { afterAll, expect, it } from "vitest";
import { repairBin, repairWav } from "../packages/archive/src/recovery/repair.js";
import { corpus, type Entry } from "./corpus/corpus.js";

const ROOT = join(import.meta.dirname, "..");
const ENTRIES = corpus();
const MONO: StreamFormat = { codec: "pcm16", channels: 1, frameSamples: 4 };
// One byte at a time finds what depends on a cut; larger ones what depends on there being none.
const CUTS = [1, 7, 100_000];

const folder = mkdtempSync(join(tmpdir(), "audio-corpus-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What an action returns, or the error of this class that it throws; any other passes through. */
function outcomeOf<T, E>(expected: new (...args: never[]) => E, action: () => T): T | E {
  try {
    return action();
  } catch (error) {
    if (error instanceof expected) return error;
    throw error;
  }
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** The frames that a splitter finds before it refuses, and what it refuses. */
function split(bytes: Uint8Array, format: StreamFormat, cut: number): { frames: string[]; fault: unknown } {
  const splitter = new FrameSplitter(format);
  const frames: string[] = [];
  const note = (chunk: Uint8Array, start: number, end: number) =>
    frames.push(Buffer.from(chunk.subarray(start, end)).toString("hex"));
  const fault = outcomeOf(ProtocolError, () => {
    for (const piece of pieces(bytes, cut)) {
      splitter.push(piece, note);
      expect(splitter.bufferedBytes).toBeLessThanOrEqual(maxFrameBytes(format));
    }
  });
  return { frames, fault };
}

function formatOf(bytes: Uint8Array): StreamFormat {
  const handshake = outcomeOf(ProtocolError, () => parseHandshake(bytes.subarray(0, HANDSHAKE_BYTES)));
  return handshake instanceof ProtocolError ? MONO : handshake;
}

/** All samples that a reader gives of these bytes behind `header`, until it refuses. */
function samples(
  header: Exclude<ReturnType<typeof parseWavHeader>, undefined>,
  bytes: Uint8Array,
  cut: number,
) {
  const reader = new PcmReader(header);
  const heard: number[] = [];
  const fault = outcomeOf(WavError, () => {
    for (const piece of pieces(bytes.subarray(header.dataOffset), cut)) {
      heard.push(...reader.push(piece));
      expect(reader.bufferedBytes).toBeLessThanOrEqual(header.blockAlign);
    }
  });
  return { heard, fault };
}

it("is what its generator writes", () => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "test/corpus/make.mjs"), "--check"], {
    encoding: "utf8",
  });
  expect(stdout + stderr).toBe("the corpus is up to date\n");
});

function expectHandshakeOrReason(bytes: Uint8Array): void {
  const outcome = outcomeOf(ProtocolError, () => parseHandshake(bytes));
  if (outcome instanceof ProtocolError) expect(outcome.message).toMatch(/^invalid handshake: \S/);
  else expect(outcome.frameSamples).toBeGreaterThan(0);
  expect(outcomeOf(ProtocolError, () => parseAcknowledgement(bytes))).toBeInstanceOf(ProtocolError);
}

function expectDatagramOrReason(bytes: Uint8Array): void {
  for (const channels of [1, 2, 8]) {
    const outcome = outcomeOf(ProtocolError, () => checkDatagram(bytes, channels));
    expect(outcome === undefined).toBe(isDatagram(bytes, channels));
    if (outcome !== undefined) expect(outcome.message).toMatch(/^invalid datagram: \S/);
  }
}

function expectSameFramesHoweverCut(bytes: Uint8Array): void {
  for (const [format, start] of [
    [MONO, 0],
    [formatOf(bytes), HANDSHAKE_BYTES],
  ] as const) {
    const [whole, ...others] = CUTS.map((cut) => split(bytes.subarray(start), format, cut));
    for (const other of others) expect(other).toEqual(whole);
    for (const frame of whole.frames) expect(frame.length / 2).toBeGreaterThan(FRAME_HEADER_BYTES);
  }
}

function expectSameSamplesHoweverCut(bytes: Uint8Array): void {
  const header = outcomeOf(WavError, () => parseWavHeader(bytes));
  if (header === undefined || header instanceof WavError) return;
  const [whole, ...others] = CUTS.map((cut) => samples(header, bytes, cut));
  for (const other of others) {
    expect(other.fault).toEqual(whole.fault);
    if (whole.fault === undefined) expect(other.heard).toEqual(whole.heard);
  }
  parseMetadata(bytes.subarray(header.dataOffset)); // throws nothing
}

async function expectRepairOnceAndForAll(bytes: Buffer, path: string): Promise<void> {
  outcomeOf(WavError, () => planRepair(bytes.subarray(0, 44), bytes.length));
  for (const repair of [repairWav, repairBin]) {
    writeFileSync(path, bytes);
    await using file = await open(path, "r+");
    const first = await repair(file);
    const left = readFileSync(path);
    if (first.fault !== undefined) expect(left.equals(bytes)).toBe(true);
    else expect(first.bytes + first.cutBytes).toBe(bytes.length);
    if (first.bytes === 0) continue; // to be removed
    expect(first.bytes).toBe(left.length);
    expect(await repair(file)).toEqual({ ...first, cutBytes: 0 });
  }
}

it.each(ENTRIES)("$name harms no reader", async ({ name, bytes }: Entry) => {
  expectHandshakeOrReason(bytes);
  expectDatagramOrReason(bytes);
  expectSameFramesHoweverCut(bytes);
  expectSameSamplesHoweverCut(bytes);
  await expectRepairOnceAndForAll(bytes, join(folder, name.replace("/", "-")));
});
