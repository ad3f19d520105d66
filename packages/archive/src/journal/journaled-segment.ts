import type { NamedNote, Note, OpenNote, SegmentNote } from "./records.js";

/** A segment that the journal tells about until it is finished. */
export interface JournaledSegment {
  /** Number of the session whose frames it holds; undefined for a stream that is not acknowledged. */
  readonly session: number | undefined;
  /** Its plan, for a session's segment. */
  plan: SegmentNote | undefined;
  /** Its file, once that has its name. */
  file: OpenNote | undefined;
  /** Its name, if it got that only when it was repaired. */
  named: NamedNote | undefined;
  /** Absolute path without extension that it tried to get and nobody else has, if it came so far. */
  readonly tried?: string;
  /** Brings to the disk what its files have taken so far; resolves with false when they cannot. */
  makeDurable(): Promise<boolean>;
}

/** Everything there is to say of the segment. */
export function notesOf({ plan, file, named }: JournaledSegment): Note[] {
  return [plan, file, named].filter((note) => note !== undefined);
}
