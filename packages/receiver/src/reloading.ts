import type { EventEmitter } from "node:events";
import { checkSecrets } from "@audio/keeper";
import type { ConfigValues } from "./config/config-values.js";
import { receiverSettings } from "./config/receiver-settings.js";
import { changeover, type SettingChange } from "./config/settings-change.js";
import type { ReceiverEvents } from "./events.js";
import type { Receiver } from "./serve.js";

/** Lets a receiver that runs follow its settings: all that are right, or none. */
export class Reloading {
  #running: ConfigValues;
  readonly #receiver: Pick<Receiver, "change">;
  readonly #events: EventEmitter<ReceiverEvents>;
  #last: Promise<unknown> = Promise.resolve();

  /** @param running what the receiver was started with */
  constructor(
    running: ConfigValues,
    receiver: Pick<Receiver, "change">,
    events: EventEmitter<ReceiverEvents>,
  ) {
    this.#running = running;
    this.#receiver = receiver;
    this.#events = events;
  }

  /**
   * Applies what is different, one call after the other; `settings` events tell of it.
   * @param read gives the values that are wanted; what it throws leaves everything as it is
   * @throws ReceiverError `invalid-setting`, HookError `hook-secret-missing`, and what `read` throws
   */
  reload(read: () => ConfigValues): Promise<readonly SettingChange[]> {
    const result = this.#last.then(() => this.#apply(read));
    this.#last = result.catch(() => undefined); // whoever asked is told
    return result;
  }

  async #apply(read: () => ConfigValues): Promise<readonly SettingChange[]> {
    try {
      const { changes, values } = changeover(this.#running, read());
      const settings = receiverSettings(values);
      checkSecrets(settings.hooks, process.env);
      await this.#receiver.change(settings);
      this.#running = values;
      this.#events.emit("settings", { changes, fault: undefined });
      return changes;
    } catch (error) {
      this.#events.emit("settings", { changes: [], fault: (error as Error).message });
      throw error;
    }
  }
}
