import { execFileSync } from "node:child_process";
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Segment } from "../src/catalogue/segment.js";
import { planRange } from "../src/playback/plan.js";
import { pieceAt, readRange } from "../src/playback/read-range.js";
import { compress, decodeByFfmpeg, joined, noise, played, storeOf } from "./support/playing.js";
import { put } from "./support/recordings.js";
import { EVENING, local, putWav, remote, SECOND, segment } from "./support/segments.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const RATE = 8000;
const BYTES = 2 * RATE;
const input = noise(30 * BYTES);
const range = (from: number, to: number) => ({
  fromUs: EVENING + from * SECOND,
  toUs: EVENING + to * SECOND,
  gaps: "silence" as const,
});

let dataDir: string;
let segments: Segment[];
let paths: string[];

beforeEach(() => {
  dataDir = newFolder();
  segments = [0, 1, 2].map((i) => segment({ stem: `a/s${i}`, startUs: EVENING + i * 10 * SECOND }));
  paths = segments.map((one, i) =>
    putWav(dataDir, one, input.subarray(i * 10 * BYTES, (i + 1) * 10 * BYTES)),
  );
});

const play = (from = 0, to = 30, more = {}) =>
  played(planRange(segments, range(from, to)), { dataDir, ...more });
const audio = (from: number, to: number) => input.subarray(from * BYTES, to * BYTES);
const silence = (seconds: number) => Buffer.alloc(seconds * BYTES);

describe("reading a plan", () => {
  it("gives the input back, over all cuts", async () => {
    const { pcm, notes } = await play();
    expect(pcm.equals(input)).toBe(true);
    expect(notes).toEqual([]);
    expect((await play(3.25, 21.5)).pcm.equals(audio(3.25, 21.5))).toBe(true);
  });

  it("puts silence where nothing was recorded", async () => {
    segments.splice(1, 1);
    const { pcm } = await play(-1, 31);
    expect(
      pcm.equals(Buffer.concat([silence(1), audio(0, 10), silence(10), audio(20, 30), silence(1)])),
    ).toBe(true);
  });

  it("begins and ends anywhere in it", async () => {
    const plan = planRange(segments, range(0, 30))!;
    for (const [from, samples] of [
      [0, 1],
      [79_999, 2],
      [80_000, 1],
      [239_999, 10],
      [100_000, 90_000],
      [240_000, 5],
    ]) {
      const pcm = await joined(readRange(plan, { dataDir }, { from, samples }));
      expect(pcm.equals(input.subarray(from * 2, (from + samples) * 2))).toBe(true);
    }
    expect([0, 79_999, 80_000, 239_999, 240_000].map((at) => pieceAt(plan.pieces, at))).toEqual([
      0, 0, 1, 2, 3,
    ]);
  });

  it("ends with the reason of a signal", async () => {
    const plan = planRange(segments, range(0, 30))!;
    const stop = new AbortController();
    const reading = readRange(plan, { dataDir }, { signal: stop.signal });
    await reading.next();
    stop.abort(new Error("enough"));
    await expect(joined(reading)).rejects.toThrow("enough");
  });

  it("leaves no file open when its reader leaves", async () => {
    const before = openFiles();
    for await (const _ of readRange(planRange(segments, range(0, 30))!, { dataDir })) break;
    expect(openFiles()).toBe(before);
  });
});

const openFiles = () =>
  execFileSync("ls", ["-l", `/proc/${process.pid}/fd`], { encoding: "utf8" }).split(dataDir).length;

