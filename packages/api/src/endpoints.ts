import { z } from "zod";
import type { Endpoint } from "./endpoint.js";
import { DeviceName, DeviceNames, limit, OpenRange, Range } from "./schemas/common.js";
import { Connection, Device, DeviceCard } from "./schemas/devices.js";
import { Deletion, Finding, Loss, NewNote, NewPin, Note, Pin } from "./schemas/marks.js";
import { Now } from "./schemas/now.js";
import { ServerInfo } from "./schemas/server.js";
import { AudioPlan, DeviceDays, Gap, SegmentPage, Sound, Timeline } from "./schemas/timeline.js";

const OneDevice = z.object({ device: DeviceName });
const OneId = z.object({ id: z.string().regex(/^[0-9a-f]{8}$/) });
const Several = z.object({ device: DeviceNames });
const MaybeDevice = z.object({ device: DeviceName.optional() });
const Stream = z.object({
  stream: z.coerce.number().int().min(0).max(4_294_967_295).optional().describe("one stream of the device"),
});

/**
 * Every address below `/api/v1`, by method and path: what the server checks requests with, the OpenAPI description is
 * made of, and the client's types come from.
 */
export const ENDPOINTS = {
  "GET /openapi.json": {
    summary: "This description",
    access: "read",
    response: z.record(z.string(), z.unknown()),
  },
  "GET /server": { summary: "The receiver, and who is logged in", access: "read", response: ServerInfo },
  "GET /now": { summary: "Every device as it is now, the disk, the queues", access: "read", response: Now },
  "GET /events": {
    summary: "What happens, as it happens: server-sent events now, levels, segment, gap, changed",
    access: "read",
    bytes: { types: ["text/event-stream"], about: "each event's data is JSON" },
  },
  "GET /devices": { summary: "Every device that is known", access: "read", response: z.array(Device) },
  "GET /devices/{device}": { summary: "One device", access: "read", params: OneDevice, response: Device },
  "PATCH /devices/{device}": {
    summary: "Names, groups or describes a device",
    access: "change",
    params: OneDevice,
    body: DeviceCard.partial(),
    response: Device,
  },
  "GET /devices/{device}/connections": {
    summary: "When it was connected, latest first",
    access: "read",
    params: OneDevice,
    query: OpenRange.extend({ limit: limit(1000, 100) }),
    response: z.array(Connection),
  },
  "GET /days": {
    summary: "Which days have recordings, and how much",
    access: "read",
    query: z.object({
      device: DeviceNames.optional(),
      month: z
        .string()
        .regex(/^\d{4}-\d{2}$/)
        .describe("2026-11"),
    }),
    response: z.array(DeviceDays),
  },
  "GET /timeline": {
    summary: "What was recorded, what is missing and what was heard, to be drawn",
    access: "read",
    query: Several.extend(Range.shape),
    response: Timeline,
  },
  "GET /levels": {
    summary: "Loudness over time of several devices, in one answer",
    access: "read",
    query: Several.extend({
      ...Range.shape,
      points: z.coerce.number().int().min(1).max(10_000).describe("values of each device"),
    }),
    bytes: {
      types: ["application/vnd.audio.levels"],
      about: "see formatLevels and parseLevels of @audio/api: a byte peak and a byte RMS for each point",
    },
  },
  "GET /segments": {
    summary: "Segments with their files, a page at a time",
    access: "read",
    query: MaybeDevice.extend({
      ...OpenRange.shape,
      after: z.string().max(64).optional().describe("`next` of the page before"),
      order: z.enum(["oldest", "latest"]).default("oldest"),
      limit: limit(1000, 100),
    }),
    response: SegmentPage,
  },
  "GET /gaps": {
    summary: "What is missing, when and why",
    access: "read",
    query: MaybeDevice.extend({ ...OpenRange.shape, limit: limit(10_000, 1000) }),
    response: z.array(Gap),
  },
  "GET /sounds": {
    summary: "Sound events: what was louder than the device's background",
    access: "read",
    query: MaybeDevice.extend({
      ...OpenRange.shape,
      minScore: z.coerce.number().min(0).max(120).optional().describe("dB above the background"),
      limit: limit(10_000, 1000),
    }),
    response: z.array(Sound),
  },
  "GET /audio": {
    summary: "The audio of a device from a time to another, across segments, silence where there is none",
    access: "read",
    query: OneDevice.extend({
      ...Range.shape,
      ...Stream.shape,
      format: z.enum(["wav", "flac", "opus"]).default("wav"),
      gaps: z.enum(["silence", "cut"]).default("silence"),
      download: z.enum(["0", "1"]).default("0").describe("1 = as a file with a name"),
    }),
    bytes: {
      types: ["audio/wav", "audio/flac", "audio/ogg"],
      about:
        "wav has a known length and answers requests for ranges; flac and opus are encoded as they are sent",
    },
    failures: {
      404: "nothing was recorded in that time",
      409: "the format changes within the range",
      413: "more audio than a WAV can hold: ask for less, or for FLAC",
    },
  },
  "GET /audio/plan": {
    summary: "What /audio would play: its format, its length, what must be fetched",
    access: "read",
    query: OneDevice.extend({ ...Range.shape, ...Stream.shape }),
    response: AudioPlan,
    failures: {
      404: "nothing was recorded in that time",
      409: "the format changes within the range",
      413: "more audio than a WAV can hold: ask for less, or for FLAC",
    },
  },
  "GET /live/{key}": {
    summary: "What a stream sends, as it comes: a WebSocket",
    access: "read",
    params: z.object({ key: z.coerce.number().int().min(1) }),
    bytes: {
      types: ["application/vnd.audio.frames"],
      about:
        "after the upgrade: the text message LiveFormat, then binary messages, each a frame of docs/protocol.md. Frames are left out when the listener is too slow",
    },
    failures: {
      403: "asked for by a page of another site",
      404: "no such stream",
      426: "not a WebSocket",
      503: "too many listen already",
    },
  },
  "GET /search": {
    summary: "Devices, dates, notes and pins that match",
    access: "read",
    query: z.object({ q: z.string().trim().min(1).max(100), limit: limit(100, 20) }),
    response: z.array(Finding),
  },
  "GET /pins": {
    summary: "What nobody deletes",
    access: "read",
    query: MaybeDevice.extend(OpenRange.shape),
    response: z.array(Pin),
  },
  "POST /pins": { summary: "Pins a stretch", access: "change", body: NewPin, response: Pin },
  "DELETE /pins/{id}": { summary: "Unpins it", access: "change", params: OneId, response: Pin },
  "GET /notes": {
    summary: "What people wrote about what they heard",
    access: "read",
    query: MaybeDevice.extend(OpenRange.shape),
    response: z.array(Note),
  },
  "POST /notes": { summary: "Notes something", access: "change", body: NewNote, response: Note },
  "DELETE /notes/{id}": { summary: "Removes a note", access: "change", params: OneId, response: Note },
  "GET /loss": {
    summary: "What a deletion would take",
    access: "read",
    query: OneDevice.extend(Range.shape),
    response: Loss,
  },
  "POST /deletions": {
    summary: "Deletes the recordings of a stretch, for good",
    access: "change",
    body: Deletion,
    response: Loss,
    failures: { 409: "it would take more than the asker was told" },
  },
} as const satisfies Readonly<Record<string, Endpoint>>;

/** The type of {@link ENDPOINTS}: names of requests, with what each takes and answers. */
export type Endpoints = typeof ENDPOINTS;
