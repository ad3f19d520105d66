import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GapLedger } from "../src/gaps/gap-ledger.js";
import { daysOf, formatGapLine, type GapRecord } from "../src/gaps/gap-record.js";
import { type Catalogue, ingestLedger, openCatalogue, queryGaps } from "../src/index.js";
import { putFile } from "./support/scene-of-files.js";
import { MONO_16 } from "./support/studio.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const DAY_US = 86_400_000_000;
const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;
const TODAY = "gaps/2026-11-21.jsonl";

function gapAt(startUs: number, fields: Partial<GapRecord> = {}): GapRecord {
  const { samples = 160, sampleRate = 16_000 } = fields;
  const lengthUs = fields.lengthUs ?? (samples * 1e6) / sampleRate;
  const place = { startUs, endUs: startUs + lengthUs, lengthUs, samples, sampleRate, gaps: 1 };
  return {
    device: "mic",
    source: "websocket",
    streamId: 7,
    cause: "lost-frames",
    filled: true,
    ...place,
    ...fields,
  };
}

const lines = (...gaps: GapRecord[]) => gaps.map((gap) => formatGapLine({ part: gap, whole: gap })).join("");

async function withLedger(work: (folder: string, catalogue: Catalogue) => Promise<void>): Promise<void> {
  const folder = newFolder();
  const catalogue = openCatalogue(folder);
  try {
    await work(folder, catalogue);
  } finally {
    catalogue.close();
  }
}

const startsOf = (catalogue: Catalogue) => catalogue.gaps.list().map(({ startUs }) => startUs - NOON_US);

