import { z } from "zod";
import { Dbfs, DeviceName, Form, Format, Loudness, Microseconds, Source } from "./common.js";

/** A file of a segment, or an object. */
export const SegmentForm = z.object({
  form: Form,
  bytes: z.int(),
  local: z.boolean(),
  remote: z.boolean(),
});

export const Segment = z.object({
  ...Format.shape,
  stem: z.string().describe("path below the data directory without extension; names the segment"),
  device: DeviceName,
  streamId: z.int(),
  source: Source.nullable(),
  startUs: Microseconds,
  endUs: Microseconds,
  samples: z.int().describe("sample frames"),
  levels: Loudness.extend({ clippedSamples: z.int(), flatSeconds: z.number() }).nullable(),
  forms: z.array(SegmentForm),
  isRecording: z.boolean().describe("it still grows"),
  url: z
    .string()
    .nullable()
    .describe("address of its audio below the web root; null: it has no audio file here"),
});
/** A segment and its files; times are UTC, microseconds since 1970. */
export type Segment = z.infer<typeof Segment>;

export const SegmentPage = z.object({
  segments: z.array(Segment),
  next: z.string().nullable().describe("`after` of the next page; null = this is the last"),
});
/** Segments, and where the next page begins. */
export type SegmentPage = z.infer<typeof SegmentPage>;

/** Audio that is missing, or silence in its place. */
export const Gap = z.object({
  device: DeviceName,
  startUs: Microseconds,
  endUs: Microseconds,
  lengthUs: z
    .int()
    .describe("of audio that is missing: less than from start to end where several are joined"),
  gaps: z.int(),
  cause: z.string(),
  filled: z.boolean().describe("silence stands in its place in the file"),
});
export type Gap = z.infer<typeof Gap>;

/** Something louder than the device's own background. */
export const Sound = z.object({
  device: DeviceName,
  streamId: z.int(),
  startUs: Microseconds,
  endUs: Microseconds,
  peakDbfs: Dbfs,
  backgroundDbfs: Dbfs,
  score: z.number().describe("how far it rises above the background, dB"),
});
export type Sound = z.infer<typeof Sound>;

/** What a device has in a range of time, to be drawn. */
export const DeviceTimeline = z.object({
  device: DeviceName,
  stretches: z
    .array(z.tuple([Microseconds, Microseconds, z.enum(["local", "remote", "recording"])]))
    .describe("[start, end, where]: segments that follow one another are one"),
  gaps: z.array(Gap),
  sounds: z.array(Sound),
});
export type DeviceTimeline = z.infer<typeof DeviceTimeline>;

export const Timeline = z.object({
  fromUs: Microseconds,
  toUs: Microseconds,
  devices: z.array(DeviceTimeline),
});
/** What several devices recorded in a range, to be drawn. */
export type Timeline = z.infer<typeof Timeline>;

export const Day = z.object({
  date: z.iso.date().describe("in the receiver's time zone"),
  startUs: Microseconds,
  endUs: Microseconds,
  recordedUs: z.int().describe("microseconds in which something was recorded"),
  segments: z.int(),
  sounds: z.int(),
  peakDbfs: Dbfs.nullable(),
});
/** What a device recorded on a day: microseconds, segments, loudness. */
export type Day = z.infer<typeof Day>;

/** Which days a device has. */
export const DeviceDays = z.object({ device: DeviceName, days: z.array(Day) });
export type DeviceDays = z.infer<typeof DeviceDays>;

/** What a range plays. */
export const AudioPlan = z.object({
  ...Format.shape,
  device: DeviceName,
  fromUs: Microseconds,
  toUs: Microseconds,
  samples: z.int(),
  missingUs: z.int().describe("of it, silence because nothing was recorded"),
  remoteSegments: z.int().describe("segments that must be fetched from the bucket"),
  otherStreams: z.array(z.int()).describe("streams of the device at the same time that are not in it"),
});
export type AudioPlan = z.infer<typeof AudioPlan>;
