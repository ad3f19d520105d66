import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { placeSegment, type ReadySegment } from "../src/index.js";

const NAME = "received/kitchen/stream_1";
let root: string;
let dataDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "audio-place-"));
  dataDir = join(root, "data");
  mkdirSync(dataDir);
});
afterEach(() => rmSync(root, { recursive: true }));

const there = (name: string) => readFileSync(join(dataDir, `received/kitchen/${name}`), "utf8");
const names = () => readdirSync(join(dataDir, "received/kitchen")).sort();

function standing(files: Readonly<Record<string, string>>): void {
  mkdirSync(join(dataDir, "received/kitchen"), { recursive: true });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dataDir, "received/kitchen", name), text);
}

function place(more: Partial<ReadySegment> = {}): Promise<string> {
  writeFileSync(join(root, "1.wav"), "audio");
  writeFileSync(join(root, "1.bin"), "frames");
  const files = new Map([["wav", join(root, "1.wav")] as const, ["bin", join(root, "1.bin")] as const]);
  return placeSegment({ dataDir, name: NAME, files, ...more });
}

it("moves the files to their name, which nobody sees as finished before it was told of", async () => {
  const told: string[][] = [];
  const onFound = async (stem: string) => void told.push([stem, ...names()]);
  const onPlaced = async (stem: string) => void told.push([stem, ...names()]);
  expect(await place({ onFound, onPlaced })).toBe(NAME);
  expect(told).toEqual([
    [NAME, "stream_1.wav.part"],
    [NAME, "stream_1.bin", "stream_1.wav", "stream_1.wav.part"],
  ]);
  expect([names(), there("stream_1.wav"), there("stream_1.bin")]).toEqual([
    ["stream_1.bin", "stream_1.wav"],
    "audio",
    "frames",
  ]);
  expect(readdirSync(root)).toEqual(["data"]);
});

it.each(["stream_1.wav.part", "stream_1.flac", "stream_1.bin"])(
  "takes the next number where %s stands",
  async (name) => {
    standing({ [name]: "of somebody else", "stream_1_2.opus": "another" });
    expect(await place()).toBe(`${NAME}_3`);
    expect(there(name)).toBe("of somebody else");
  },
);

it("goes on with a name that a crash has left to it, and completes what was begun there", async () => {
  await expect(place({ onFound: () => Promise.reject(new Error("crash")) })).rejects.toThrow("crash");
  standing({ "stream_1.wav.part": "taken by an import\n" });
  expect(await place()).toBe(NAME);
  rmSync(join(dataDir, "received/kitchen/stream_1.bin"));
  expect(await place({ begun: NAME })).toBe(NAME);
  expect(names()).toEqual(["stream_1.bin", "stream_1.wav"]);
  standing({ "stream_1.wav": "of somebody else by now" });
  expect(await place({ begun: NAME })).toBe(`${NAME}_2`);
  expect(there("stream_1.wav")).toBe("of somebody else by now");
});
