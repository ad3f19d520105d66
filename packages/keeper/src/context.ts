import type { Catalogue } from "@audio/archive";
import type { KeeperSettings } from "./keeper-settings.js";
import type { Tell } from "./note.js";

/** What every part of the keeper works with. */
export interface KeeperContext {
  readonly settings: KeeperSettings;
  readonly catalogue: Catalogue;
  readonly tell: Tell;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
