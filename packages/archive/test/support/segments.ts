import { join } from "node:path";
import { formatWavHeader } from "@audio/wav";
import fc from "fast-check";
import type { Form, Segment, SegmentForm } from "../../src/catalogue/segment.js";
import type { RangePlan } from "../../src/playback/plan.js";
import { put } from "./recordings.js";

export const SECOND = 1_000_000;
/** 2026-11-21 18:00 UTC and some odd microseconds. */
export const EVENING = Date.UTC(2026, 10, 21, 18) * 1000 + 215_003;

let lastId = 0;

/** A local WAV of 10 s at 8 kHz, unless told otherwise. */
export function segment(fields: Partial<Segment> = {}): Segment {
  const startUs = fields.startUs ?? EVENING;
  const { sampleRate = 8000, samples = 10 * sampleRate } = fields;
  return {
    id: ++lastId,
    stem: `received/kitchen/stream_1_kitchen_${startUs}`,
    source: "websocket",
    device: "kitchen",
    streamId: 1,
    sampleRate,
    channels: 1,
    bitsPerSample: 16,
    startUs,
    endUs: startUs + Math.round((samples * SECOND) / sampleRate),
    samples,
    gaps: [],
    levels: undefined,
    forms: [local("wav")],
    ...fields,
  };
}

export function local(form: Form): SegmentForm {
  return { form, bytes: 0, local: true, remote: undefined };
}

export function remote(form: Form, bytes: number): SegmentForm {
  return { form, bytes, local: false, remote: { bucket: "b", key: `k.${form}`, verifiedUs: 0 } };
}

/** Puts a segment's audio (s16le, or wider as the segment says) into a data directory, as a WAV. */
export function putWav(
  dataDir: string,
  { stem, ...segment }: Segment,
  audio: Uint8Array,
  extension = "wav",
): string {
  const { sampleRate, channels } = segment;
  const bitsPerSample = segment.bitsPerSample as 16;
  const header = formatWavHeader({ sampleRate, channels, bitsPerSample }, audio.length);
  put(dataDir, `${stem}.${extension}`, Buffer.concat([header, audio]));
  return join(dataDir, `${stem}.${extension}`);
}

/** A run of samples of one segment, or of silence: what a plan plays, with pieces that continue each other joined. */
export type Run = [stem: string, from: number, samples: number];

export function runsOf(...plans: (RangePlan | undefined)[]): Run[] {
  const runs: Run[] = [];
  for (const piece of plans.flatMap((plan) => plan?.pieces ?? [])) {
    const [stem, from] = piece.kind === "audio" ? [piece.segment.stem, piece.from] : ["", 0];
    const last = runs.at(-1);
    const goesOn = last?.[0] === stem && (stem === "" || last[1] + last[2] === from);
    if (last !== undefined && goesOn) last[2] += piece.samples;
    else runs.push([stem, from, piece.samples]);
  }
  return runs;
}

/** What follows a segment: as the recorder would go on, with clocks that disagree, or after a gap. */
type Step = { readonly seconds: number; readonly apartUs: number; readonly innerGap: boolean };

const steps: fc.Arbitrary<Step> = fc.record({
  seconds: fc.double({ min: 4, max: 12, noNaN: true }),
  apartUs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -900_000, max: 900_000 }),
    fc.integer({ min: 2 * SECOND, max: 30 * SECOND }),
  ),
  innerGap: fc.boolean(),
});

/** Segments of one stream in the order of time, whose starts disagree by less than a second where nothing is missing. */
export const streams: fc.Arbitrary<Segment[]> = fc
  .tuple(fc.constantFrom(1000, 1001, 997), fc.array(steps, { minLength: 1, maxLength: 12 }))
  .map(([sampleRate, all]) => {
    let startUs = EVENING;
    return all.map(({ seconds, apartUs, innerGap }, i) => {
      const samples = Math.round(seconds * sampleRate);
      const missing = innerGap ? sampleRate : 0;
      const at = startUs + Math.round((SECOND * Math.floor(samples / 3)) / sampleRate);
      const gap = { startUs: at, samples: missing, cause: "lost-frames", filled: false } as const;
      const gaps = innerGap ? [gap] : [];
      const one = segment({ startUs, samples, sampleRate, stem: `s${i}`, gaps });
      startUs += Math.round(((samples + missing) * SECOND) / sampleRate) + apartUs;
      return one;
    });
  });
