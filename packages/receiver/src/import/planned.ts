import type { Catalogue, StartEvidence } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import type { RecordingMetadata } from "@audio/wav";
import type { ImportLedger } from "./ledger.js";
import type { NewNames, Placed } from "./new-names.js";
import type { OldFacts } from "./old-facts.js";
import type { OldLayout } from "./old-names.js";
import type { LeftOut } from "./walk.js";

/** How files come into the data directory. */
export type ImportMode = "copy" | "move" | "link";

export interface PlanContext {
  /** Absolute. */
  readonly dataDir: string;
  readonly mode: ImportMode;
  readonly layout: OldLayout | "auto";
  /** Of the clock by which the old files were named. */
  readonly oldZone: TimeZone;
  /** Name of the device, where the files tell none. */
  readonly device: string | undefined;
  readonly names: NewNames;
  readonly ledger: ImportLedger;
  /** Undefined: there is none. */
  readonly catalogue: Catalogue | undefined;
  readonly nowMs: number;
}

/** A file that is to be taken. */
export interface PlannedFile extends OldFacts {
  readonly key: string;
}

/** A segment that is to be taken. */
export interface PlannedSegment extends Placed {
  /** Path below the data directory without extension, before a number is added. */
  readonly name: string;
  readonly files: readonly PlannedFile[];
  readonly by: StartEvidence | "metadata";
  readonly isAmbiguous: boolean;
  /** Written into the copies that take it; undefined: they carry theirs, or are to stay as they are. */
  readonly metadata: RecordingMetadata | undefined;
  /** Where an import that was cut off had begun to put it. */
  readonly begun: string | undefined;
  /** What is worth knowing of it. */
  readonly notes: readonly string[];
}

export interface Plan {
  readonly segment: PlannedSegment | undefined;
  readonly left: readonly LeftOut[];
}
