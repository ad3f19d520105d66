import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deliveriesFor, type HookEvent } from "../src/index.js";
import { commandHook, SEGMENT_EVENT, STREAM, segmentOf, webhook } from "./support/hooks.js";

const DISK: HookEvent = {
  event: "disk:low",
  atUs: 1_795_341_600_250_000,
  trouble: "disk-full",
  detail: "12 MB free",
  freeBytes: 12_000_000,
  hoursLeft: undefined,
};

describe("who gets an event", () => {
  const all = commandHook(["a"], { name: "all", on: ["segment:complete", "gap", "disk:low"] });
  const kitchen = webhook("http://x/", { name: "kitchen", on: all.on, devices: ["kitchen"] });
  const names = (event: HookEvent) => deliveriesFor([all, kitchen], event).map(({ hook }) => hook);

  it("is who asked for it, and for the device", () => {
    expect(names(SEGMENT_EVENT)).toEqual(["all", "kitchen"]);
    expect(names(segmentOf("garden"))).toEqual(["all"]);
    expect(names(segmentOf(undefined))).toEqual(["all"]);
    expect(names({ event: "stream:open", stream: STREAM, codec: "pcm16", atUs: 0 })).toEqual([]);
  });

  it("is everybody who asked for it when it belongs to no device", () => {
    expect(names(DISK)).toEqual(["all", "kitchen"]);
  });
});

describe("the number of a delivery", () => {
  const hook = commandHook(["a"]);
  const idOf = (event: HookEvent, name = "test") => deliveriesFor([{ ...hook, name }], event)[0].id;

  it("is the same when a segment is offered again, in other forms", () => {
    const { segment } = SEGMENT_EVENT;
    expect(idOf({ ...SEGMENT_EVENT, segment: { ...segment, forms: [], levels: undefined } })).toBe(
      idOf(SEGMENT_EVENT),
    );
    expect(idOf(SEGMENT_EVENT)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it("is another for another segment, event or hook", () => {
    const { segment } = SEGMENT_EVENT;
    const events: HookEvent[] = [
      SEGMENT_EVENT,
      { ...SEGMENT_EVENT, segment: { ...segment, stem: "another" } },
      { event: "stream:open", stream: STREAM, codec: "pcm16", atUs: 0 },
      { event: "stream:open", stream: STREAM, codec: "pcm16", atUs: 1 },
      { event: "stream:open", stream: { ...STREAM, key: 4 }, codec: "pcm16", atUs: 0 },
      { event: "gap", stream: STREAM, gap: segment.gaps[0] },
    ];
    const each = { ...hook, on: ["segment:complete", "stream:open", "gap"] } as const;
    const ids = events.flatMap((event) =>
      deliveriesFor(
        [
          { ...each, name: "one" },
          { ...each, name: "two" },
        ],
        event,
      ).map(({ id }) => id),
    );
    expect(new Set(ids).size).toBe(12);
  });
});

describe("a payload", () => {
  it("survives JSON, whatever the network says", () => {
    const anything = fc.string({ unit: "binary", maxLength: 3000 });
    const time = fc.double({ noNaN: true });
    fc.assert(
      fc.property(anything, time, fc.nat(), (device, startUs, samples) => {
        const event = { ...SEGMENT_EVENT, segment: { ...SEGMENT_EVENT.segment, device, samples, startUs } };
        const [delivery] = deliveriesFor([commandHook(["a"])], event);
        const text = JSON.stringify(delivery);
        expect(text.length).toBeLessThan(20_000);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("has null where there is no number: digital silence", () => {
    const { segment } = SEGMENT_EVENT;
    const levels = { ...segment.levels, peakDbfs: -Infinity, rmsDbfs: -Infinity };
    const [{ payload }] = deliveriesFor([commandHook(["a"])], {
      ...SEGMENT_EVENT,
      segment: { ...segment, levels },
    });
    expect(payload.segment?.levels).toEqual({
      peakDbfs: null,
      rmsDbfs: null,
      clippedSamples: 0,
      flatSeconds: 0,
    });
  });

  it("names the smallest form that is here, and none when all are in the store", () => {
    const { segment } = SEGMENT_EVENT;
    const pathOf = (forms: typeof segment.forms) =>
      deliveriesFor([commandHook(["a"])], { ...SEGMENT_EVENT, segment: { ...segment, forms } })[0].payload
        .segment?.path;
    const [flac] = segment.forms;
    const opus = { form: "opus", bytes: 1, local: true, remote: undefined } as const;
    expect(pathOf([flac, opus] as never)).toBe(`${segment.stem}.opus`);
    expect(pathOf([{ ...flac, local: false }] as never)).toBeNull();
  });
});
