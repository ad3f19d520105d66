import { setTimeout as sleep } from "node:timers/promises";
import { type Attempt, attempt } from "./attempt.js";
import { UploadError } from "./errors.js";
import { asUploadError } from "./explain.js";
import { type LoadedClient, loadClient, type Sdk } from "./sdk.js";
import type { StoreSettings } from "./store-settings.js";

// What passes by itself within a second, as a connection that the other side had just closed; whatever lasts longer
// is for whoever has a queue.
const TRIES = 3;
const PAUSE_MS = 200;

type Send = LoadedClient["client"]["send"];

/** What a request is made with. */
export interface Requesting extends Attempt {
  readonly sdk: Sdk;
  readonly send: Send;
}

/** What every request to a store needs. */
export interface Reaching {
  readonly link: Link;
  readonly settings: StoreSettings;
}

/** The connection to a store: loads the SDK when first used, repeats what failed in passing, explains what failed. */
export class Link {
  readonly #settings: StoreSettings;
  #loading: Promise<LoadedClient> | undefined;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
  }

  /**
   * Makes a request, up to three times while it fails for reasons that may pass.
   * @param what what it is for, for messages: `uploading received/x.wav`
   * @throws UploadError
   */
  async request<T>(
    what: string,
    signal: AbortSignal | undefined,
    work: (requesting: Requesting) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(signal, work);
      } catch (error) {
        const found = asUploadError(error, what, this.#settings, signal);
        // after the first such answer the SDK signs with the store's time
        const again = found.kind === "transient" || (found.code === "clock-skew" && tries === 1);
        if (!again || tries === TRIES) throw found;
        await this.#pause(tries, what, signal);
      }
    }
  }

  /** Closes idle connections. */
  async close(): Promise<void> {
    const loading = this.#loading;
    this.#loading = undefined;
    (await loading)?.client.destroy();
  }

  async #once<T>(signal: AbortSignal | undefined, work: (requesting: Requesting) => Promise<T>): Promise<T> {
    this.#loading ??= loadClient(this.#settings);
    const { sdk, client } = await this.#loading;
    const send: Send = client.send.bind(client);
    return attempt(this.#settings.timeoutMs, signal, (tried) => work({ ...tried, sdk, send }));
  }

  async #pause(tries: number, what: string, signal: AbortSignal | undefined): Promise<void> {
    try {
      await sleep(Math.random() * PAUSE_MS * 2 ** tries, undefined, { signal });
    } catch {
      throw new UploadError("aborted", `${what}: stopped`, { cause: signal?.reason });
    }
  }
}
