import { systemFs } from "../disk/file-system.js";
import { promised } from "../disk/promised-fs.js";
import { Generation } from "./generation.js";
import type { JournalImage } from "./image.js";
import { encodeNote, type Note } from "./records.js";

/** What is added, before the next run, to the journal that an earlier one has left. */
export class Postscript {
  readonly #folder: string;
  readonly #paths: string[] = [];
  #next: number;

  /** @param folder absolute path of the journal */
  constructor(folder: string, { nextGeneration }: JournalImage) {
    this.#folder = folder;
    this.#next = nextGeneration;
  }

  /** Its files, oldest first. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Above the number of each of its files. */
  get nextGeneration(): number {
    return this.#next;
  }

  /** Writes the notes down; they are on disk when this resolves. */
  async write(notes: readonly Note[]): Promise<void> {
    if (notes.length === 0) return;
    const disk = { fs: systemFs, promised: promised(systemFs), folder: this.#folder };
    const generation = await Generation.create(disk, this.#next++, notes.map(encodeNote));
    this.#paths.push(generation.path);
    await generation.close();
  }
}
