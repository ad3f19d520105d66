import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DEFAULT_SOUND_EVENT_OPTIONS,
  detectSoundEvents,
  parseSoundEventState,
  SOUND_EVENT_RANGES,
  type SoundEventOptions,
} from "../src/index.js";
import { missing, SECOND_US, type Second, Stream, steady, trackOf } from "./support/segments.js";

const QUIET = -60;
const quiet = (seconds: number) => steady(seconds, QUIET);

/** A second with sound 30 dB above the quiet in some of its windows. */
function sound(...windows: number[]): Second {
  const [rms, ...peaks] = quiet(1)[0];
  return [rms + 20, ...peaks.map((peak, i) => (windows.includes(i) ? peak + 60 : peak))];
}

describe("a sound event", () => {
  it("begins and ends with its loud windows, to 100 ms, and says how loud it was", () => {
    const stream = new Stream().hear([...quiet(20), sound(7, 8, 9), sound(0, 1, 2, 3), ...quiet(5)]);
    expect(stream.ended).toEqual([[20.7, 21.4]]);
    const [event] = stream.told;
    expect(event).toMatchObject({ peakDbfs: -30, backgroundDbfs: -60, score: 30, meanDb: 29.9, ended: true });
  });

  it("goes on over pauses that are shorter than the hold time, and none longer", () => {
    const pauses = [...quiet(20), sound(0, 1), sound(0, 1), ...quiet(1), sound(2, 3), ...quiet(5)];
    expect(new Stream().hear(pauses).ended).toEqual([
      [20, 21.2],
      [23.2, 23.4],
    ]);
    expect(new Stream({ holdSeconds: 3 }).hear(pauses).ended).toEqual([[20, 23.4]]);
  });

  it("that runs over the end of a segment is one, told again as it goes on", () => {
    const stream = new Stream().hear([...quiet(10), sound(8, 9)]).hear([sound(0, 1, 2)]);
    stream.hear(quiet(10));
    expect(
      stream.told.map(({ startUs, endUs, ended }) => [startUs / SECOND_US, endUs / SECOND_US, ended]),
    ).toEqual([
      [10.8, 11, false],
      [10.8, 11.3, false],
      [10.8, 11.3, true],
    ]);
    expect(stream.state?.event).toBeNull();
  });

  it("is no click, and no clock that ticks", () => {
    const ticks = new Array<Second>(60).fill(sound(3));
    expect(new Stream().hear([...quiet(10), sound(4), ...quiet(5), ...ticks, ...quiet(5)]).told).toEqual([]);
    expect(new Stream({ minSeconds: 0.1 }).hear([...quiet(10), sound(4), ...quiet(5)]).ended).toHaveLength(1);
    // A tick well before a sound is not where it begins
    expect(new Stream().hear([...quiet(10), sound(1, 6, 7), ...quiet(5)]).ended).toEqual([[10.6, 10.8]]);
  });

  it("has energy: peaks alone do not make one", () => {
    const [rms] = quiet(1)[0];
    const crackle = [rms + 3, ...sound(2, 3, 4).slice(1)];
    expect(new Stream().hear([...quiet(10), crackle, ...quiet(5)]).told).toEqual([]);
  });

  it("of rain ends when the background has come up to it", () => {
    const [[start, end], ...others] = new Stream().hear([...quiet(120), ...steady(600, QUIET + 20)]).ended;
    expect([start, others]).toEqual([120, []]);
    expect((end - start) / 60).toBeCloseTo((20 - 10) / 4, 1);
  });

  it("that is very long is told in pieces", () => {
    const loud = new Array<Second>(60).fill(sound(0, 1, 5, 6));
    const { ended } = new Stream({ maxSeconds: 20 }).hear([...quiet(20), ...loud, ...quiet(5)]);
    expect(ended.map(([start]) => start)).toEqual([20, 40, 60]);
    expect(ended.at(-1)?.[1]).toBe(79.7);
  });
});

describe("what is missing", () => {
  it("is no event, ends one, and does not move the background", () => {
    const stream = new Stream().hear([...quiet(60), sound(8, 9)]);
    const before = stream.state?.background;
    stream.hear(missing(600));
    expect(stream.ended).toEqual([[60.8, 61]]);
    expect(stream.state?.background).toEqual(before);
    stream.hear([...missing(3), ...quiet(5)]);
    expect(stream.told).toHaveLength(2);
  });

  it("between segments ends an event where it was last heard", () => {
    const stream = new Stream().hear([...quiet(60), sound(8, 9)]).away(5);
    expect(stream.hear([sound(0, 1), ...quiet(3)]).ended).toEqual([
      [60.8, 61],
      [66, 66.2],
    ]);
  });

  it("within a segment, with nothing in its place, does the same", () => {
    const track = trackOf([...quiet(20), sound(8, 9), sound(0, 1), ...quiet(3)]);
    const holes = [{ afterUs: 21 * SECOND_US, lengthUs: 60 * SECOND_US }];
    const { events, state } = detectSoundEvents({ startUs: 0, track, holes }, undefined);
    expect(events.map(({ startUs, endUs }) => [startUs / SECOND_US, endUs / SECOND_US])).toEqual([
      [20.8, 21],
      [81, 81.2],
    ]);
    expect(state.endUs).toBe(85 * SECOND_US);
  });

  it("for long makes the background forgotten", () => {
    for (const [hours, events] of [
      [0.9, 1],
      [1.1, 0],
    ]) {
      const stream = new Stream().hear(quiet(60)).away(hours * 3600);
      expect(stream.hear(steady(60, QUIET + 30)).told).toHaveLength(events);
    }
  });
});

describe("the first seconds of a device", () => {
  it("are judged by the quiet among them", () => {
    expect(new Stream().hear([sound(0, 1, 2), ...quiet(4), sound(3, 4), ...quiet(4)]).ended).toEqual([
      [0, 0.3],
      [5.3, 5.5],
    ]);
  });

  it("are the background if they are all the same, however loud", () => {
    expect(new Stream().hear(steady(30, -3)).told).toEqual([]);
  });

  it("do not matter for long when it begins with a sound", () => {
    const stream = new Stream().hear(steady(10, QUIET + 30)).hear(quiet(30));
    expect(stream.told).toEqual([]);
    expect(stream.hear([sound(3, 4, 5), ...quiet(3)]).ended).toEqual([[40.3, 40.6]]);
  });

  it("come with the first audio, when nothing was received before", () => {
    const stream = new Stream().hear(missing(20));
    expect(stream.state?.background).toBeNull();
    expect(stream.hear([...quiet(20), sound(3, 4), ...quiet(3)]).ended).toEqual([[40.3, 40.5]]);
  });
});

const bytes = fc.oneof(fc.nat(240), fc.integer({ min: 60, max: 100 }), fc.constant(255));
const seconds = fc.array(fc.array(bytes, { minLength: 11, maxLength: 11 }), { maxLength: 40 });
const ranges = Object.entries(SOUND_EVENT_RANGES) as [keyof SoundEventOptions, readonly [number, number]][];
const options: fc.Arbitrary<SoundEventOptions> = fc.record(
  Object.fromEntries(ranges.map(([name, [min, max]]) => [name, fc.double({ min, max, noNaN: true })])),
  { requiredKeys: [] },
);

it("takes any levels at any time, with any options", () => {
  const segments = fc.array(fc.record({ seconds, startUs: fc.integer({ min: -1e9, max: 1e15 }) }), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(segments, options, (all, options) => {
      const stream = new Stream(options);
      for (const { seconds, startUs } of all) {
        const segment = { startUs, track: trackOf(seconds) };
        const { events, state } = detectSoundEvents(segment, stream.state, options);
        const json = JSON.stringify(state);
        expect(parseSoundEventState(json)).toEqual(state);
        for (const event of events) {
          expect(event.endUs).toBeGreaterThan(event.startUs);
          expect(event.score).toBeGreaterThanOrEqual(event.meanDb);
        }
        stream.state = parseSoundEventState(json);
      }
    }),
  );
});

it("finds the same wherever the stream is cut behind its first 10 s", () => {
  fc.assert(
    fc.property(seconds, seconds, fc.array(fc.nat(40), { maxLength: 6 }), (more, most, cuts) => {
      const whole = [...quiet(10), ...more, ...quiet(3), ...most, ...quiet(70)];
      const cut = new Stream();
      const ends = [...cuts.map((at) => at + 10).sort((a, b) => a - b), whole.length];
      for (const [i, end] of ends.entries()) cut.hear(whole.slice(i === 0 ? 0 : ends[i - 1], end));
      const uncut = new Stream().hear(whole);
      expect(cut.ended).toEqual(uncut.ended);
      expect(cut.state).toEqual(uncut.state);
    }),
  );
});

it("finds the same at any gain: only the background moves", () => {
  const audible = fc.array(fc.array(fc.integer({ min: 60, max: 120 }), { minLength: 11, maxLength: 11 }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(audible, fc.integer({ min: -60, max: 120 }), (all, gain) => {
      const whole = [...all, ...steady(70, -80)];
      const soft = new Stream({ floorDbfs: -120 }).hear(whole);
      const louder = whole.map((second) => second.map((byte) => byte + gain));
      const loud = new Stream({ floorDbfs: -120 }).hear(louder);
      expect(loud.ended).toEqual(soft.ended);
      for (const [i, { backgroundDbfs, score }] of loud.told.entries()) {
        expect(backgroundDbfs - soft.told[i].backgroundDbfs).toBeCloseTo(gain / 2, 0);
        expect(score).toBeCloseTo(soft.told[i].score, 0);
      }
    }),
  );
});

it.each(ranges)("refuses %s out of its range", (name, [least, most]) => {
  const track = trackOf([]);
  for (const value of [least - 0.1, most + 0.1, Number.NaN]) {
    const detect = () => detectSoundEvents({ startUs: 0, track }, undefined, { [name]: value });
    expect(detect).toThrow(`${name} must be ${least} to ${most}, not ${value}`);
  }
  expect(DEFAULT_SOUND_EVENT_OPTIONS[name]).toBeGreaterThanOrEqual(least);
});

it.each([
  ["", undefined],
  ["null", undefined],
  ["[]", undefined],
  ['{"version":2,"endUs":1,"background":null,"event":null}', undefined],
  ['{"version":1,"endUs":"1","background":null,"event":null}', undefined],
  ['{"version":1,"endUs":1,"background":{"peakDbfs":1},"event":null}', undefined],
  ['{"version":1,"endUs":1,"background":null,"event":{}}', undefined],
  ['{"version":1,"endUs":1}', undefined],
  [
    '{"version":1,"endUs":1,"background":null,"event":null}',
    { version: 1, endUs: 1, background: null, event: null },
  ],
])("reads the state %j", (json, state) => {
  expect(parseSoundEventState(json)).toEqual(state);
});
