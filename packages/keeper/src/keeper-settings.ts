import type { Layouts } from "@audio/archive";
import type { UploadSettings } from "@audio/upload";
import type { Hook } from "./hooks/settings.js";
import type { CompressionPolicy } from "./steps/compress.js";

/** What the keeper is told to do. Plain values: they cross threads. */
export interface KeeperSettings {
  /** Absolute. */
  readonly dataDir: string;
  /** IANA name; undefined = the system's. */
  readonly timezone: string | undefined;
  /** How recordings are named. */
  readonly paths: Layouts;
  /** undefined = recordings stay WAV. */
  readonly compression: CompressionPolicy | undefined;
  /** undefined = nothing is uploaded. */
  readonly upload: UploadSettings | undefined;
  readonly hooks: readonly Hook[];
}
