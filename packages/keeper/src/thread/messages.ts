import type { DeletionRequest, LossAnswer } from "../deletion/deletions.js";
import type { Selection } from "../deletion/loss.js";
import type { KeeperEvent } from "../events.js";
import type { KeeperSettings } from "../keeper-settings.js";
import type { KeeperNote } from "../note.js";
import type { KeeperStatus } from "../status.js";

/** What the keeper's thread can be asked, and what it answers: plain values that cross threads. */
export interface KeeperQuestions {
  status: { readonly asked: undefined; readonly answer: KeeperStatus };
  loss: { readonly asked: Selection; readonly answer: LossAnswer };
  remove: { readonly asked: DeletionRequest; readonly answer: LossAnswer };
}

/** One of them. */
export type Question = {
  readonly [Name in keyof KeeperQuestions]: {
    readonly name: Name;
    readonly asked: KeeperQuestions[Name]["asked"];
  };
}[keyof KeeperQuestions];

/** To the keeper's thread. */
export type ToThread =
  | { readonly kind: "events"; readonly events: readonly KeeperEvent[] }
  /** The same in all that its parts were made with: what they look up at each use. */
  | { readonly kind: "settings"; readonly settings: KeeperSettings }
  | { readonly kind: "question"; readonly id: number; readonly question: Question }
  | { readonly kind: "stop" };

/** From the keeper's thread. */
export type FromThread =
  | { readonly kind: "ready" }
  /** So many events are in the catalogue. */
  | { readonly kind: "taken"; readonly count: number }
  | { readonly kind: "note"; readonly note: KeeperNote }
  /** Undefined: it could not be answered, as the log says. */
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown };
