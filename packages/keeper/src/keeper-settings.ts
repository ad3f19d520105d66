import type { Layouts } from "@audio/archive";
import type { CompressionSettings } from "@audio/compress";
import type { SoundEventOptions } from "@audio/levels";
import type { UploadSettings } from "@audio/upload";
import type { Hook } from "./hooks/settings.js";
import type { RetentionSettings } from "./retention/policy.js";

/** What the keeper is told to do. Plain values: they cross threads. */
export interface KeeperSettings {
  /** Absolute. */
  readonly dataDir: string;
  /** Names this run of the receiver: connections of others are over. */
  readonly run: string;
  /** IANA name; undefined = the system's. */
  readonly timezone: string | undefined;
  /** How recordings are named. */
  readonly paths: Layouts;
  /** undefined = recordings stay WAV. */
  readonly compression: CompressionSettings | undefined;
  /** undefined = nothing is uploaded. */
  readonly upload: UploadSettings | undefined;
  readonly retention: RetentionSettings;
  /** Free bytes of the disk at which recording stops. */
  readonly minFreeBytes: number;
  readonly hooks: readonly Hook[];
  /** What counts as a sound event; undefined = none are looked for. */
  readonly soundEvents: SoundEventOptions | undefined;
}
