import { formatFrame } from "@audio/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeNote, type Note, type Run, readRecords, type SessionNote } from "../src/journal/records.js";
import { RunBuffer } from "../src/journal/run-buffer.js";

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const utcUs = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const notes: fc.Arbitrary<Note> = fc.oneof(
  fc.record({ kind: fc.constant("done" as const), stem: fc.string({ unit: "grapheme" }) }),
  fc.record({ kind: fc.constant("heard" as const), key: fc.string(), endUs: utcUs, live: fc.boolean() }),
  fc.record<SessionNote>({
    kind: fc.constant("session" as const),
    id: u32,
    key: fc.string({ unit: "grapheme" }),
    format: fc.constant({ codec: "pcm16", channels: 2, frameSamples: 160, sampleRate: 8000 }),
    nextSeq: u32,
    index: utcUs,
    utcUs,
    order: fc.constantFrom("low", "high"),
    segments: fc.nat(),
  }),
);

interface RunSpec {
  readonly run: Omit<Run, "frames" | "nextSeq">;
  readonly frames: readonly Uint8Array[];
}

const runs: fc.Arbitrary<RunSpec> = fc.record({
  run: fc.record({
    session: u32,
    segment: u32,
    index: utcUs,
    utcUs,
    binAt: fc.integer({ min: -1, max: 2 ** 40 }),
    order: fc.constantFrom("low", "high"),
    endIndex: utcUs,
  }),
  frames: fc
    .array(fc.tuple(u32, fc.uint8Array({ minLength: 1, maxLength: 40 })), { minLength: 1, maxLength: 6 })
    .map((list) => list.map(([seq, payload]) => formatFrame("pcm16", seq, payload))),
});

const records = fc.array(
  fc.oneof(
    notes.map((note) => ({ bytes: encodeNote(note), read: plain(note) })),
    runs.map((spec) => ({ bytes: encodeRun(spec), read: plain(expectedRun(spec)) })),
  ),
  { maxLength: 8 },
);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function encodeRun({ run, frames }: RunSpec): Buffer {
  const buffer = new RunBuffer();
  buffer.begin(run);
  for (const frame of frames) buffer.append(frame, 0, frame.length);
  buffer.end(run.endIndex);
  return Buffer.from(buffer.records);
}

function expectedRun({ run, frames }: RunSpec): Run {
  const all = Buffer.concat(frames);
  const last = Buffer.from(frames[frames.length - 1]).readUInt32LE(8);
  return { ...run, frames: all, nextSeq: (last + 1) % 2 ** 32 };
}

async function read(bytes: Buffer) {
  const found: unknown[] = [];
  const end = await readRecords(bytes, {
    note: (note) => found.push(plain(note)),
    run: (run) => void found.push(plain({ ...run, frames: Buffer.from(run.frames) })),
  });
  return { found, ...end };
}

describe("records of the journal", () => {
  it("are read as they were written", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (list) => {
        const bytes = Buffer.concat(list.map((record) => record.bytes));
        const { found, bytes: end, rotten } = await read(bytes);
        expect(found).toEqual(list.map((record) => record.read));
        expect([end, rotten]).toEqual([bytes.length, false]);
      }),
    );
  });

  it("are those in front of a cut, wherever that is, and what follows may come yet", async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.double({ min: 0, max: 1, noNaN: true }), async (list, share) => {
        const bytes = Buffer.concat(list.map((record) => record.bytes));
        const cut = Math.floor(bytes.length * share);
        const whole: unknown[] = [];
        let end = 0;
        for (const record of list) {
          if (end + record.bytes.length > cut) break;
          end += record.bytes.length;
          whole.push(record.read);
        }
        expect(await read(bytes.subarray(0, cut))).toEqual({ found: whole, bytes: end, rotten: false });
      }),
    );
  });

  it("end in front of the one in which a bit is wrong", async () => {
    const nonEmpty = records.filter((list) => list.length > 0);
    await fc.assert(
      fc.asyncProperty(nonEmpty, fc.nat(), fc.integer({ min: 1, max: 255 }), async (list, place, flip) => {
        const bytes = Buffer.concat(list.map((record) => record.bytes));
        const at = place % bytes.length;
        bytes[at] ^= flip;
        let end = 0;
        const before = list.filter((record) => {
          end += record.bytes.length;
          return end <= at;
        });
        expect((await read(bytes)).found).toEqual(before.map((record) => record.read));
      }),
    );
  });

  it.each([
    ["nothing", 0],
    ["more than any record holds", 16 * 1024 * 1024 + 1],
    ["4 GiB", 2 ** 32 - 1],
  ])("are over at one that claims %s", async (_, length) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(length, 0);
    expect(await read(bytes)).toEqual({ found: [], bytes: 0, rotten: true });
  });

  it("are over at zeros, which a power loss leaves", async () => {
    const note = encodeNote({ kind: "done", stem: "x" });
    const { found, bytes, rotten } = await read(Buffer.concat([note, Buffer.alloc(4096)]));
    expect([found.length, bytes, rotten]).toEqual([1, note.length, true]);
  });
});