describe("the gap ledger in the catalogue", () => {
  it("is read once, and further when there is more", () =>
    withLedger(async (folder, catalogue) => {
      expect(await ingestLedger(catalogue, folder)).toEqual({ files: 0, gaps: 0, garbage: 0 });
      const gap = gapAt(NOON_US);
      putFile(
        folder,
        TODAY,
        lines(gap, gapAt(NOON_US + 1, { streamId: undefined, device: undefined, gaps: 5 })),
      );
      expect(await ingestLedger(catalogue, folder)).toEqual({ files: 1, gaps: 2, garbage: 0 });
      expect(catalogue.gaps.list({ device: "mic" })).toEqual([gap]);
      expect(catalogue.gaps.list({ device: null })).toMatchObject([{ gaps: 5, streamId: undefined }]);
      expect(await ingestLedger(catalogue, folder)).toEqual({ files: 0, gaps: 0, garbage: 0 });
      appendFileSync(join(folder, TODAY), lines(gapAt(NOON_US + 2)));
      expect(await ingestLedger(catalogue, folder)).toEqual({ files: 1, gaps: 1, garbage: 0 });
      expect(startsOf(catalogue)).toEqual([0, 1, 2]);
    }));

  it("takes a torn line when it is whole", () =>
    withLedger(async (folder, catalogue) => {
      const text = lines(gapAt(NOON_US), gapAt(NOON_US + 1));
      putFile(folder, TODAY, text.slice(0, -5));
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ gaps: 1 });
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ gaps: 0, garbage: 0 });
      // A line that a crash tore is cut off before the next one is written.
      putFile(folder, TODAY, lines(gapAt(NOON_US), gapAt(NOON_US + 3)));
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ gaps: 1 });
      expect(startsOf(catalogue)).toEqual([0, 3]);
    }));

  it("is read anew when it was written anew, and doubles nothing", () =>
    withLedger(async (folder, catalogue) => {
      const all = [0, 1, 2, 3].map((n) => gapAt(NOON_US + n, { device: `mic${"-".repeat(n)}` }));
      putFile(folder, TODAY, lines(...all));
      await ingestLedger(catalogue, folder);
      putFile(folder, TODAY, lines(all[3]));
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ gaps: 1 });
      putFile(folder, TODAY, lines(gapAt(NOON_US + 9, { device: "another" }), ...all));
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ gaps: 5 });
      rmSync(join(folder, TODAY));
      await ingestLedger(catalogue, folder);
      expect(startsOf(catalogue)).toEqual([0, 1, 2, 3, 9]);
    }));

  it("has a gap over midnight once, whole", () =>
    withLedger(async (folder, catalogue) => {
      const whole = gapAt(NOON_US, { lengthUs: 2 * DAY_US, samples: 2 * 86_400 * 16_000 });
      for (const { day, part } of daysOf(whole))
        putFile(folder, `gaps/${day}.jsonl`, formatGapLine({ part, whole }));
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ files: 3, gaps: 3 });
      expect(catalogue.gaps.list()).toEqual([whole]);
    }));

  it("passes over what is none, also lines without an end, and other files", () =>
    withLedger(async (folder, catalogue) => {
      const far = gapAt(NOON_US, { endUs: 2 ** 60 });
      const long = `${"x".repeat(700_000)}\n`;
      putFile(folder, TODAY, `{"startUs":1}\n\nnull\n${lines(far)}${long}${lines(gapAt(NOON_US + 1))}`);
      writeFileSync(join(folder, "gaps/notes.txt"), lines(gapAt(NOON_US + 2)));
      writeFileSync(join(folder, "secret"), lines(gapAt(NOON_US + 3)));
      symlinkSync(join(folder, "secret"), join(folder, "gaps/2026-11-20.jsonl"));
      expect(await ingestLedger(catalogue, folder)).toMatchObject({ gaps: 1 });
      expect(startsOf(catalogue)).toEqual([1]);
    }));

  it("ends when it is told to", () =>
    withLedger(async (folder, catalogue) => {
      putFile(folder, TODAY, lines(gapAt(NOON_US)));
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(ingestLedger(catalogue, folder, { signal })).rejects.toThrow("enough");
    }));

  it("has what the ledger's own query tells, however it was written and read", async () => {
    const gap = fc.record({
      at: fc.integer({ min: -3_000_000, max: 3_000_000 }),
      seconds: fc.constantFrom(0.02, 1, 100_000),
      device: fc.constantFrom("a", "b", undefined),
      cause: fc.constantFrom("lost-frames" as const, "overload" as const),
    });
    const batches = fc.array(fc.array(gap, { maxLength: 12 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batches, (all) =>
        withLedger(async (folder, catalogue) => {
          const ledger = new GapLedger({ dataDir: folder, sync: false });
          for (const batch of all) {
            for (const { at, seconds, device, cause } of batch) {
              const stream = { ...MONO_16, device };
              const startUs = NOON_US + at * 1_000_000;
              ledger.record({ stream, startUs, samples: seconds * 1000, cause, filled: true });
            }
            await ledger.flush();
            await ingestLedger(catalogue, folder);
          }
          await ledger.close();
          const told = new Set<string>();
          for await (const one of queryGaps(folder)) told.add(keyOf(one));
          expect(new Set(catalogue.gaps.list().map(keyOf))).toEqual(told);
        }),
      ),
      { numRuns: 40 },
    );
  });

  it("is read in pieces, to the last line", () =>
    withLedger(async (folder, catalogue) => {
      const many = Array.from({ length: 5000 }, (_, n) => gapAt(NOON_US + n, { device: `mic-${n % 7}` }));
      putFile(folder, TODAY, lines(...many));
      expect(readFileSync(join(folder, TODAY)).length).toBeGreaterThan(500_000);
      expect(await ingestLedger(catalogue, folder)).toEqual({ files: 1, gaps: 5000, garbage: 0 });
      expect(catalogue.gaps.list().length).toBe(5000);
    }));
});

const keyOf = ({ device, startUs, endUs, lengthUs, gaps, cause }: GapRecord) =>
  [device, startUs, endUs, lengthUs, gaps, cause].join(" ");
