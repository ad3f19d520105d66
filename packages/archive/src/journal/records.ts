import { crc32 } from "node:zlib";
import type { Codec } from "@audio/protocol";
import type { RecordingMetadata } from "@audio/wav";

// Every record: u32 payload bytes, u32 CRC-32 of the payload, payload. A torn or rotten end is known by its CRC.
const ENVELOPE_BYTES = 8;
// A run is one stream's audio between two commits; far below this.
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;
const RUN = 1;
const NOTE = 2;
const RUN_HEADER_BYTES = 48;

/** Bytes in front of a run's frames. */
export const RUN_FRAMES_OFFSET = ENVELOPE_BYTES + RUN_HEADER_BYTES;

/** Where a run of frames lies in its session; its frames follow each other without a gap. */
export interface RunPlace {
  /** Number of the session. */
  readonly session: number;
  /** Number of the segment in the session in which the first frame begins. */
  readonly segment: number;
  /** Sample frame of the session at which the first frame begins. */
  readonly index: number;
  /** UTC in microseconds of that sample frame. */
  readonly utcUs: number;
  /** Byte in the segment's `.bin` at which the first frame begins; −1 when frames are not kept. */
  readonly binAt: number;
  readonly order: "low" | "high";
}

/** Frames as they were received, back to back, and where they belong. */
export interface Run extends RunPlace {
  /** Sample frame behind the last frame. */
  readonly endIndex: number;
  /** Sequence number behind the last frame. */
  readonly nextSeq: number;
  readonly frames: Uint8Array;
}

/** What identifies a session and says how its frames are coded. */
export interface SessionFormat {
  readonly codec: Codec;
  readonly channels: number;
  /** Samples per channel in a full frame. */
  readonly frameSamples: number;
  /** Hz */
  readonly sampleRate: number;
}

/** A session as it stood on disk when this was written. */
export interface SessionNote {
  readonly kind: "session";
  readonly id: number;
  readonly key: string;
  readonly format: SessionFormat;
  readonly nextSeq: number;
  readonly index: number;
  /** UTC in microseconds of sample frame `index`; undefined before the first. */
  readonly utcUs?: number;
  readonly order?: "low" | "high";
  /** Segments begun so far. */
  readonly segments: number;
}

/** What is known of a segment before its audio. */
export type SegmentMetadata = Omit<RecordingMetadata, "samples" | "gaps">;

/** A segment of a session was begun; a later note of the same segment corrects an earlier one. */
export interface SegmentNote {
  readonly kind: "segment";
  readonly session: number;
  readonly segment: number;
  /** Name below the data directory that it is to get, without extension and number. */
  readonly name: string;
  readonly startIndex: number;
  /** What is to stand behind its audio. */
  readonly metadata: SegmentMetadata;
  /** What stands in front of its `.bin`'s frames, in base64. */
  readonly binPreamble?: string;
}

/** A segment's file has its name. */
export interface OpenNote {
  readonly kind: "open";
  /** Path below the data directory, without extension. */
  readonly stem: string;
  /** What is to stand behind its audio. */
  readonly metadata: SegmentMetadata;
  /** Size of a sample frame. */
  readonly frameBytes: number;
  /** For an acknowledged stream: which segment of which session it is. */
  readonly session?: number;
  readonly segment?: number;
}

/** A segment whose file never got its name while it was recorded has it now. */
export interface NamedNote {
  readonly kind: "named";
  readonly session: number;
  readonly segment: number;
  /** Path below the data directory, without extension. */
  readonly stem: string;
}

/** A segment is finished, synced and under its name: whatever becomes of the file now is not our doing. */
export interface DoneNote {
  readonly kind: "done";
  readonly stem: string;
}

/** A device was last heard at `endUs`; `live`: it would have gone on, had the receiver not stopped. */
export interface HeardNote {
  readonly kind: "heard";
  /** Source, device and stream id. */
  readonly key: string;
  readonly endUs: number;
  readonly live: boolean;
}

