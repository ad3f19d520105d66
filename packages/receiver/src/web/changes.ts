import type { ServerEvents } from "@audio/api";

/** What somebody changed. */
export type WebChange = ServerEvents["changed"]["what"];

/** Tells open pages that somebody changed something: they ask for it anew. */
export class WebChanges {
  readonly #listeners = new Set<(what: WebChange) => void>();

  /** Somebody changed this just now. */
  announce(what: WebChange): void {
    for (const listener of this.#listeners) listener(what);
  }

  /** Calls `listener` at each change, until the function that is returned is called. */
  listen(listener: (what: WebChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
