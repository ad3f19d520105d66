import { GAP_CAUSES, type Gap } from "@audio/segments";
import { SOURCES } from "../events.js";
import type { SegmentFacts } from "./segment.js";

/** Facts as something outside the data directory states them; anybody may have written them. */
export interface StatedFacts extends Omit<SegmentFacts, "source" | "gaps" | "levels"> {
  readonly source: string | undefined;
  readonly gaps: readonly (Omit<Gap, "cause"> & { readonly cause: string })[];
}

// What the protocol and the settings allow.
const RATES = { min: 1000, max: 384_000 };
const MOST_CHANNELS = 65_535;
const DEVICE = /^[A-Za-z0-9_-]{1,64}$/;
// "PATH_MAX 4096 # chars in a path name including nul": linux/limits.h
const LONGEST_STEM = 4000;

/** The facts, if a recording of ours can have them; a stem that could lead out of the data directory is none. */
export function plausibleFacts(stated: StatedFacts): SegmentFacts | undefined {
  const { stem, device, streamId, sampleRate, channels, bitsPerSample, startUs, samples } = stated;
  const isPlausible =
    isStem(stem) &&
    (device === undefined || DEVICE.test(device)) &&
    isWithin(streamId, 0, 0xffff_ffff) &&
    isWithin(sampleRate, RATES.min, RATES.max) &&
    isWithin(channels, 1, MOST_CHANNELS) &&
    [8, 16, 24, 32].includes(bitsPerSample) &&
    isWithin(samples, 1, Number.MAX_SAFE_INTEGER) &&
    isWithin(startUs, 0, Number.MAX_SAFE_INTEGER - (samples * 1_000_000) / sampleRate);
  if (!isPlausible) return undefined;
  const source = SOURCES.find((known) => known === stated.source);
  const gaps = stated.gaps.flatMap((gap) => {
    const cause = GAP_CAUSES.find((known) => known === gap.cause);
    return cause === undefined ? [] : [{ ...gap, cause }];
  });
  return {
    stem,
    source,
    device,
    streamId,
    sampleRate,
    channels,
    bitsPerSample,
    startUs,
    samples,
    gaps,
    levels: undefined,
  };
}

function isStem(stem: string): boolean {
  const isPath = stem.length <= LONGEST_STEM && !/[\\\p{Cc}]/u.test(stem);
  return isPath && stem.split("/").every((part) => part !== "" && !part.startsWith("."));
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
