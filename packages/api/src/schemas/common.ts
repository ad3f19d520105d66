import { z } from "zod";

/** Name of a device in addresses and answers: its own, or `~` for all senders that gave none, together. */
export const NAMELESS = "~";

export const DeviceName = z
  .string()
  .regex(/^([A-Za-z0-9_-]{1,64}|~)$/)
  .describe("name of a device; ~ = all senders that gave none, together");

/** UTC, microseconds since the epoch. */
export const Microseconds = z.int().describe("UTC, microseconds since 1970");

/** A time in a query. */
const Time = z
  .string()
  .min(1)
  .max(40)
  .describe(
    "a time: ISO 8601 (2026-11-17T03:17:00Z, +01:00, or without an offset in the receiver's time zone), a date, -2h, or whole seconds, milliseconds or microseconds since 1970",
  );

export const Dbfs = z.number().min(-120).max(0).describe("dBFS: 0 = full scale");

/** Peak and RMS of a stretch. */
export const Loudness = z.object({ peakDbfs: Dbfs, rmsDbfs: Dbfs });

/** What stands in the body of every answer that is no success. */
export const Failure = z.object({
  error: z.string().describe("what was found, what is allowed, what to do"),
});
export type Failure = z.infer<typeof Failure>;

/** Up to 64 devices: `device=a&device=b`. */
export const DeviceNames = z
  .union([DeviceName.transform((name) => [name]), z.array(DeviceName).min(1).max(64)])
  .describe("one device, or several: device=a&device=b");

/** A range of time that a query must name. */
export const Range = z.object({ from: Time, to: Time });

/** A range of time that a query may leave open. */
export const OpenRange = Range.partial();

export const Format = z.object({
  sampleRate: z.int().describe("Hz"),
  channels: z.int(),
  bitsPerSample: z.int(),
});

export const Source = z.enum(["websocket", "tcp", "framed-tcp", "udp"]);
export const Form = z.enum(["wav", "flac", "opus", "bin"]);

const limit = (most: number, fallback: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback).describe(`at most so many, up to ${most}`);

export { limit };