describe("forms of a segment", () => {
  it("may be any, from one segment to the next", async () => {
    compress(paths[0], paths[0].replace(/wav$/, "flac"));
    rmSync(paths[0]);
    const stored = join(newFolder(), "k.wav");
    renameSync(paths[2], stored);
    segments[0] = { ...segments[0], forms: [local("flac")] };
    segments[2] = { ...segments[2], forms: [remote("wav", statSync(stored).size)] };
    const { openRemote } = storeOf(() => stored);
    const { pcm, notes } = await play(0.5, 29.5, { decode: decodeByFfmpeg, openRemote });
    expect(pcm.equals(audio(0.5, 29.5))).toBe(true);
    expect(notes).toEqual([]);
  });

  it("may lie in a store, and be compressed there", async () => {
    const stored = join(newFolder(), "k.flac");
    compress(paths[1], stored);
    rmSync(paths[1]);
    segments[1] = { ...segments[1], forms: [remote("flac", statSync(stored).size)] };
    const { pcm } = await play(0, 30, {
      decode: decodeByFfmpeg,
      openRemote: storeOf(() => stored).openRemote,
    });
    expect(pcm.equals(input)).toBe(true);
  });

  it("are fetched by ranges, not as a whole, when they are long", async () => {
    const long = noise(600 * BYTES, 3);
    const one = segment({ stem: "long", samples: 600 * RATE, forms: [remote("wav", long.length + 44)] });
    const path = putWav(dataDir, one, long, "object");
    const store = storeOf(() => path);
    const plan = planRange([one], range(400, 401));
    const { pcm } = await played(plan, { dataDir, openRemote: store.openRemote });
    expect(pcm.equals(long.subarray(400 * BYTES, 401 * BYTES))).toBe(true);
    expect(store.asked).toEqual([
      [0, 4096],
      [44 + 400 * BYTES, 44 + 401 * BYTES],
    ]);
  });

  it("are exact ones before Opus, and local ones before remote ones", async () => {
    compress(paths[0], paths[0].replace(/wav$/, "opus"));
    segments[0] = {
      ...segments[0],
      forms: [local("opus"), remote("flac", 9), remote("wav", 9), local("wav")],
    };
    expect((await play(0, 10, { decode: decodeByFfmpeg })).pcm.equals(audio(0, 10))).toBe(true);
  });

  it("may be Opus alone: as long as the original", async () => {
    compress(paths[1], paths[1].replace(/wav$/, "opus"));
    rmSync(paths[1]);
    segments[1] = { ...segments[1], forms: [local("opus")] };
    const { pcm, notes } = await play(0, 30, { decode: decodeByFfmpeg });
    expect(pcm.length).toBe(input.length);
    expect(notes).toEqual([]); // a sample or two that Opus lacks are no damage
    expect(pcm.subarray(20 * BYTES).equals(audio(20, 30))).toBe(true);
  });

  it("may still be in progress", async () => {
    renameSync(paths[2], `${paths[2]}.part`);
    expect((await play()).pcm.equals(input)).toBe(true);
  });

  it("keep their width and channels", async () => {
    const wide = segment({ stem: "wide", channels: 3, bitsPerSample: 24 });
    const bytes = noise(10 * RATE * 9, 5);
    putWav(dataDir, wide, bytes);
    const { pcm } = await played(planRange([wide], range(1, 9)), { dataDir });
    expect(pcm.equals(bytes.subarray(RATE * 9, 9 * RATE * 9))).toBe(true);
  });
});

describe("what has changed since it was planned", () => {
  it("is found: compressed meanwhile", async () => {
    compress(paths[1], paths[1].replace(/wav$/, "flac"));
    rmSync(paths[1]);
    const { pcm, notes } = await play(0, 30, { decode: decodeByFfmpeg });
    expect(pcm.equals(input)).toBe(true);
    expect(notes).toEqual([
      { segment: segments[1], silentSamples: 0, reasons: ["wav on disk: no such file"] },
    ]);
  });

  it("is found: moved to a store meanwhile", async () => {
    const stored = join(newFolder(), "k.wav");
    renameSync(paths[1], stored);
    const formsOf = async () => [remote("wav", statSync(stored).size)];
    const { pcm } = await play(0, 30, { formsOf, openRemote: storeOf(() => stored).openRemote });
    expect(pcm.equals(input)).toBe(true);
  });

  it("is silence when nothing is left", async () => {
    rmSync(paths[1]);
    const formsOf = () => Promise.reject(new Error("database is locked"));
    const { pcm, notes } = await play(0, 30, { formsOf });
    expect(pcm.equals(Buffer.concat([audio(0, 10), silence(10), audio(20, 30)]))).toBe(true);
    expect(notes.map(({ silentSamples }) => silentSamples)).toEqual([80_000]);
    expect(notes[0].reasons).toEqual(["wav on disk: no such file", "catalogue: database is locked"]);
  });

  it("is silence from where a file was cut", async () => {
    truncateSync(paths[1], 44 + 4 * BYTES + 1);
    const { pcm, notes } = await play();
    expect(pcm.equals(Buffer.concat([audio(0, 14), silence(6), audio(20, 30)]))).toBe(true);
    expect(notes[0].reasons).toEqual(["wav on disk: ends after 32000 of 80000 samples"]);
  });

  it("goes on in another form from where the first one ends", async () => {
    compress(paths[1], paths[1].replace(/wav$/, "flac"));
    truncateSync(paths[1], 44 + 4 * BYTES + 1);
    expect((await play(0, 30, { decode: decodeByFfmpeg })).pcm.equals(input)).toBe(true);
  });
});

