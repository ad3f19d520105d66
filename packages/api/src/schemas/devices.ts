import { z } from "zod";
import { DeviceName, Format, Microseconds, Source } from "./common.js";

/** What people may write to a device. */
export const DeviceCard = z.object({
  label: z.string().max(80).describe("how people call it; empty = by its own name"),
  group: z.string().max(80).describe("devices with the same word stand together"),
  note: z.string().max(2000),
});
export type DeviceCard = z.infer<typeof DeviceCard>;

/** A device that has recorded, is connected, or is known from the settings. */
export const Device = z.object({
  ...DeviceCard.shape,
  device: DeviceName,
  segments: z.int(),
  firstUs: Microseconds.nullable(),
  lastUs: Microseconds.nullable(),
  localBytes: z.int(),
  remoteBytes: z.int(),
  format: Format.nullable().describe("of its last segment"),
  source: Source.nullable(),
  token: z.string().nullable().describe("name of the token that is for this device alone"),
  retention: z.object({
    keep: z.boolean().describe("nothing of it is ever deleted"),
    maxAgeDays: z.number().nullable(),
    maxGb: z.number().nullable(),
  }),
});
export type Device = z.infer<typeof Device>;

/** One connection of a device, from its first frame to its end. */
export const Connection = z.object({
  device: DeviceName,
  streamId: z.int(),
  source: Source,
  codec: z.string(),
  peer: z.string().nullable(),
  openedUs: Microseconds,
  closedUs: Microseconds.nullable().describe("null: it is connected, or nobody saw its end"),
  cause: z
    .string()
    .nullable()
    .describe(
      "peer-closed, connection-lost, refused, idle, server-stopping; unknown: the receiver was killed",
    ),
  detail: z.string(),
  samples: z.int().nullable(),
  lostFrames: z.int().nullable(),
});
export type Connection = z.infer<typeof Connection>;
