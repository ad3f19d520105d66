import { describe, expect, it } from "vitest";
import { DATAGRAM_WINDOW, DATAGRAM_WINDOW_MS, DatagramWindow, datagramSequence } from "../src/index.js";
import { datagram, listening, MAX_GAP } from "./datagrams.js";

describe("in order", () => {
  it("is handed over at once, across the wrap", () => {
    const { handed, push, window } = listening();
    push(datagram(0xffff_fffe, { start: true }));
    for (const sequence of [0xffff_ffff, 0, 1]) {
      expect(push(datagram(sequence))).toBe("taken");
      expect(handed.at(-1)).toEqual([sequence, 0]);
    }
    expect(window.held).toBe(0);
  });
});

describe("what is missing", () => {
  it("is waited for 200 ms, counted from the first that waits", () => {
    const { window, handed, push } = listening();
    push(datagram(0), 0);
    push(datagram(2), 10);
    push(datagram(4), 100);
    window.expire(209);
    expect(handed).toEqual([[0, 0]]);
    window.expire(210);
    expect(handed.slice(1)).toEqual([[2, 1]]);
    expect(push(datagram(1), 211)).toBe("repeated");
    window.expire(299);
    expect(window.held).toBe(1);
    window.expire(300);
    expect(handed.slice(2)).toEqual([[4, 1]]);
  });

  it("is not waited for when more than the window have come since", () => {
    const { window, handed, push } = listening();
    push(datagram(0));
    for (let sequence = 2; sequence <= DATAGRAM_WINDOW; sequence++) push(datagram(sequence));
    expect(handed).toHaveLength(1);
    push(datagram(DATAGRAM_WINDOW + 1));
    expect(handed[1]).toEqual([2, 1]);
    expect([handed.length, window.held]).toEqual([DATAGRAM_WINDOW + 1, 0]);
  });

  it("is not waited for when what waits is more than 256 KiB", () => {
    const { window, push } = listening();
    push(datagram(0));
    for (let sequence = 2; sequence < 40; sequence++) push(datagram(sequence, { bytes: 60_000 }));
    expect(window.held).toBe(0);
  });

  it("may be more than the window: counted in one", () => {
    const { window, handed, push } = listening();
    push(datagram(0));
    push(datagram(1000));
    window.expire(DATAGRAM_WINDOW_MS);
    expect(handed).toEqual([
      [0, 0],
      [1000, 999],
    ]);
  });
});

describe("the start", () => {
  it("may be overtaken by what follows it", () => {
    const { handed, push } = listening();
    push(datagram(2));
    push(datagram(1));
    expect(handed).toEqual([]);
    push(datagram(0));
    expect(handed).toEqual([0, 1, 2].map((sequence) => [sequence, 0]));
  });

  it("that never comes is waited for 200 ms", () => {
    const { window, handed, push } = listening();
    push(datagram(501), 5);
    push(datagram(500), 90);
    window.expire(204);
    expect(handed).toEqual([]);
    window.expire(205);
    expect(handed).toEqual([
      [500, 0],
      [501, 0],
    ]);
    expect(push(datagram(499), 206)).toBe("repeated");
  });

  it.each([{}, { start: true }])("that comes again is no restart, with %j", (flags) => {
    const { push } = listening();
    push(datagram(0, flags), 0);
    push(datagram(1), 20);
    expect(push(datagram(0, flags), 30)).toBe("repeated");
    expect(push(datagram(0, flags), 999)).toBe("repeated");
  });

  it("that comes too late is no restart", () => {
    const { window, push } = listening();
    push(datagram(1), 0);
    window.expire(DATAGRAM_WINDOW_MS);
    expect(push(datagram(0, { start: true }), 250)).toBe("repeated");
  });

  it.each([
    ["other audio", { fill: 2 }],
    ["another uptime", { timestampMs: 5 }],
  ])("again with %s is a restart", (_, flags) => {
    const { push } = listening();
    push(datagram(0), 0);
    push(datagram(1), 20);
    expect(push(datagram(0, flags), 40)).toBe("restart");
  });

  it("exactly the same a second later is a restart", () => {
    const { push } = listening();
    push(datagram(0), 0);
    push(datagram(1), 20);
    expect(push(datagram(0), 1001)).toBe("restart");
  });

  it("flag is a restart wherever it stands", () => {
    for (const sequence of [10, 11, 40, 5, 2000]) {
      const { push } = listening();
      for (let i = 0; i < 10; i++) push(datagram(i));
      expect(push(datagram(sequence, { start: true, timestampMs: 9999 }))).toBe("restart");
    }
  });
});