export type Note = SessionNote | SegmentNote | OpenNote | NamedNote | DoneNote | HeardNote;

/** A note as a whole record. */
export function encodeNote(note: Note): Buffer {
  const text = JSON.stringify(note);
  const record = Buffer.allocUnsafe(ENVELOPE_BYTES + 1 + Buffer.byteLength(text));
  record[ENVELOPE_BYTES] = NOTE;
  record.write(text, ENVELOPE_BYTES + 1);
  seal(record, 0, record.length);
  return record;
}

/** Writes what stands in front of a run's frames; `completeRun` adds what is known behind them. */
export function beginRun(target: Buffer, at: number, place: RunPlace): void {
  const start = at + ENVELOPE_BYTES;
  target[start] = RUN;
  target[start + 1] = place.order === "low" ? 0 : 1;
  target.writeUInt16LE(0, start + 2);
  target.writeUInt32LE(place.session, start + 4);
  target.writeUInt32LE(place.segment, start + 8);
  target.writeDoubleLE(place.index, start + 16);
  target.writeDoubleLE(place.utcUs, start + 24);
  target.writeDoubleLE(place.binAt, start + 32);
}

/** Makes target[at, end) a whole record: its frames are all there. */
export function completeRun(
  target: Buffer,
  at: number,
  end: number,
  nextSeq: number,
  endIndex: number,
): void {
  target.writeUInt32LE(nextSeq, at + ENVELOPE_BYTES + 12);
  target.writeDoubleLE(endIndex, at + ENVELOPE_BYTES + 40);
  seal(target, at, end);
}

function seal(target: Buffer, at: number, end: number): void {
  target.writeUInt32LE(end - at - ENVELOPE_BYTES, at);
  target.writeUInt32LE(crc32(target.subarray(at + ENVELOPE_BYTES, end)), at + 4);
}

/** Takes what a journal holds, in the order in which it was written. */
export interface RecordListener {
  note(note: Note): void;
  /** `run.frames` is valid during the call only, or until its promise is kept. */
  run(run: Run): void | Promise<void>;
}

/** What the front of some bytes is: a record, not all of one yet, or nothing that was ever written whole. */
type Front = { readonly bytes: number; readonly payload: Buffer } | "torn" | "rotten";

/**
 * Hands over the whole records at the front of `bytes`. Returns how many bytes they take, and whether what follows
 * is no record, so that nothing behind it counts.
 */
export async function readRecords(
  bytes: Buffer,
  listener: RecordListener,
): Promise<{ readonly bytes: number; readonly rotten: boolean }> {
  for (let at = 0; ; ) {
    const front = recordAt(bytes, at);
    if (front === "torn" || front === "rotten") return { bytes: at, rotten: front === "rotten" };
    if (front.payload[0] === RUN) await listener.run(decodeRun(front.payload));
    else if (front.payload[0] === NOTE) listener.note(JSON.parse(front.payload.toString("utf8", 1)) as Note);
    at += front.bytes;
  }
}

function recordAt(bytes: Buffer, at: number): Front {
  if (bytes.length - at < ENVELOPE_BYTES) return "torn";
  const length = bytes.readUInt32LE(at);
  if (length === 0 || length > MAX_PAYLOAD_BYTES) return "rotten";
  const start = at + ENVELOPE_BYTES;
  if (bytes.length - start < length) return "torn";
  const payload = bytes.subarray(start, start + length);
  if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return "rotten";
  return { bytes: ENVELOPE_BYTES + length, payload };
}

function decodeRun(payload: Buffer): Run {
  return {
    order: payload[1] === 0 ? "low" : "high",
    session: payload.readUInt32LE(4),
    segment: payload.readUInt32LE(8),
    nextSeq: payload.readUInt32LE(12),
    index: payload.readDoubleLE(16),
    utcUs: payload.readDoubleLE(24),
    binAt: payload.readDoubleLE(32),
    endIndex: payload.readDoubleLE(40),
    frames: payload.subarray(RUN_HEADER_BYTES),
  };
}
