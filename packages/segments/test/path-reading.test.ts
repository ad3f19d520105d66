import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compileTemplate,
  DEFAULT_TEMPLATES,
  numberedStem,
  SegmentsError,
  templateReader,
} from "../src/index.js";

const nine = Date.UTC(2026, 2, 9) * 1000;
const MINUTE = 60_000_000;

describe("the default templates", () => {
  it.each([
    ["pcm", "audio/2026-03-09/2026-03-09_0405", undefined, undefined, 245 * MINUTE, MINUTE, 1],
    ["pcm", "audio/2026-03-09/2026-03-09_0405_12", undefined, undefined, 245 * MINUTE, MINUTE, 12],
    ["device", "received/a_2/stream_7_a_2_20260309_000001", "a_2", 7, 1_000_000, 1_000_000, 1],
    ["device", "received/a/stream_7_a_20260309_000001_2", "a", 7, 1_000_000, 1_000_000, 2],
    [
      "anonymous",
      "received/stream_4294967295_20260309_000001",
      undefined,
      4_294_967_295,
      1_000_000,
      1_000_000,
      1,
    ],
  ] as const)("%s reads %s", (name, path, device, streamId, us, withinUs, number) => {
    const start = { localUs: nine + us, withinUs };
    expect(templateReader(DEFAULT_TEMPLATES[name])(path)).toEqual({
      device,
      streamId,
      source: undefined,
      start,
      number,
    });
  });

  it.each([
    ["pcm", "audio/2026-03-09/2026-03-10_0405"], // the folder's date is another
    ["pcm", "audio/2026-02-30/2026-02-30_0405"],
    ["pcm", "audio/2026-03-09/2026-03-09_2400"],
    ["pcm", "audio/9999-03-09/9999-03-09_0405"],
    ["pcm", "audio/2026-03-09/2026-03-09_0405_1"],
    ["pcm", "audio/2026-03-09/2026-03-09_0405_02"],
    ["pcm", "x/audio/2026-03-09/2026-03-09_0405"],
    ["device", "received/a/stream_7_b_20260309_000001"],
    ["device", "received/a/stream_7_a_20260309_000001.converted"],
    ["anonymous", "received/stream_4294967296_20260309_000001"],
    ["anonymous", "received/stream_1_20260309_006001"],
  ] as const)("%s does not take %s for its own", (name, path) => {
    expect(templateReader(DEFAULT_TEMPLATES[name])(path)).toBeUndefined();
  });
});

it("reads as much of the time as there is", () => {
  const start = (template: string, path: string) => templateReader(template)(path)?.start;
  expect(start("{device}/{yyyy}/{MM}{dd}-{HH}", "a/2026/0309-05")).toEqual({
    localUs: nine + 300 * MINUTE,
    withinUs: 60 * MINUTE,
  });
  expect(start("{device}.{date}.{mm}", "a.2026-03-09.59")).toEqual({
    localUs: nine,
    withinUs: 1440 * MINUTE,
  });
  expect(start("{device}/{HH}{mm}", "a/0405")).toBeUndefined();
});

it("takes a dot for a dot, and refuses what is no template", () => {
  expect(templateReader("a.{stream}")("ab1")).toBeUndefined();
  expect(() => templateReader("../{stream}")).toThrow(SegmentsError);
});

it("reads back whatever a template that tells all wrote", () => {
  const templates = [
    DEFAULT_TEMPLATES.device,
    "{source}/{device}/{stream}-{date}.{HH}{mm}{ss}",
    "{yyyy}/{MM}/{dd}/{stream}-{source}-{HH}.{mm}.{ss}/{device}/{device}.{stream}",
  ];
  const fields = fc.record({
    device: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    streamId: fc.nat(0xffff_ffff),
    source: fc.constantFrom("websocket", "tcp", "framed-tcp", "udp"),
    ms: fc.date({ min: new Date("1970-01-01"), max: new Date("2254-12-31"), noInvalidDate: true }),
    number: fc.integer({ min: 1, max: 1_000_000 }),
    template: fc.constantFrom(...templates),
  });
  fc.assert(
    fc.property(fields, ({ device, streamId, source, ms, number, template }) => {
      const localUs = Math.floor(ms.getTime() / 1000) * 1_000_000;
      const t = new Date(localUs / 1000);
      const start = {
        year: t.getUTCFullYear(),
        month: t.getUTCMonth() + 1,
        day: t.getUTCDate(),
        hour: t.getUTCHours(),
        minute: t.getUTCMinutes(),
        second: t.getUTCSeconds(),
        microsecond: 0,
      };
      const path = numberedStem(compileTemplate(template)({ device, streamId, source, start }), number);
      const read = templateReader(template)(path);
      expect(read).toMatchObject({ device, streamId, start: { localUs, withinUs: 1_000_000 }, number });
    }),
  );
});
