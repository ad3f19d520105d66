import { availableParallelism } from "node:os";
import type { AudioSources, ReadNote, Segment, SegmentForm } from "@audio/archive";
import { CompressError } from "@audio/compress";
import type { StoreSettings } from "@audio/upload";
import { type Codecs, ffmpegCodecs } from "../../export/codecs.js";
import { StoreReader } from "../../export/store-reader.js";
import { WebFailure } from "../web-failure.js";
import { Places } from "./places.js";

/** What all who listen through the web port share. */
export interface Playback {
  /** Where audio is read from. */
  readonly sources: AudioSources;
  readonly encode: Codecs["encode"];
  /** Whether there is a store to read from. */
  readonly hasStore: boolean;
  /**
   * Gets room to run ffmpeg, until the signal comes: it takes a core.
   * @throws WebFailure 503: there is no ffmpeg here, or no room
   */
  readonly useFfmpeg: (until: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface PlaybackOptions {
  readonly dataDir: string;
  /** Undefined: uploading is off. */
  readonly store: StoreSettings | undefined;
  /** What is known of a segment's forms by now. */
  readonly formsOf: (segment: Segment) => Promise<readonly SegmentForm[]>;
  /** Silence stands for audio that no form of a segment gave; told once for each segment. */
  readonly onSilence: (note: ReadNote) => void;
  readonly findFfmpeg?: () => Promise<string>;
}

// Each may be two processes, one that decodes and one that encodes, at the lowest priority.
const LEAST_AT_ONCE = 4;
/** Who may run ffmpeg at a time. */
export const FFMPEG_AT_ONCE = Math.max(LEAST_AT_ONCE, availableParallelism());
const MOST_WAITING = 64;
const WAIT_MS = 2000;
const MOST_TOLD = 1000;

/** Opens what listening needs; nothing is started or connected before somebody listens. */
export function openPlayback({ dataDir, store, formsOf, onSilence, findFfmpeg }: PlaybackOptions): Playback {
  const reader = new StoreReader(store);
  const codecs = ffmpegCodecs(findFfmpeg);
  const places = new Places({ most: FFMPEG_AT_ONCE, mostWaiting: MOST_WAITING, waitMs: WAIT_MS });
  const { openRemote } = reader;
  return {
    sources: { dataDir, decode: codecs.decode, openRemote, formsOf, onNote: oncePerSegment(onSilence) },
    encode: codecs.encode,
    hasStore: store !== undefined,
    async useFfmpeg(until) {
      await codecs.find().catch(explain);
      await places.take(until);
    },
    close: () => reader.close(),
  };
}

function explain(error: Error): never {
  if (error instanceof CompressError && error.code === "ffmpeg-missing")
    throw new WebFailure(503, `this needs ffmpeg on the receiver: ${error.message}`);
  throw error;
}

// Whoever listens again asks for the same segment again, and so does every range of it.
function oncePerSegment(tell: (note: ReadNote) => void): (note: ReadNote) => void {
  const told = new Set<string>();
  return (note) => {
    const { stem } = note.segment;
    if (note.silentSamples === 0 || told.has(stem)) return;
    if (told.size === MOST_TOLD) told.clear();
    told.add(stem);
    tell(note);
  };
}
