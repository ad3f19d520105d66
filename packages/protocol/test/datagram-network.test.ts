import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DATAGRAM_WINDOW, DATAGRAM_WINDOW_MS, DatagramWindow, datagramSequence } from "../src/index.js";
import { u32 } from "./arbitraries.js";
import { datagram, listening, MAX_GAP, PERIOD_MS } from "./datagrams.js";

// A number 0 that overtakes the very first datagram is itself taken for the first: that is what 0 says.
const firsts = fc.oneof(
  u32.filter((first) => first < 0xffff_ff00),
  fc.constantFrom(0, 1, 0xffff_ff80),
);

/** What must come out: all that arrived, in order, each with the number of those missing just before it. */
function expected(first: number, isLost: readonly boolean[]): [number, number][] {
  const out: [number, number][] = [];
  let lost = 0;
  for (const [i, gone] of isLost.entries()) {
    if (gone) lost += 1;
    else {
      out.push([(first + i) >>> 0, out.length === 0 ? 0 : lost]);
      lost = 0;
    }
  }
  return out;
}

describe("a bad network", () => {
  const networks = fc.record({
    first: firsts,
    marked: fc.boolean(),
    packets: fc.array(
      fc.record({
        lost: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
        delayMs: fc.integer({ min: 0, max: DATAGRAM_WINDOW_MS - 60 }),
        againMs: fc.option(fc.integer({ min: 0, max: DATAGRAM_WINDOW_MS - 60 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 300 },
    ),
  });

  it("that reorders, doubles and loses: each comes out once, in order, losses counted where they are", () => {
    const property = fc.property(networks, ({ first, marked, packets }) => {
      const { window, handed, push } = listening();
      const arrivals = packets.flatMap(({ lost, delayMs, againMs }, i) => {
        const bytes = datagram(first + i, { start: marked && i === 0 });
        const times = [delayMs, ...(againMs === undefined ? [] : [againMs])];
        return lost ? [] : times.map((delay) => ({ bytes, ms: i * PERIOD_MS + delay }));
      });
      arrivals.sort((a, b) => a.ms - b.ms);
      let tick = 0;
      for (const { bytes, ms } of arrivals) {
        for (; tick <= ms; tick += 50) window.expire(tick);
        expect(push(bytes, ms)).not.toBe("restart");
      }
      window.flush();
      const isLost = packets.map(({ lost }) => lost);
      expect(handed).toEqual(expected(first >>> 0, isLost));
      expect(window.held).toBe(0);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("that shuffles as far as the window reaches, all in one moment", () => {
    const property = fc.property(
      firsts,
      fc.array(fc.nat(DATAGRAM_WINDOW - 1), { minLength: 1, maxLength: 200 }),
      (first, shifts) => {
        const { window, handed, push } = listening();
        // Each may be overtaken by those up to 63 behind it.
        const order = shifts.map((shift, i) => ({ i, key: i + shift })).sort((a, b) => a.key - b.key);
        for (const { i } of order) push(datagram(first + i, { start: i === 0 }));
        window.flush();
        expect(handed).toEqual(expected(first >>> 0, Array(shifts.length).fill(false)));
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it("can send anything: numbers that come out only go up, nothing is held for good", () => {
    const garbage = fc.array(
      fc.record({
        sequence: fc.oneof(u32, fc.nat(200)),
        start: fc.boolean(),
        timestampMs: u32,
        bytes: fc.integer({ min: 1, max: 20_000 }).map((n) => n * 2),
        ms: fc.nat(100),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(garbage, fc.constantFrom(DATAGRAM_WINDOW, MAX_GAP, 0x7fff_ffff), (packets, maxGap) => {
        let last: number | undefined;
        const window = new DatagramWindow((bytes) => {
          const sequence = datagramSequence(bytes);
          if (last !== undefined) expect((sequence - last) | 0).toBeGreaterThan(0);
          last = sequence;
        });
        let now = 0;
        for (const { ms, ...packet } of packets) {
          now += ms;
          window.push(datagram(packet.sequence, packet), now, maxGap);
          expect(window.held).toBeLessThanOrEqual(DATAGRAM_WINDOW);
        }
        window.expire(now + DATAGRAM_WINDOW_MS);
        expect(window.held).toBe(0);
      }),
    );
  });
});
