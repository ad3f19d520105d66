import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { GapEvent } from "../src/events.js";
import { GapLedger } from "../src/gaps/gap-ledger.js";
import { type GapQuery, queryGaps } from "../src/gaps/gap-query.js";
import type { GapRecord } from "../src/gaps/gap-record.js";
import { MONO_16 } from "./support/studio.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2026, 10, 22) * 1000;

let dataDir: string;
beforeEach(() => {
  dataDir = newFolder();
});

function gap(startUs: number, seconds: number, more: Partial<GapEvent> = {}, device = "mic"): GapEvent {
  const stream = { ...MONO_16, device };
  return { stream, startUs, samples: seconds * 1000, cause: "lost-frames", filled: true, ...more };
}

async function write(...gaps: GapEvent[]): Promise<void> {
  const ledger = new GapLedger({ dataDir, sync: false });
  for (const one of gaps) ledger.record(one);
  await ledger.close();
}

async function ask(query: GapQuery = {}): Promise<GapRecord[]> {
  const found: GapRecord[] = [];
  for await (const one of queryGaps(dataDir, query)) found.push(one);
  return found;
}

const fileOf = (day: string) => join(dataDir, "gaps", `${day}.jsonl`);

describe("a query of the gap ledger", () => {
  it("answers in order of start, however gaps were told", async () => {
    const starts = [5 * HOUR, -3 * HOUR, HOUR, -DAY, 2 * DAY, 0];
    await write(...starts.map((at) => gap(MIDNIGHT + at, 1)));
    expect((await ask()).map(({ startUs }) => startUs - MIDNIGHT)).toEqual(starts.sort((a, b) => a - b));
  });

  it("asks for device, cause and time", async () => {
    await write(
      gap(MIDNIGHT, 10, {}, "kitchen"),
      gap(MIDNIGHT + 100 * SECOND, 10, { cause: "disk-full", filled: false }, "kitchen"),
      gap(MIDNIGHT + 200 * SECOND, 10),
    );
    const at = async (query: GapQuery) =>
      (await ask(query)).map(({ startUs }) => (startUs - MIDNIGHT) / SECOND);
    expect(await at({ device: "kitchen" })).toEqual([0, 100]);
    expect(await at({ cause: "disk-full" })).toEqual([100]);
    expect(await at({ fromUs: MIDNIGHT + 10 * SECOND })).toEqual([100, 200]);
    expect(await at({ fromUs: MIDNIGHT + 9 * SECOND, toUs: MIDNIGHT + 101 * SECOND })).toEqual([0, 100]);
    expect(await at({ toUs: MIDNIGHT })).toEqual([]);
    expect(await at({ device: "nobody" })).toEqual([]);
  });

  it("gives a gap over midnights once, whole, on whichever of its days it is asked for", async () => {
    await write(gap(MIDNIGHT - HOUR, 60 * 3600), gap(MIDNIGHT + HOUR, 1, {}, "other"));
    const whole = { startUs: MIDNIGHT - HOUR, lengthUs: 60 * HOUR, samples: 60 * 3600 * 1000 };
    expect(await ask()).toMatchObject([whole, { device: "other" }]);
    expect(await ask({ fromUs: MIDNIGHT + 30 * HOUR })).toMatchObject([whole]);
    expect(await ask({ device: "mic", fromUs: MIDNIGHT, toUs: MIDNIGHT + HOUR })).toMatchObject([whole]);
    expect(await ask({ fromUs: MIDNIGHT + 59 * HOUR })).toEqual([]);
    rmSync(fileOf("2026-11-22"));
    expect((await ask()).map(({ startUs }) => startUs - MIDNIGHT)).toEqual([-HOUR, -HOUR]); // told from both sides
  });

  it("finds nothing where nobody has recorded", async () => {
    expect(await ask()).toEqual([]);
    rmSync(dataDir, { recursive: true });
    expect(await ask()).toEqual([]);
  });

  it("passes over what is no gap, counts it, and looks at no other file", async () => {
    await write(gap(MIDNIGHT, 1), gap(MIDNIGHT + 5 * SECOND, 1));
    const file = fileOf("2026-11-22");
    appendFileSync(file, `garbage\n{"cause":"lost-frames"}\n${"x".repeat(200_000)}\n`);
    await write(gap(MIDNIGHT + 9 * SECOND, 1));
    appendFileSync(file, '{"device":"mi');
    writeFileSync(join(dataDir, "gaps", "notes.txt"), "hello");
    mkdirSync(join(dataDir, "gaps", "2026"));
    const garbage: [string, number][] = [];
    const found = await ask({ onGarbage: (path, lines) => garbage.push([path, lines]) });
    expect(found.map(({ startUs }) => (startUs - MIDNIGHT) / SECOND)).toEqual([0, 5, 9]);
    expect(garbage).toEqual([[file, 3]]);
  });

  it("is in order, too, where a day holds more than is sorted at once", async () => {
    const count = 25_000;
    const shuffled = Array.from({ length: count }, (_, i) => ((i * 7919) % count) * 2);
    const lines = shuffled.map((second) =>
      JSON.stringify({
        device: "mic",
        source: "websocket",
        streamId: 7,
        startUs: MIDNIGHT + second * SECOND,
        endUs: MIDNIGHT + (second + 1) * SECOND,
        lengthUs: SECOND,
        samples: 1000,
        sampleRate: 1000,
        cause: "lost-frames",
        filled: true,
        gaps: 1,
      }),
    );
    mkdirSync(join(dataDir, "gaps"));
    writeFileSync(fileOf("2026-11-22"), `${lines.join("\n")}\n`);
    const starts = (await ask()).map(({ startUs }) => (startUs - MIDNIGHT) / SECOND);
    expect(starts).toEqual(shuffled.sort((a, b) => a - b));
  });

  it("gives back what was recorded, whatever it was", async () => {
    const gaps = fc.record({
      startUs: fc.integer({ min: MIDNIGHT - 3 * DAY, max: MIDNIGHT + 3 * DAY }),
      seconds: fc.integer({ min: 1, max: 200_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(gaps, { maxLength: 20 }), async (all) => {
        dataDir = newFolder();
        await write(...all.map(({ startUs, seconds }, i) => gap(startUs, seconds, {}, `mic-${i}`)));
        const found = (await ask()).map(({ device, startUs, lengthUs }) => [device, startUs, lengthUs]);
        const told = all.map(({ startUs, seconds }, i) => [`mic-${i}`, startUs, seconds * SECOND]);
        const byDevice = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
        expect(found.sort(byDevice)).toEqual(told.sort(byDevice));
      }),
      { numRuns: 30 },
    );
  });
});
