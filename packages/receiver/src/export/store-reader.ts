import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { OpenRemote } from "@audio/archive";
import type { Store, StoreSettings } from "@audio/upload";
import { UploadError } from "@audio/upload/settings";

// A person waits for the export: who is away for longer than this counts as away.
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;

interface Part {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
}

/** Reads remote copies of segments, in whichever buckets of the store they are. */
export class StoreReader {
  readonly #settings: StoreSettings | undefined;
  readonly #stores = new Map<string, Promise<Store>>();

  /** @param settings undefined: uploading is off, so the store is not known */
  constructor(settings: StoreSettings | undefined) {
    this.#settings = settings;
  }

  /** For `AudioSources`. A connection that breaks is made again where it broke. */
  readonly openRemote: OpenRemote = async ({ bucket, key }, range) => {
    const settings = this.#settings;
    if (settings === undefined) throw new Error("uploading is off (S3_ENABLED), so the store is not known");
    let store = this.#stores.get(bucket);
    if (store === undefined) {
      store = import("@audio/upload").then(({ createStore }) => createStore({ ...settings, bucket }));
      this.#stores.set(bucket, store);
    }
    const { start, end, signal } = range;
    return Readable.from(resumed(await store, { key, start, end, signal }), { objectMode: false });
  };

  /** Closes idle connections. */
  async close(): Promise<void> {
    for (const store of this.#stores.values()) await (await store).close();
  }
}

async function* resumed(store: Store, { key, start, end, signal }: Part): AsyncGenerator<Uint8Array> {
  let at = start;
  for (let attempt = 1; at < end; attempt++) {
    try {
      const { stream } = await store.read(key, { start: at, end: end - 1, signal });
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        yield chunk;
        at += chunk.length;
      }
      return;
    } catch (error) {
      const isPassing = error instanceof UploadError && error.kind === "transient";
      if (!isPassing || attempt === ATTEMPTS || signal?.aborted) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal });
    }
  }
}
