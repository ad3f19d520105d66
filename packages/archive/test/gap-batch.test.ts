import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GapBatch, type TakenLines } from "../src/gaps/gap-batch.js";
import { type DayOfGap, type GapRecord, gapRecord } from "../src/gaps/gap-record.js";
import { MONO_16 } from "./support/studio.js";

const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;

function gap(startMs: number, ms: number, stream: Partial<typeof MONO_16> = {}): GapRecord {
  const info = { ...MONO_16, ...stream };
  const samples = (ms * info.sampleRate) / 1000;
  const startUs = NOON_US + startMs * 1000;
  return gapRecord({ stream: info, startUs, samples, cause: "lost-frames", filled: true });
}

const all = ({ lines, sums }: TakenLines): DayOfGap[] => [...lines, ...sums.values()];
const shown = (taken: TakenLines) =>
  all(taken).map(({ part }) => [part.device, part.streamId, part.lengthUs / 1000, part.gaps]);

function batchOf(gaps: readonly GapRecord[], limit?: number): GapBatch {
  const batch = new GapBatch(limit);
  for (const one of gaps) batch.add(one);
  return batch;
}

describe("gaps that wait to be written", () => {
  it("of one stream, one right behind the other, are one", () => {
    const taken = batchOf([gap(0, 20), gap(20, 20), gap(40, 60), gap(500, 20)]).take();
    expect(shown(taken)).toEqual([
      ["mic", 7, 100, 1],
      ["mic", 7, 20, 1],
    ]);
    expect(all(taken)[0].part).toMatchObject({ startUs: NOON_US, endUs: NOON_US + 100_000, samples: 100 });
  });

  it("are told together when a stream has more than four between two writes", () => {
    const many = Array.from({ length: 50 }, (_, i) => gap(i * 20, 10));
    const batch = batchOf(many);
    expect(shown(batch.take())).toEqual([
      ...Array.from({ length: 3 }, () => ["mic", 7, 10, 1]),
      ["mic", 7, 470, 47],
    ]);
    batch.putBack({ lines: [], sums: new Map() });
    batch.add(gap(2000, 10));
    expect(shown(batch.take())).toEqual([["mic", 7, 10, 1]]);
  });

  it("keep streams, causes and rates apart", () => {
    const gaps = [gap(0, 10), gap(10, 10, { streamId: 8 }), gap(20, 10, { device: "other" })];
    const other: GapRecord = { ...gap(10, 10), cause: "overload" };
    expect(batchOf([...gaps, other, { ...gap(10, 10), filled: false }]).take().lines).toHaveLength(5);
  });

  it("beyond the limit are added up by device, then by cause, and nothing is forgotten", () => {
    const devices = Array.from({ length: 9 }, (_, i) => gap(0, 10, { device: `mic-${i}` }));
    const batch = batchOf([...devices, gap(500, 10, { device: "mic-3", streamId: 9 })], 3);
    expect(shown(batch.take())).toEqual([
      ["mic-0", 7, 10, 1],
      ["mic-1", 7, 10, 1],
      ["mic-2", 7, 10, 1],
      ["mic-3", undefined, 20, 2],
      ["mic-4", undefined, 10, 1],
      ["mic-5", undefined, 10, 1],
      [undefined, undefined, 30, 3],
    ]);
  });

  it("count time, whatever the rates", () => {
    const batch = batchOf([gap(0, 10), gap(50, 10, { streamId: 8, sampleRate: 48_000 })], 0);
    expect(all(batch.take())[0].part).toMatchObject({ lengthUs: 20_000, samples: 20, sampleRate: 1000 });
  });

  it("never grow beyond the bound, and add up to the truth, whatever fails", () => {
    const gaps = fc.record({
      startMs: fc.integer({ min: -1e8, max: 1e8 }),
      ms: fc.integer({ min: 1, max: 1e9 }),
      device: fc.constantFrom(...Array.from({ length: 30 }, (_, i) => `mic-${i}`)),
    });
    const rounds = fc.array(fc.tuple(fc.array(gaps, { maxLength: 40 }), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(rounds, (steps) => {
        const batch = new GapBatch(20);
        let recorded = 0;
        let written = 0;
        const lengthOf = (lines: TakenLines) => all(lines).reduce((sum, { part }) => sum + part.lengthUs, 0);
        for (const [some, fails] of steps) {
          const taken = batch.take();
          for (const { startMs, ms, device } of some) {
            batch.add(gap(startMs, ms, { device }));
            recorded += ms * 1000;
          }
          if (!fails) written += lengthOf(taken);
          batch.putBack(fails ? taken : { lines: [], sums: new Map() });
          expect(batch.size).toBeLessThanOrEqual(42);
        }
        expect(written + lengthOf(batch.take())).toBe(recorded);
      }),
    );
  });
});