describe("a jump", () => {
  it.each([
    [10_000 + MAX_GAP, "taken"],
    [10_000 + MAX_GAP + 1, "restart"],
    [10_000 - MAX_GAP, "repeated"],
    [10_000 - MAX_GAP - 1, "restart"],
    [0, "restart"],
  ])("from 10000 to %i is %s", (sequence, fate) => {
    const { push } = listening();
    push(datagram(9999, { start: true }));
    expect(push(datagram(sequence))).toBe(fate);
  });

  it("back is believed after 32 in a row: a restart whose start got lost", () => {
    const { push } = listening();
    push(datagram(0), 0);
    for (let sequence = 1; sequence < 500; sequence++) push(datagram(sequence), 0);
    const fates = Array.from({ length: 32 }, (_, i) => push(datagram(i + 3), 2000));
    expect(fates.slice(0, -1).every((fate) => fate === "repeated")).toBe(true);
    expect(fates.at(-1)).toBe("restart");
  });

  it("back is not believed when the stream goes on", () => {
    const { push } = listening();
    push(datagram(0));
    for (let sequence = 1; sequence < 500; sequence++) push(datagram(sequence));
    for (let i = 0; i < 100; i++) {
      expect(push(datagram(i + 3))).toBe("repeated");
      expect(push(datagram(500 + i))).toBe("taken");
    }
  });

  it("to 0 is none when the numbers wrap, also late or twice", () => {
    const { handed, window, push } = listening();
    push(datagram(0xffff_fffe, { start: true }));
    push(datagram(1));
    push(datagram(0));
    expect(push(datagram(0))).toBe("repeated");
    window.flush();
    expect(push(datagram(0))).toBe("repeated");
    expect(handed.map(([sequence]) => sequence)).toEqual([0xffff_fffe, 0, 1]);
  });
});

describe("the window after a restart", () => {
  function restarted() {
    const before = listening();
    before.push(datagram(0));
    for (let sequence = 1; sequence < 200; sequence++) before.push(datagram(sequence));
    const handed: [number, number][] = [];
    const window = new DatagramWindow(
      (bytes, lost) => handed.push([datagramSequence(bytes), lost]),
      before.window,
      4000,
    );
    const push = (bytes: Uint8Array, nowMs: number) => window.push(bytes, nowMs, MAX_GAP);
    return { window, handed, push };
  }

  it("drops what was still under way to the stream before", () => {
    const { handed, push } = restarted();
    push(datagram(0, { start: true }), 4000);
    expect(push(datagram(198), 4010)).toBe("repeated");
    expect(push(datagram(205), 4020)).toBe("repeated");
    push(datagram(1), 4030);
    expect(handed.map(([sequence]) => sequence)).toEqual([0, 1]);
  });

  it("does so also while it waits for a start", () => {
    const { window, handed, push } = restarted();
    push(datagram(70_000), 4000);
    expect(push(datagram(201), 4010)).toBe("repeated");
    push(datagram(69_999), 4020);
    window.expire(4200);
    expect(handed.map(([sequence]) => sequence)).toEqual([69_999, 70_000]);
  });

  it("tells them by their uptime where the numbers overlap", () => {
    const { handed, push } = restarted();
    push(datagram(150, { start: true, timestampMs: 60_000 }), 4000);
    expect(push(datagram(151), 4010)).toBe("repeated");
    push(datagram(151, { timestampMs: 60_020 }), 4020);
    expect(handed.map(([sequence]) => sequence)).toEqual([150, 151]);
  });

  it("takes every number again once they must have arrived", () => {
    const { window, handed, push } = restarted();
    push(datagram(0, { start: true }), 4000);
    expect(push(datagram(205), 4000 + DATAGRAM_WINDOW_MS + 1)).toBe("taken");
    window.flush();
    expect(handed.at(-1)).toEqual([205, 204]);
  });
});
