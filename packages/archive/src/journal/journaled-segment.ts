import type { Note, OpenNote, SegmentNote } from "./records.js";

/** A segment that the journal tells about until it is finished. */
export interface JournaledSegment {
  /** Number of the session whose frames it holds; undefined for a stream that is not acknowledged. */
  readonly session: number | undefined;
  /** Its plan, for a session's segment. */
  plan: SegmentNote | undefined;
  /** Its file, once that has its name. */
  file: OpenNote | undefined;
  /** Brings to the disk what its files have taken so far; resolves with false when they cannot. */
  makeDurable(): Promise<boolean>;
}

/** Everything there is to say of the segment. */
export function notesOf({ plan, file }: JournaledSegment): Note[] {
  return [plan, file].filter((note) => note !== undefined);
}
