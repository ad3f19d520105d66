import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { type Archive, type FileSystem, openArchive, type SegmentOpen } from "../src/index.js";
import {
  audioIn,
  Connection,
  expectedAudio,
  expectedFrames,
  framesIn,
  RATE,
  type Take,
  takes,
} from "./support/acknowledged.js";
import { CrashingFs, type Loss } from "./support/crashing-fs.js";
import { readSegment, TestClock } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const DEVICES = ["north", "south"];
const ignore = () => undefined;

/** One thing that happens; `device` counts modulo the devices there are, and says nothing for turns and rotations. */
interface Step {
  readonly kind: "send" | "commit" | "flush" | "reconnect" | "turns" | "rotate";
  readonly device: number;
  readonly count: number;
}

const DEVICE_STEPS = ["send", "send", "send", "send", "commit", "flush", "reconnect"] as const;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...DEVICE_STEPS, "turns", "turns", "turns", "rotate"),
    device: fc.nat(1),
    count: fc.integer({ min: 1, max: 6 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const losses: fc.Arbitrary<Loss[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("kept", "cut", "zeroed", "deleted"),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 6 },
);
const scenarios = fc.record({
  takes: fc.array(takes, { minLength: 1, maxLength: 2 }),
  steps,
  losses: fc.option(losses, { nil: undefined }),
});

let skewMs = 0;
const now = performance.now.bind(performance);
vi.spyOn(performance, "now").mockImplementation(() => now() + skewMs);
afterAll(() => vi.restoreAllMocks());

// The journal's clock, hurried: a case takes milliseconds.
const COMMIT_EVERY_MS = 400;
const later = globalThis.setTimeout;
vi.spyOn(globalThis, "setTimeout").mockImplementation(((call: () => void, ms?: number) =>
  later(call, ms === COMMIT_EVERY_MS ? 2 : ms)) as typeof setTimeout);

function open(
  dataDir: string,
  clock: TestClock,
  fs?: FileSystem,
  segmentOpen: (event: SegmentOpen) => void = ignore,
) {
  const listener = {
    segmentOpen,
    segmentComplete: ignore,
    segmentFailed: ignore,
    gap: ignore,
    disk: ignore,
    recovered: ignore,
  };
  return openArchive({ dataDir, minFreeBytes: 0, listener, clock, fs });
}

/** Devices that send to a receiver until it crashes. */
class Run {
  readonly disk = new CrashingFs();
  readonly folder = newFolder();
  readonly clock = new TestClock();
  readonly takes: readonly Take[];
  archive: Archive | undefined;
  readonly connections: Connection[] = [];
  /** UTC in microseconds by path. */
  readonly started = new Map<string, number>();

  constructor(takes: readonly Take[]) {
    this.takes = takes;
  }

  async perform(steps: readonly Step[]): Promise<void> {
    this.archive = await open(this.folder, this.clock, this.disk.fs, ({ path, startUs }) =>
      this.started.set(relative(this.folder, path), startUs),
    );
    for (const i of this.takes.keys()) this.connect(i);
    for (const step of steps) await this.#perform(step);
  }

  connect(i: number): void {
    this.connections[i] = new Connection(this.archive as Archive, this.clock, DEVICES[i], this.takes[i]);
  }

  /** What a crash now leaves, and what the devices had been told by then. */
  async crash(losses: readonly Loss[] | undefined): Promise<{ left: string; told: number[] }> {
    await this.disk.freeze();
    const told = this.connections.map(({ session }) => session.durable.nextSeq);
    const left = newFolder();
    let files = 0;
    this.disk.copy(this.folder, left, () => losses?.[files++ % losses.length] ?? { kind: "kept", share: 1 });
    return { left, told };
  }

  async end(): Promise<void> {
    this.disk.thaw();
    await Promise.all(this.connections.map((connection) => connection.finish()));
    await this.archive?.close();
  }

  async #perform(step: Step): Promise<void> {
    if (step.kind === "rotate") skewMs += 61_000;
    else if (step.kind === "turns") for (let i = 0; i < step.count; i++) await turn();
    else {
      const i = step.device % this.takes.length;
      const connection = this.connections[i];
      if (step.kind === "send") connection.send(step.count);
      else if (step.kind === "flush") connection.recorder.flush(this.clock.nowUs);
      else if (step.kind === "commit") await connection.commit();
      else {
        await connection.finish();
        this.connect(i);
      }
    }
  }
}

function snapshot(folder: string): Map<string, Buffer> {
  const paths = filesBelow(folder).filter(
    (path) => !path.startsWith(".") && !path.startsWith("receiver.lock"),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path))]));
}

const finished = (files: Map<string, Buffer>) => [...files].filter(([path]) => !path.endsWith(".part"));

/** The devices come back after the crash, and send what they were not told of. */
async function comeBack(folder: string, run: Run, told: readonly number[]): Promise<void> {
  const archive = await open(folder, run.clock);
  const connections = run.takes.map((take, i) => new Connection(archive, run.clock, DEVICES[i], take));
  for (const [i, { session }] of connections.entries())
    expect(session.durable.nextSeq).toBeGreaterThanOrEqual(told[i]);
  for (const connection of connections) while (connection.left > 0) connection.send(7);
  await Promise.all(connections.map((connection) => connection.finish()));
  await archive.close();
}

function expectWhole(folder: string, takes: readonly Take[]): void {
  expect(filesBelow(folder).filter((path) => /\.part$|^quarantine/.test(path))).toEqual([]);
  for (const [i, take] of takes.entries()) {
    expect(audioIn(folder, DEVICES[i]).equals(expectedAudio(take))).toBe(true);
    expect(framesIn(folder, DEVICES[i], take).equals(expectedFrames(take))).toBe(true);
  }
}

/** As if its segment had been finished, though nobody knows what of its audio is silence in place of lost frames. */
function expectDescribed(folder: string, path: string, run: Run): void {
  const device = dirname(path);
  const { audio, metadata } = readSegment(join(folder, path));
  const { channels } = run.takes[DEVICES.indexOf(device)].format;
  expect(metadata).toMatchObject({
    device,
    source: "websocket",
    streamId: 7,
    sampleRate: RATE,
    software: "test",
  });
  expect(metadata?.samples).toBe(audio.length / channels / 2);
  expect(metadata?.startUs).toBe(run.started.get(path) ?? metadata?.startUs);
}

function isSame(a: Map<string, Buffer>, b: Map<string, Buffer>): boolean {
  return a.size === b.size && [...a].every(([path, content]) => b.get(path)?.equals(content) === true);
}

afterEach(() => {
  skewMs = 0;
});

describe("acknowledged streams over a crash", () => {
  it("lose nothing that was confirmed, and have everything once", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async ({ takes, steps, losses }) => {
        const run = new Run(takes);
        await run.perform(steps);
        const { left, told } = await run.crash(losses);
        await run.end();
        const before = snapshot(left);
        await (await open(left, run.clock)).close();
        const after = snapshot(left);
        for (const [path, content] of finished(before))
          expect(after.get(path)?.equals(content), path).toBe(true);
        for (const path of after.keys()) if (path.endsWith(".wav")) expectDescribed(left, path, run);
        await (await open(left, run.clock)).close();
        expect(isSame(snapshot(left), after)).toBe(true);
        await comeBack(left, run, told);
        expectWhole(left, takes);
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });
});
