import type { SegmentComplete } from "@audio/archive";
import type { HookEvent, SegmentHookEvent } from "./hooks/event.js";

/** What the keeper is told by whoever records. Plain values: they cross threads. */
export type KeeperEvent =
  | { readonly type: "segment"; readonly segment: SegmentComplete }
  /** Files came to be, or went, without an event of their own; the keeper looks for them. */
  | { readonly type: "look" }
  | { readonly type: "hook"; readonly event: Exclude<HookEvent, SegmentHookEvent> };
