import type { PromisedFs } from "../disk/promised-fs.js";
import type { JournaledSegment } from "./journaled-segment.js";

interface OlderGeneration {
  readonly path: string;
  /** Segments whose frames may be here only. */
  readonly needed: Set<JournaledSegment>;
}

/** Files of the journal that are written no more: each goes when all it tells about stands in files of its own. */
export class OlderGenerations {
  readonly #promised: PromisedFs;
  readonly #onError: (error: NodeJS.ErrnoException) => void;
  readonly #generations = new Set<OlderGeneration>();
  #work: Promise<void> = Promise.resolve();

  constructor(disk: PromisedFs, onError: (error: NodeJS.ErrnoException) => void) {
    this.#promised = disk;
    this.#onError = onError;
  }

  add(path: string, needed: readonly JournaledSegment[]): void {
    const generation = { path, needed: new Set(needed) };
    this.#generations.add(generation);
    this.#work = this.#work.then(() => this.#makeNeedless(generation));
  }

  /** The segment's files are finished. */
  release(segment: JournaledSegment): void {
    for (const generation of this.#generations) {
      if (!generation.needed.delete(segment)) continue;
      this.#work = this.#work.then(() => this.#removeNeedless(generation));
    }
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#work;
  }

  async #makeNeedless(generation: OlderGeneration): Promise<void> {
    for (const segment of generation.needed) {
      const isDurable = await segment.makeDurable();
      if (isDurable) generation.needed.delete(segment);
    }
    await this.#removeNeedless(generation);
  }

  async #removeNeedless(generation: OlderGeneration): Promise<void> {
    if (generation.needed.size > 0 || !this.#generations.delete(generation)) return;
    await this.#promised.unlink(generation.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") this.#onError(error);
    });
  }
}
