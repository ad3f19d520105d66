/** Why the archive refuses. */
export type ArchiveErrorCode =
  | "data-dir-in-use"
  | "data-dir-unusable"
  | "recordings-missing"
  | "catalogue-missing"
  | "catalogue-broken"
  | "catalogue-newer"
  | "catalogue-unusable"
  | "reader-busy"
  | "reader-stopped"
  | "mixed-formats"
  | "too-large-for-wav"
  | "invalid-pins"
  | "invalid-notes"
  | "invalid-cards";

/** Something about the data directory, or what is asked of it, that a person must change; the message says what. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";

  constructor(
    readonly code: ArchiveErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
