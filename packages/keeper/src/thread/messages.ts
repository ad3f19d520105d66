import type { KeeperEvent } from "../events.js";
import type { KeeperNote } from "../note.js";
import type { KeeperStatus } from "../status.js";

/** To the keeper's thread. */
export type ToThread =
  | { readonly kind: "events"; readonly events: readonly KeeperEvent[] }
  | { readonly kind: "status"; readonly id: number }
  | { readonly kind: "stop" };

/** From the keeper's thread. */
export type FromThread =
  | { readonly kind: "ready" }
  /** So many events are in the catalogue. */
  | { readonly kind: "taken"; readonly count: number }
  | { readonly kind: "note"; readonly note: KeeperNote }
  | { readonly kind: "status"; readonly id: number; readonly status: KeeperStatus };
