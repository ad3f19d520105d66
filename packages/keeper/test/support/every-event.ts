import type { HookEvent } from "../../src/index.js";
import { SEGMENT_EVENT, STREAM } from "./hooks.js";

const AT_US = 1_795_341_600_250_000;

/** One event of each kind: those that docs/hooks.md shows. */
export const EVERY_EVENT: readonly HookEvent[] = [
  SEGMENT_EVENT,
  { event: "stream:open", atUs: AT_US, stream: STREAM, codec: "ima-adpcm" },
  {
    event: "stream:close",
    atUs: AT_US + 60_000_000,
    stream: STREAM,
    cause: "connection-lost",
    detail: "nothing came for 60 s",
    samples: 960_000,
    lostFrames: 1,
  },
  { event: "gap", stream: STREAM, gap: SEGMENT_EVENT.segment.gaps[0] },
  {
    event: "disk:low",
    atUs: AT_US,
    trouble: "disk-full",
    detail: "12 MB free, 500 MB wanted",
    freeBytes: 12_000_000,
    hoursLeft: 0,
  },
];
