import type { Readable } from "node:stream";
import type { RemoteCopy, Segment, SegmentForm } from "../catalogue/segment.js";
import type { PlayFormat } from "./plan.js";

/** What of a compressed segment is wanted. */
export interface DecodeRequest {
  readonly form: "flac" | "opus";
  /** First sample frame. */
  readonly from: number;
  /** Sample frames. */
  readonly samples: number;
  /** Of the PCM that comes out. */
  readonly format: PlayFormat;
  readonly signal?: AbortSignal;
}

/**
 * Decodes a FLAC or Ogg Opus file (its path, or its bytes from the front) to little-endian PCM of `format`, in chunks
 * of any length. May end early; what is more than was asked for is not read. Throws what it cannot decode.
 */
export type DecodeAudio = (input: string | Readable, request: DecodeRequest) => AsyncIterable<Uint8Array>;

/** Opens bytes `start` (included) … `end` (not included) of a stored object. */
export type OpenRemote = (
  copy: RemoteCopy,
  range: { readonly start: number; readonly end: number; readonly signal?: AbortSignal },
) => Promise<Readable>;

/** Something that was not as the plan says. */
export interface ReadNote {
  readonly segment: Segment;
  /** Sample frames for which silence stands, because no form of the segment gave them; 0: another form did. */
  readonly silentSamples: number;
  /** Each form that was tried, and what was wrong with it. */
  readonly reasons: readonly string[];
}

/** Where the audio of a plan comes from. */
export interface AudioSources {
  readonly dataDir: string;
  /** Without it, FLAC and Opus are not read. */
  readonly decode?: DecodeAudio;
  /** Without it, remote copies are not read. */
  readonly openRemote?: OpenRemote;
  /** What is known of a segment's forms now: asked when none of those of the plan is there any more. */
  readonly formsOf?: (segment: Segment) => Promise<readonly SegmentForm[]>;
  /** Told of files that could not be read, for a log; silence stands in their place. */
  readonly onNote?: (note: ReadNote) => void;
}
