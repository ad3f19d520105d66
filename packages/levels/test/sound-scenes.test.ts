import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTrack } from "../src/index.js";
import {
  judge,
  makeScene,
  measureScene,
  PLACES,
  type Placed,
  SOUNDS,
  seededRandom,
} from "./support/scene.js";
import { Stream } from "./support/segments.js";

/** Events in a scene that is recorded in segments of 10 s, in seconds from its beginning. */
function eventsIn(samples: Float32Array): Placed[] {
  const { track } = measureScene(samples);
  const stream = new Stream();
  const seconds = Array.from({ length: samples.length / 16_000 }, (_, i) => [
    ...track.subarray(1 + i * 11, 12 + i * 11),
  ]);
  for (let at = 0; at < seconds.length; at += 10) stream.hear(seconds.slice(at, at + 10));
  return stream.ended.map(([start, end]) => ({ start, end }));
}

/** Gusts of 12 dB are now and then a sound of their own. */
const WRONG: Record<string, number> = { wind: 1 };

describe.each(Object.entries(PLACES))("in %s noise", (name, place) => {
  const mayBeWrong = WRONG[name] ?? 0;
  const options = { seed: 7, place, sounds: Object.values(SOUNDS), seconds: 120, noiseDbfs: -55, every: 5 };

  it("sounds 20 dB above it are found, where they begin, and nothing else", () => {
    const { samples, sounds } = makeScene({ ...options, aboveDb: 20 });
    const { missed, wrong, onsets } = judge(sounds, eventsIn(samples));
    expect(missed).toBe(0);
    expect(wrong).toBeLessThanOrEqual(mayBeWrong);
    // A clock's tick may stand just before a sound; an engine comes up within a second
    for (const onset of onsets) expect(Math.abs(onset)).toBeLessThan(0.5);
    expect(onsets.filter((onset) => Math.abs(onset) <= 0.1).length).toBeGreaterThan(onsets.length * 0.4);
  });

  it("there is no event without one", () => {
    const { samples } = makeScene({ ...options, sounds: [], every: 1000, aboveDb: 0 });
    expect(eventsIn(samples).length).toBeLessThanOrEqual(mayBeWrong);
  });
});

describe("speech", () => {
  const pcm = readFileSync(join(import.meta.dirname, "../../../examples/data/speech.wav")).subarray(44);
  const speech = Float32Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(i * 2) / 32_768);

  /** Where somebody speaks, with pauses of up to a second: from the clean recording. */
  function spoken(): Placed[] {
    const peaks = readTrack(measureScene(speech).track).peakDbfs;
    const said: { start: number; end: number }[] = [];
    for (const [window, dbfs] of peaks.entries()) {
      if (dbfs < -30) continue;
      const last = said.at(-1);
      if (last !== undefined && window / 10 - last.end < 1) last.end = (window + 1) / 10;
      else said.push({ start: window / 10, end: (window + 1) / 10 });
    }
    return said;
  }

  it.each([-70, -60, -50])("is found in noise of %d dBFS, to 200 ms", (noiseDbfs) => {
    const random = seededRandom(3);
    const samples = new Float32Array(60 * 16_000);
    PLACES.room(samples, 10 ** (noiseDbfs / 20), random);
    const said = [10, 35].flatMap((at) => {
      for (let i = 0; i < speech.length; i++) samples[at * 16_000 + i] += speech[i];
      return spoken().map(({ start, end }) => ({ start: start + at, end: end + at }));
    });
    const { missed, wrong } = judge(said, eventsIn(samples));
    expect([missed, wrong]).toEqual([0, 0]);
    const first = eventsIn(samples)[0];
    expect(Math.abs(first.start - said[0].start)).toBeLessThan(0.21);
  });
});
