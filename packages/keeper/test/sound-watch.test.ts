import type { Segment } from "@audio/archive";
import { LevelMeter } from "@audio/levels";
import { expect, it } from "vitest";
import { SoundWatch } from "../src/sound-watch.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";

/** Levels of 10 s of quiet noise, with something loud from `from` to `to` seconds. */
function trackOf(from: number, to: number): Uint8Array {
  const meter = new LevelMeter(16_000, 1, 16);
  const pcm = Int16Array.from({ length: 160_000 }, (_, i) => {
    const isLoud = i >= from * 16_000 && i < to * 16_000;
    return Math.round(Math.sin(i * 1.7 + Math.sin(i * 0.013) * 9) * (isLoud ? 8000 : 80));
  });
  const bytes = new Uint8Array(pcm.buffer);
  meter.add(bytes, 0, bytes.length);
  return meter.levels().track;
}

it("sounds are noted with their time, also over a cut, and a segment that comes late disturbs nothing", () => {
  using store = newCatalogue();
  const { catalogue } = store;
  const watch = new SoundWatch(catalogue, {});
  const hear = (n: number, from: number, to: number) => {
    const segment = catalogue.segments.byId(putSegment(catalogue, n)) as Segment;
    watch.hear(segment, trackOf(from, to));
    return segment.startUs;
  };
  const firstUs = hear(10, 20, 20);
  hear(11, 9, 10);
  hear(12, 0, 2);
  hear(13, 20, 20);
  const state = catalogue.sounds.state("porch", 7);
  hear(3, 5, 6);
  expect(catalogue.sounds.state("porch", 7)).toBe(state);
  const seconds = catalogue.sounds
    .list({ device: "porch" })
    .map(({ startUs, endUs }) => [(startUs - firstUs) / 1e6, (endUs - firstUs) / 1e6]);
  expect(seconds).toEqual([
    [-65, -64],
    [19, 22],
  ]);
});
