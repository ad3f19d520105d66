import type { CatalogueReader } from "../catalogue-reader.js";
import { nameOf } from "../device-name.js";

const GOOD_FOR_MS = 60_000;
const TRY_AGAIN_MS = 5000;

/** Devices of which there are recordings, asked for when somebody looks, and once a minute at most. */
export class EarlierDevices {
  readonly #reader: Pick<CatalogueReader, "devices"> | undefined;
  readonly #nowMs: () => number;
  #lastUs: ReadonlyMap<string, number> = new Map();
  #goodUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param reader undefined when there is no catalogue
   * @param nowMs monotonic milliseconds
   */
  constructor(reader: Pick<CatalogueReader, "devices"> | undefined, nowMs = () => performance.now()) {
    this.#reader = reader;
    this.#nowMs = nowMs;
  }

  /** When the recordings end, UTC in microseconds, by device; nobody waits for the catalogue: an answer counts later. */
  look(): ReadonlyMap<string, number> {
    if (this.#reader !== undefined && this.#nowMs() >= this.#goodUntilMs) this.#ask(this.#reader);
    return this.#lastUs;
  }

  #ask(reader: Pick<CatalogueReader, "devices">): void {
    this.#goodUntilMs = Number.POSITIVE_INFINITY; // nobody asks again before this is answered
    const isGoodFor = (ms: number) => {
      this.#goodUntilMs = this.#nowMs() + ms;
    };
    reader.devices().then(
      (devices) => {
        this.#lastUs = new Map(devices.map(({ device, lastUs }) => [nameOf(device), lastUs]));
        isGoodFor(GOOD_FOR_MS);
      },
      () => isGoodFor(TRY_AGAIN_MS), // there is no catalogue yet, or nobody reads it: the log says so
    );
  }
}
