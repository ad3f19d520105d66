import type { ReceiverSettings } from "./settings.js";

/** What the receiver works with now. Whoever reads it at each use follows every change. */
export interface CurrentSettings {
  readonly now: ReceiverSettings;
}

type OnChange = (now: ReceiverSettings) => void | Promise<void>;

/** The one place where the settings in effect are: immutable values, of which a later one takes the earlier one's place. */
export class LiveSettings implements CurrentSettings {
  #now: ReceiverSettings;
  readonly #listeners: OnChange[] = [];

  constructor(settings: ReceiverSettings) {
    this.#now = settings;
  }

  get now(): ReceiverSettings {
    return this.#now;
  }

  /** For what has to be told, because it cannot look: another thread, or a list that was made of a setting. */
  onChange(listener: OnChange): void {
    this.#listeners.push(listener);
  }

  /** Resolves when everybody has taken it over. */
  async change(settings: ReceiverSettings): Promise<void> {
    this.#now = settings;
    for (const listener of this.#listeners) await listener(settings);
  }
}
