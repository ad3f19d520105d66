import type { ScanOptions } from "./scan-data-dir.js";
import type { FactsContext, FileFault } from "./segment-facts.js";

export interface ReconcileOptions
  extends FactsContext,
    Pick<ScanOptions, "filesPerSecond" | "signal" | "fs" | "rangeStems" | "nowNs"> {
  /** Looks at every folder, also at those that have not changed since the last time. */
  readonly all?: boolean;
  /** Reads every file of the folders it looks at, also those that are known and have not changed. */
  readonly reread?: boolean;
  /** What is not found is gone, even if whole folders of the data directory are missing or empty. */
  readonly acceptMissing?: boolean;
  /** Called within the transaction that adds a segment to the catalogue. */
  readonly onAdded?: (id: number) => void;
  /** A file or folder that cannot be used. */
  readonly onFault?: (fault: FileFault) => void;
  /** Called every so many files with the sums so far. */
  readonly onProgress?: (sums: ReconcileSums) => void;
}

/** What a reconciliation has found and done. */
export interface ReconcileSums {
  /** Folders that were listed, and those that have not changed. */
  folders: number;
  unchangedFolders: number;
  /** Files of segments that were seen, and their bytes. */
  files: number;
  bytes: number;
  /** Segments that came into the catalogue, of which files were added or had another size, and of which files are gone. */
  added: number;
  changed: number;
  gone: number;
  /** Files that look like recordings and are none of ours. */
  foreign: number;
  /** Files and folders that cannot be used. */
  faults: number;
}