describe("a file that lies", () => {
  const replaced = async (content: Uint8Array) => {
    writeFileSync(paths[1], content);
    const { pcm, notes } = await play();
    expect(pcm.subarray(0, 10 * BYTES).equals(audio(0, 10))).toBe(true);
    expect(pcm.subarray(20 * BYTES).equals(audio(20, 30))).toBe(true);
    expect(pcm.length).toBe(input.length);
    return notes[0]?.reasons.join();
  };

  it("about its length is read as far as it goes", async () => {
    const file = readFileSync(paths[1]);
    file.writeUInt32LE(0xffff_fff0, 40);
    expect(await replaced(file)).toBeUndefined();
    file.writeUInt32LE(2 * RATE, 40);
    expect(await replaced(file)).toMatch("ends after 8000 of 80000 samples");
  });

  it("about its format, or that is none, is silence", async () => {
    const file = readFileSync(paths[1]);
    file.writeUInt32LE(44_100, 24);
    expect(await replaced(file)).toMatch("holds pcm, 44100 Hz, 1 × 16 bits, planned is 8000 Hz, 1 × 16 bits");
    expect(await replaced(noise(90_000))).toMatch("not a WAV file");
    expect(await replaced(file.subarray(0, 30))).toMatch("hold no whole WAV header");
    expect(await replaced(new Uint8Array(0))).toMatch("hold no whole WAV header");
    const endless = Buffer.from(file);
    endless.writeUInt32LE(0x7000_0000, 16);
    expect(await replaced(endless)).toMatch("must begin within the first 1048576");
  });

  it("is none: a link, a pipe, a folder, a path that leads elsewhere", async () => {
    const outside = join(newFolder(), "outside.wav");
    renameSync(paths[1], outside);
    symlinkSync(outside, paths[1]);
    expect((await play()).notes[0].reasons).toEqual(["wav on disk: is a link"]);
    rmSync(paths[1]);
    execFileSync("mkfifo", [paths[1]]);
    expect((await play()).notes[0].reasons).toEqual(["wav on disk: is no file"]);
    rmSync(paths[1]);
    put(dataDir, "a/s1.wav/x", "");
    expect((await play()).notes[0].reasons).toEqual(["wav on disk: is no file"]);
    segments[1] = { ...segments[1], stem: "../outside" };
    expect((await play()).notes[0].reasons[0]).toMatch("no path below the data directory");
  });
});

it("reads a day in constant memory", async () => {
  const day = Array.from({ length: 144 }, (_, i) =>
    segment({ stem: `day/${i}`, samples: 600 * RATE, startUs: EVENING + i * 600 * SECOND }),
  );
  const first = putWav(dataDir, day[0], new Uint8Array(600 * BYTES));
  for (const { stem } of day.slice(1)) linkSync(first, join(dataDir, `${stem}.wav`));
  const plan = planRange(day, range(0, 86_400))!;
  const inUse = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const before = inUse();
  let [bytes, most] = [0, 0];
  for await (const chunk of readRange(plan, { dataDir })) {
    bytes += chunk.length;
    most = Math.max(most, inUse());
  }
  expect(bytes).toBe(86_400 * BYTES);
  expect(most - before).toBeLessThan(128 * 1_048_576);
});
