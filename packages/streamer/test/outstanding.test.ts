import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FrameBatch, Messages } from "../src/frames.js";
import { Outstanding } from "../src/outstanding.js";

/** Frames `first` … `first + count - 1`; each message is its number, in 4 to 6 bytes. */
function batchOf(first: number, count: number): FrameBatch {
  const bytes = new Uint8Array(count * 6);
  const view = new DataView(bytes.buffer);
  const ends: number[] = [];
  let end = 0;
  for (let number = first; number < first + count; number++) {
    view.setUint32(end, number);
    end += 4 + (number % 3);
    ends.push(end);
  }
  return { bytes: bytes.subarray(0, end), ends, sampleFrames: count * 320 };
}

function numbersIn({ bytes, ends }: Messages): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ends.map((end, index) => {
    const number = view.getUint32(index === 0 ? 0 : ends[index - 1]);
    expect(end - (index === 0 ? 0 : ends[index - 1])).toBe(4 + (number % 3));
    return number;
  });
}

/** A stream, the way to its server, and the server; what is not flushed dies with the server. */
class Simulation {
  readonly outstanding = new Outstanding();
  readonly disk = new Set<number>();
  private readonly wire: number[] = [];
  private readonly memory: number[] = [];
  private next = 0;
  private made = 0;

  push(count: number): void {
    this.outstanding.push(batchOf(this.made, count));
    this.made += count;
  }

  send(batches: number): void {
    for (let turn = 0; turn < batches; turn++) {
      const messages = this.outstanding.take();
      if (messages === undefined) return;
      this.wire.push(...numbersIn(messages));
    }
  }

  arrive(count: number): void {
    for (const number of this.wire.splice(0, count)) {
      if (number < this.next) continue;
      this.memory.push(number);
      this.next = number + 1;
    }
  }

  acknowledge(): void {
    this.flush();
    expect(this.outstanding.acknowledge(this.next)).toBe(true);
  }

  /** Part of what is on its way arrives, and the rest never does. */
  cut(arriving: number, crash: boolean): void {
    this.arrive(arriving);
    this.wire.length = 0;
    if (crash) {
      this.memory.length = 0;
      this.next = Math.max(-1, ...this.disk) + 1;
    }
    this.flush();
    expect(this.outstanding.resume(this.next)).toBe(true);
  }

  finish(): void {
    this.send(Number.POSITIVE_INFINITY);
    this.arrive(this.wire.length);
    this.acknowledge();
  }

  private flush(): void {
    for (const number of this.memory.splice(0)) {
      // Written once and never again: nothing is doubled.
      expect(this.disk.has(number)).toBe(false);
      this.disk.add(number);
    }
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant("push" as const), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("send" as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant("arrive" as const), count: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant("acknowledge" as const), count: fc.constant(0) }),
  fc.record({ kind: fc.constantFrom("cut" as const, "crash" as const), count: fc.nat(20) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function perform(simulation: Simulation, { kind, count }: Step): void {
  if (kind === "push") simulation.push(count);
  else if (kind === "send") simulation.send(count);
  else if (kind === "arrive") simulation.arrive(count);
  else if (kind === "acknowledge") simulation.acknowledge();
  else simulation.cut(count, kind === "crash");
}

describe("Outstanding", () => {
  test("whatever is sent, acknowledged, cut and crashed, the server's disk ends up with the input", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const simulation = new Simulation();
        for (const each of steps) perform(simulation, each);
        simulation.finish();
        const { outstanding, disk } = simulation;
        expect([...disk]).toEqual(Array.from({ length: outstanding.end }, (_, number) => number));
        expect(outstanding).toMatchObject({
          acknowledged: outstanding.end,
          framesSent: outstanding.end,
          framesAcknowledged: outstanding.end,
          framesDropped: 0,
          sampleFramesSent: outstanding.end * 320,
          bytes: 0,
          sampleFrames: 0,
          hasUnsent: false,
        });
      }),
      { numRuns: 1000 },
    );
  });

  test("with a bounded buffer only the oldest are missing, and as many as are counted", () => {
    const steps = fc.array(step, { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 8_000 }), (performed, maxBytes) => {
        const simulation = new Simulation();
        const { outstanding, disk } = simulation;
        for (const each of performed) {
          perform(simulation, each);
          outstanding.trim(maxBytes);
          expect(outstanding.bytes <= maxBytes || outstanding.bytes < 1_000).toBe(true);
        }
        // What was sent and dropped is only known to be lost by asking.
        simulation.cut(0, false);
        simulation.finish();
        const missing = outstanding.end - disk.size;
        expect(outstanding.framesDropped).toBe(missing);
        expect(outstanding.framesAcknowledged).toBe(disk.size);
        expect(disk.has(outstanding.end - 1)).toBe(outstanding.end > 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("without acknowledgements nothing is kept that was sent", () => {
    const outstanding = new Outstanding();
    outstanding.push(batchOf(0, 5));
    outstanding.push(batchOf(5, 5));
    expect(numbersIn(outstanding.take()!)).toEqual([0, 1, 2, 3, 4]);
    outstanding.releaseSent();
    expect(outstanding.sampleFrames).toBe(5 * 320);
    outstanding.clear();
    expect(outstanding).toMatchObject({ framesSent: 5, framesDropped: 5, bytes: 0, hasUnsent: false });
  });

  test("an acknowledgement of what was never sent is refused, and so is one before the first frame", () => {
    const outstanding = new Outstanding();
    outstanding.push(batchOf(0, 5));
    expect(outstanding.acknowledge(1)).toBe(false);
    outstanding.take();
    outstanding.push(batchOf(5, 5));
    expect(outstanding.resume(6)).toBe(false);
    expect(outstanding.acknowledge(0xffff_ffff)).toBe(false);
    expect(outstanding.resume(3)).toBe(true);
    expect(numbersIn(outstanding.take()!)).toEqual([3, 4]);
    expect(numbersIn(outstanding.take()!)).toEqual([5, 6, 7, 8, 9]);
  });

  test("a server that lost its disk gets what is still there", () => {
    const outstanding = new Outstanding();
    outstanding.push(batchOf(0, 5));
    outstanding.push(batchOf(5, 5));
    outstanding.take();
    outstanding.take();
    outstanding.acknowledge(7);
    expect(outstanding.acknowledge(2)).toBe(true);
    expect(outstanding.acknowledged).toBe(7);
    expect(outstanding.resume(0)).toBe(true);
    expect(numbersIn(outstanding.take()!)).toEqual([7, 8, 9]);
  });

  test("numbers go on where seq wraps", () => {
    const outstanding = new Outstanding();
    // 2.7 years of frames of 20 ms, without their bytes.
    const ends = new Array<number>(2 ** 32 - 5);
    outstanding.push({ bytes: new Uint8Array(), ends, sampleFrames: 0 });
    outstanding.take();
    expect(outstanding.acknowledge(2 ** 31 - 1)).toBe(true);
    expect(outstanding.acknowledge(2 ** 32 - 6)).toBe(true);
    outstanding.push(batchOf(0, 10));
    outstanding.take();
    expect(outstanding.acknowledge(2 ** 32 - 1)).toBe(true);
    expect(outstanding.acknowledge(2)).toBe(true);
    expect(outstanding.acknowledged).toBe(2 ** 32 + 2);
    expect(outstanding.acknowledge(6)).toBe(false);
    expect(outstanding.resume(3)).toBe(true);
    expect(numbersIn(outstanding.take()!)).toEqual([8, 9]);
  });
});
