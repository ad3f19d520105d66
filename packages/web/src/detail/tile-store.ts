import { server } from "../server/client.js";
import { serverNow } from "../server/info.js";
import { type Tile, tileKey } from "./tiles.js";
import type { Computed, ComputeFailure, ComputeRequest } from "./worker-messages.js";

/** What is known of a tile. */
export type TileContent =
  | { readonly kind: "ready"; readonly computed: Computed; readonly askedUs: number }
  | { readonly kind: "failed"; readonly text: string };

/** What is still being recorded is asked for again after so long. */
const GROWS_US = 4_000_000;

/** A tile is some MB: of two minutes at 48 kHz, with its picture, 5. */
const MOST_TILES = 8;

/** Fetches tiles, one at a time, what is seen first; has them computed, keeps a few. */
export class TileStore {
  private readonly known = new Map<string, TileContent>();
  private wanted: readonly Tile[] = [];
  private fetching: { readonly key: string; readonly abort: AbortController } | undefined;
  private readonly worker = new Worker(new URL("./compute-worker.ts", import.meta.url), { type: "module" });
  private readonly waiting = new Map<number, (answer: Computed | ComputeFailure) => void>();
  private lastId = 0;

  /** @param onChange something wanted has come */
  constructor(private readonly onChange: () => void) {
    this.worker.onmessage = ({ data }: MessageEvent<Computed | ComputeFailure>) => {
      this.waiting.get(data.id)?.(data);
      this.waiting.delete(data.id);
    };
  }

  get(tile: Tile): TileContent | undefined {
    return this.known.get(tileKey(tile));
  }

  /** Asks for tiles; what was asked for before and is not among them is aborted. */
  want(tiles: readonly Tile[]): void {
    this.wanted = tiles;
    const keys = tiles.map(tileKey);
    if (this.fetching !== undefined && !keys.includes(this.fetching.key)) this.fetching.abort.abort();
    void this.fetchNext();
  }

  /** Forgets what failed, so that it is tried again. */
  again(): void {
    for (const [key, { kind }] of this.known) if (kind === "failed") this.known.delete(key);
    void this.fetchNext();
  }

  close(): void {
    this.wanted = [];
    this.fetching?.abort.abort();
    this.worker.terminate();
    this.known.clear();
  }

  private async fetchNext(): Promise<void> {
    if (this.fetching !== undefined) return;
    const tile = this.wanted.find((each) => !this.isKnown(each));
    if (tile === undefined) return;
    const key = tileKey(tile);
    const abort = new AbortController();
    this.fetching = { key, abort };
    const content = await this.contentOf(tile, abort.signal);
    this.fetching = undefined;
    if (content !== undefined) this.keep(key, content);
    void this.fetchNext();
  }

  private isKnown(tile: Tile): boolean {
    const content = this.get(tile);
    if (content?.kind !== "ready") return content !== undefined;
    return content.askedUs >= tile.toUs + GROWS_US || serverNow() - content.askedUs < GROWS_US;
  }

  // Undefined: it is not wanted any more.
  private async contentOf(tile: Tile, signal: AbortSignal): Promise<TileContent | undefined> {
    try {
      const { device, fromUs, toUs } = tile;
      const query = { device, from: String(fromUs), to: String(toUs), format: "wav" } as const;
      const askedUs = serverNow();
      const wav = await server.call("GET /audio", { query, signal });
      const answer = await this.compute(wav);
      if ("error" in answer) return { kind: "failed", text: answer.error };
      return { kind: "ready", computed: answer, askedUs };
    } catch (error) {
      if (signal.aborted) return undefined;
      return { kind: "failed", text: error instanceof Error ? error.message : String(error) };
    }
  }

  private compute(wav: ArrayBuffer): Promise<Computed | ComputeFailure> {
    const request: ComputeRequest = { id: ++this.lastId, wav };
    return new Promise((resolve) => {
      this.waiting.set(request.id, resolve);
      this.worker.postMessage(request, [wav]);
    });
  }

  private keep(key: string, content: TileContent): void {
    this.known.set(key, content);
    const wanted = this.wanted.map(tileKey);
    for (const old of this.known.keys()) {
      if (this.known.size <= MOST_TILES) break;
      if (!wanted.includes(old)) this.known.delete(old);
    }
    this.onChange();
  }
}
