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

/**
 * A reader whose failures say to the asker what they mean: WebFailure 503 while there is no catalogue to read.
 * @param reader undefined: this receiver keeps none
 */
export function catalogueReader(reader: CatalogueReader | undefined): CatalogueReader {
  const asked = QUESTIONS.map((name) => {
    const ask = reader?.[name] as ((...args: unknown[]) => Promise<unknown>) | undefined;
    return [name, async (...args: unknown[]) => ask?.(...args).catch(failWith) ?? failWithout()] as const;
  });
  return Object.fromEntries(asked) as unknown as CatalogueReader;
}

function failWith(error: Error): never {
  const message = error instanceof ArchiveError ? STATES[error.code] : undefined;
  if (message === undefined) throw error;
  throw new WebFailure(503, message, RETRY);
}

function failWithout(): never {
  throw new WebFailure(
    503,
    "this receiver keeps no catalogue, so nothing can be found by time: start it without --no-catalogue",
  );
}
