import { z } from "zod";
import { DeviceName, Format, Loudness, Microseconds, Source } from "./common.js";

/** A stream that is connected now. */
export const LiveStream = z.object({
  ...Format.shape,
  key: z.int().describe("names the stream until the receiver is restarted; see /live/{key}"),
  device: DeviceName,
  streamId: z.int(),
  source: Source,
  codec: z.enum(["pcm16", "ima-adpcm", "raw-pcm"]),
  peer: z.string().nullable().describe("address and port; null for who may not know"),
  openedUs: Microseconds,
  endUs: Microseconds.nullable().describe("behind the last sample; null before the first"),
  level: Loudness.nullable().describe("of the last whole second; null while there is none"),
  frames: z.int(),
  samples: z.int(),
  lostFrames: z.int(),
  repeatedFrames: z.int(),
  driftPpm: z.number().nullable().describe("its clock against ours, positive = fast; null until known"),
});
export type LiveStream = z.infer<typeof LiveStream>;

/** A device as it is now. */
export const DeviceNow = z.object({
  device: DeviceName,
  state: z
    .enum(["recording", "silent", "not-recorded", "offline"])
    .describe(
      "recording: audio arrives and is written; silent: connected, but nothing has come for 5 s; not-recorded: audio arrives, and is not written; offline: not connected",
    ),
  why: z.string().nullable().describe("why it is not recording, for people; null = nobody knows"),
  lastUs: Microseconds.nullable().describe("end of its last audio"),
  streams: z.array(LiveStream),
});
export type DeviceNow = z.infer<typeof DeviceNow>;

export const DiskNow = z.object({
  totalBytes: z.int().nullable(),
  freeBytes: z.int().nullable().describe("null: the disk does not answer"),
  keepFreeBytes: z.int().describe("recording stops below"),
  recordedBytes: z.int().describe("bytes of recordings on it"),
  bytesPerSecond: z.number().describe("growth over the last minutes"),
  hoursLeft: z
    .number()
    .nullable()
    .describe("until recording stops, or retention deletes; null = it does not grow"),
  trouble: z.enum(["disk-full", "disk-unavailable", "disk-stalled"]).nullable(),
});
/** The disk that is recorded on: bytes, and hours until it is full. */
export type DiskNow = z.infer<typeof DiskNow>;

export const QueueNow = z.object({
  step: z.string().describe("measure, compress, upload, tell, or hook:NAME"),
  waiting: z.int(),
  running: z.int(),
  failing: z.int(),
  givenUp: z.int(),
  isWaiting: z.boolean().describe("the whole queue waits: an outage, or a wrong setting"),
  oldestMs: z.number().nullable().describe("how long the oldest job has waited"),
});
/** How far a step behind the recording has come. */
export type QueueNow = z.infer<typeof QueueNow>;

/** Everything that the page of live devices shows. */
export const Now = z.object({
  nowUs: Microseconds,
  devices: z.array(DeviceNow),
  disk: DiskNow,
  queues: z.array(QueueNow),
  readiness: z.object({ status: z.enum(["ok", "unavailable"]), reasons: z.array(z.string()) }),
});
export type Now = z.infer<typeof Now>;

/** Levels of one second, as short as they can be: they come every second for every stream. */
export const LevelRow = z
  .tuple([z.int(), z.number(), z.number(), z.number(), z.int()])
  .describe("[stream key, peak dBFS, RMS dBFS, end of its audio in UTC microseconds, lost frames]");
export type LevelRow = z.infer<typeof LevelRow>;

/** What `/events` sends, by the name of the event. */
export const ServerEvents = {
  now: Now.describe(
    "first, and when a device or trouble comes or goes, at most one a second; when only figures of the disk and the queues have changed, one in 10 s",
  ),
  levels: z
    .object({ nowUs: Microseconds, rows: z.array(LevelRow) })
    .describe("every second while a stream sends"),
  segment: z
    .object({ device: DeviceName, stem: z.string(), startUs: Microseconds, endUs: Microseconds })
    .describe("a segment is complete"),
  gap: z
    .object({ device: DeviceName, startUs: Microseconds, endUs: Microseconds, cause: z.string() })
    .describe("audio is missing"),
  changed: z
    .object({ what: z.enum(["pins", "notes", "devices", "recordings"]) })
    .describe("somebody changed pins, notes or names, or deleted recordings"),
} as const;
export type ServerEvents = { [Name in keyof typeof ServerEvents]: z.infer<(typeof ServerEvents)[Name]> };
