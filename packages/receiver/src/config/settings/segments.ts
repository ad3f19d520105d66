import { SYNC_POLICIES } from "@audio/archive";
import { DEFAULT_TEMPLATES, TimeZone } from "@audio/segments";
import { accepts, applying, choice, numeric, onOff, type Setting, template, text } from "../setting-kinds.js";

const SEGMENT_SECONDS: [number, number] = [0.1, 86_400];

/** How recordings are cut, called and brought to the disk. */
export const SEGMENTS: readonly Setting[] = [
  ...applying(
    "new-streams",
    numeric(
      "wsSegmentSeconds",
      "--ws-segment-seconds <s>",
      ["WS_SEGMENT_SECONDS"],
      SEGMENT_SECONDS,
      10,
      "length of a WebSocket segment",
    ),
    numeric(
      "tcpSegmentSeconds",
      "--tcp-segment-seconds <s>",
      ["TCP_SEGMENT_SECONDS", "SEGMENT_DURATION"],
      SEGMENT_SECONDS,
      600,
      "length of a raw PCM segment (TCP, UDP)",
    ),
    choice(
      "align",
      "--align <how>",
      ["ALIGN"],
      ["start", "clock"],
      "start",
      "where cuts fall: counted from a stream's start, or at round times",
    ),
  ),
  ...applying(
    "restart",
    {
      key: "timezone",
      flag: "--timezone <zone>",
      env: ["TIMEZONE"],
      schema: text
        .regex(/^[\w+:/-]+$/)
        .refine((value) => accepts(() => new TimeZone(value)))
        .optional(),
      allowed: "an IANA name like Europe/Vienna",
      fallback: undefined,
      about: "time zone of file names (default: the system's)",
    },
    template(
      "pathPcm",
      "--path-pcm <template>",
      DEFAULT_TEMPLATES.pcm,
      "path of a raw PCM segment (TCP, UDP)",
    ),
    template(
      "pathDevice",
      "--path-device <template>",
      DEFAULT_TEMPLATES.device,
      "path of a WebSocket segment with hwid",
    ),
    template(
      "pathAnonymous",
      "--path-anonymous <template>",
      DEFAULT_TEMPLATES.anonymous,
      "path of a WebSocket segment without hwid",
    ),
  ),
  ...applying(
    "new-streams",
    onOff("bin", "--no-bin", ["BIN"], true, "do not keep the frames as received (.bin)"),
    onOff(
      "binHandshake",
      "--bin-handshake",
      ["BIN_HANDSHAKE"],
      false,
      "put the handshake in front of each .bin",
    ),
  ),
  ...applying(
    "restart",
    choice(
      "fsync",
      "--fsync <policy>",
      ["FSYNC"],
      SYNC_POLICIES,
      "segment",
      "force to disk: every finished segment, also once a second, or never",
    ),
    onOff(
      "catalogue",
      "--no-catalogue",
      ["CATALOGUE"],
      true,
      "record only: no catalogue, and nothing of what follows a finished segment",
    ),
  ),
];
