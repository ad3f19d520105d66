import { join } from "node:path";
import type { Segment } from "@audio/archive";
import {
  CompressError,
  type CompressedSegment,
  CompressionPool,
  type CompressionSettings,
  type CompressionTotals,
  findFfmpeg,
} from "@audio/compress";
import type { KeeperContext } from "../context.js";
import type { SegmentStep } from "../queue/step.js";
import { hasLocal, secondsOf } from "./forms.js";

/** Compression as a step, and what it has done. */
export interface CompressStep extends SegmentStep {
  readonly totals: CompressionTotals;
}

/** What compression needs of the keeper's context; a command has no more. */
export interface CompressContext extends Pick<KeeperContext, "catalogue" | "tell"> {
  readonly settings: Pick<KeeperContext["settings"], "dataDir">;
}

const MINUTE_MS = 60_000;
const LONGEST_MS = 60 * MINUTE_MS;
// What a full disk, or a file that the catalogue does not know to be gone, needs is over soon, or in ten minutes.
const FIRST_MS = 5000;
// A disk has room again from one moment to the next, and a try in vain costs half a second of a processor at most.
const LONGEST_FULL_MS = 30_000;
const MOST_ATTEMPTS = 8;
// A part that a crash left is nobody's after 15 s.
const BUSY_MS = 16_000;
/** Another file would fail in the same way. */
const COMMON = new Set(["ffmpeg-missing", "disk-full"]);

/** WAV to FLAC or Opus, verified; the WAV then goes unless it is to stay. */
export function compressStep(policy: CompressionSettings, context: CompressContext): CompressStep {
  const { settings, catalogue, tell } = context;
  const pool = new CompressionPool({ cpuShare: policy.cpuShare });
  const { format, flacLevel, opusKbps, keepOriginal, timeout } = policy;
  let found: Promise<string> | undefined;
  const find = () => {
    found ??= findFfmpeg({ encoders: [format === "flac" ? "flac" : "libopus"] }).catch((error) => {
      found = undefined; // it may be installed meanwhile
      throw error;
    });
    return found;
  };
  find().catch(({ message }: Error) =>
    tell(
      "warn",
      `what is to be compressed waits, with its upload and its hooks, until this is mended: ${message}`,
    ),
  );
  return {
    name: "compress",
    concurrency: pool.concurrency,
    delayMs: policy.delaySeconds * 1000,
    wants: (segment) => isWanted(segment, policy),
    async run(segment, signal) {
      const ffmpeg = await find();
      const input = join(settings.dataDir, `${segment.stem}.wav`);
      const encoder = { format, flacLevel, opusKbps, timeout };
      const done = await pool.compress({ ffmpeg, input, ...encoder, deleteOriginal: !keepOriginal, signal });
      tell("info", "segment compressed", report(segment, done, pool.totals));
      return () => {
        catalogue.segments.addLocal(segment.id, format, done.bytesAfter);
        if (done.originalDeleted) catalogue.segments.removeLocal(segment.id, "wav");
      };
    },
    isCommon: (error) => error instanceof CompressError && COMMON.has(error.code),
    isUncounted: isBusy,
    retryMs(error, failures) {
      if (isBusy(error)) return BUSY_MS;
      if (
        error instanceof CompressError &&
        (error.permanent || failures >= MOST_ATTEMPTS) &&
        !COMMON.has(error.code)
      )
        return undefined;
      return pauseMs(error, failures);
    },
    get totals() {
      return pool.totals;
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof CompressError && error.code === "busy";
}

function pauseMs(error: unknown, failures: number): number {
  const code = error instanceof CompressError ? error.code : undefined;
  const first = code === "ffmpeg-missing" ? MINUTE_MS : FIRST_MS;
  const longest = code === "disk-full" ? LONGEST_FULL_MS : LONGEST_MS;
  return Math.min(longest, first * 2 ** (failures - 1));
}

// A crash between the two may have left a WAV beside its result, which is then verified again.
function isWanted(segment: Segment, { format, minSeconds, keepOriginal }: CompressionSettings): boolean {
  const isDone = hasLocal(segment, format) && keepOriginal;
  return hasLocal(segment, "wav") && !isDone && secondsOf(segment) >= minSeconds;
}

function report({ stem }: Segment, done: CompressedSegment, totals: CompressionTotals) {
  const { format, bytesBefore, bytesAfter, percent, timesRealTime } = done;
  return {
    stem,
    format,
    bytesBefore,
    bytesAfter,
    percent: Math.round(percent * 10) / 10,
    timesRealTime: Math.round(timesRealTime),
    inAll: { segments: totals.compressed, bytesBefore: totals.bytesBefore, bytesAfter: totals.bytesAfter },
  };
}
