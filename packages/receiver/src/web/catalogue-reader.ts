import { setTimeout as pause } from "node:timers/promises";
import { ArchiveError, type ArchiveReader, QUESTIONS } from "@audio/archive";
import { WebFailure } from "./web-failure.js";

/** The catalogue as requests ask it. */
export type CatalogueReader = Omit<ArchiveReader, "close">;

const RETRY = { "retry-after": "2" };

const STATES: Readonly<Partial<Record<ArchiveError["code"], string>>> = {
  "catalogue-missing": "the catalogue of the recordings is being made: try again in a moment",
  "catalogue-broken": "the catalogue is damaged and is built anew from the recordings: try again in a moment",
  "catalogue-newer": "a newer program made the catalogue: use that one; recording goes on",
  "catalogue-unusable":
    "the catalogue cannot be read at the moment, see the receiver's log; recording goes on",
  "reader-busy": "too many questions wait for the catalogue: try again in a moment",
  "reader-stopped": "nobody reads the catalogue at the moment: try again in some seconds",
};

// While the keeper starts, or builds the catalogue anew, there is none for a moment: worth waiting for.
const BEING_MADE = new Set(["catalogue-missing", "catalogue-broken"]);
const PATIENCE_MS = 5000;
const AGAIN_MS = 100;

/**
 * A reader whose failures say to the asker what they mean: WebFailure 503 while there is no catalogue to read.
 * @param reader undefined: this receiver keeps none
 */
export function catalogueReader(reader: CatalogueReader | undefined): CatalogueReader {
  const asked = QUESTIONS.map((name) => {
    const ask = reader?.[name] as ((...args: unknown[]) => Promise<unknown>) | undefined;
    return [
      name,
      (...args: unknown[]) => (ask === undefined ? without() : patiently(() => ask(...args))),
    ] as const;
  });
  return Object.fromEntries(asked) as unknown as CatalogueReader;
}

async function patiently(ask: () => Promise<unknown>): Promise<unknown> {
  for (const untilMs = performance.now() + PATIENCE_MS; ; await pause(AGAIN_MS)) {
    try {
      return await ask();
    } catch (error) {
      const code = error instanceof ArchiveError ? error.code : undefined;
      if (code !== undefined && BEING_MADE.has(code) && performance.now() < untilMs) continue;
      const message = code === undefined ? undefined : STATES[code];
      throw message === undefined ? error : new WebFailure(503, message, RETRY);
    }
  }
}

async function without(): Promise<never> {
  throw new WebFailure(
    503,
    "this receiver keeps no catalogue, so nothing can be found by time: start it without --no-catalogue",
  );
}
