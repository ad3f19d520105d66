/** What must happen before the same can succeed. */
export type UploadErrorKind =
  /** A person must change a setting, a key, a right or a clock: no use in trying soon. */
  | "configuration"
  /** The network or the store has trouble: try again, later and later. */
  | "transient"
  /** It concerns this one file or object; others are not affected. */
  | "object"
  /** The caller's own signal ended it. */
  | "aborted";

/** Why something could not be uploaded, verified or read. */
export type UploadErrorCode =
  | "invalid-upload-setting"
  | "credentials"
  | "access-denied"
  | "no-bucket"
  | "wrong-region"
  | "bad-endpoint"
  | "clock-skew"
  | "store-full"
  | "unreachable"
  | "timeout"
  | "throttled"
  | "store-failed"
  | "corrupted"
  | "file-gone"
  | "file-unreadable"
  | "file-changed"
  | "no-object"
  | "key-taken"
  | "object-refused"
  | "aborted";

const KINDS: Readonly<Record<UploadErrorCode, UploadErrorKind>> = {
  "invalid-upload-setting": "configuration",
  credentials: "configuration",
  "access-denied": "configuration",
  "no-bucket": "configuration",
  "wrong-region": "configuration",
  "bad-endpoint": "configuration",
  "clock-skew": "configuration",
  "store-full": "configuration",
  unreachable: "transient",
  timeout: "transient",
  throttled: "transient",
  "store-failed": "transient",
  corrupted: "transient",
  "file-gone": "object",
  "file-unreadable": "object",
  "file-changed": "object",
  "no-object": "object",
  "key-taken": "object",
  "object-refused": "object",
  aborted: "aborted",
};

/** Something about an upload that did not work; the message says what was found and what to do. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  /** Says whether, and how soon, to try again. */
  readonly kind: UploadErrorKind;
  /** HTTP status with which the store answered, if it did. */
  readonly status: number | undefined;

  constructor(
    readonly code: UploadErrorCode,
    message: string,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(message, options);
    this.status = options?.status;
    this.kind = KINDS[code];
  }
}
