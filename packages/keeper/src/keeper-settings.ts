import type { Hook } from "./hooks/settings.js";

/** What the keeper is told to do. Plain values: they cross threads. */
export interface KeeperSettings {
  /** Absolute. */
  readonly dataDir: string;
  /** IANA name; undefined = the system's. */
  readonly timezone: string | undefined;
  readonly hooks: readonly Hook[];
}
