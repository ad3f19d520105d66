import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Backlog, SharedBacklog } from "../src/recording/backlog.js";

const KIB = 1024;

describe("Backlog", () => {
  it("holds a stream up over its bound, and lets it go at half of it", () => {
    const relieved: string[] = [];
    const backlog = new Backlog(100, new SharedBacklog(1_000_000), () => relieved.push("go"));
    backlog.add(100);
    expect(backlog.congested).toBe(false);
    backlog.add(1);
    expect(backlog.congested).toBe(true);
    backlog.remove(50);
    expect(backlog.congested).toBe(true);
    expect(relieved).toEqual([]);
    backlog.remove(1);
    expect(relieved).toEqual(["go"]);
    expect(backlog.congested).toBe(false);
  });

  it("knows how long nothing has been taken of what waits", async () => {
    const shared = new SharedBacklog(1_000_000);
    const backlog = new Backlog(100, shared, () => undefined);
    expect(shared.stalledMs).toBe(0);
    backlog.add(20);
    await vi.waitFor(() => expect(shared.stalledMs).toBeGreaterThan(20), { interval: 5 });
    backlog.add(20);
    expect(shared.stalledMs).toBeGreaterThan(20);
    backlog.remove(10);
    expect(shared.stalledMs).toBeLessThan(20);
    backlog.remove(30);
    expect(shared.stalledMs).toBe(0);
  });

  it("says nothing to a stream that was not held up", () => {
    const relieved: string[] = [];
    const backlog = new Backlog(100, new SharedBacklog(1_000_000), () => relieved.push("go"));
    backlog.add(200);
    backlog.remove(200);
    expect(relieved).toEqual([]);
  });

  it("holds up those who have most when all together are too many, never a real-time stream", () => {
    const shared = new SharedBacklog(1000 * KIB);
    const large = new Backlog(2000 * KIB, shared, () => undefined);
    const small = new Backlog(2000 * KIB, shared, () => undefined);
    large.add(900 * KIB);
    small.add(120 * KIB);
    expect(large.congested).toBe(true);
    expect(small.congested).toBe(false);
    large.remove(900 * KIB);
    expect(large.congested).toBe(false);
  });

  it("sums up to what all streams hold, and every stream that was held up is let go", () => {
    const changes = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 300 * KIB })), { maxLength: 60 });
    fc.assert(
      fc.property(changes, (all) => {
        const shared = new SharedBacklog(400 * KIB);
        const waiting = new Set<number>();
        const streams = [0, 1, 2].map((i) => new Backlog(200 * KIB, shared, () => waiting.delete(i)));
        for (const [i, bytes] of all) {
          if (streams[i].congested) waiting.add(i);
          if (waiting.has(i)) streams[i].remove(Math.min(bytes, streams[i].bytes));
          else streams[i].add(bytes);
          expect(shared.bytes).toBe(streams.reduce((sum, stream) => sum + stream.bytes, 0));
        }
        for (const stream of streams) stream.remove(stream.bytes);
        expect(waiting.size).toBe(0);
        expect(shared.bytes).toBe(0);
      }),
    );
  });
});
