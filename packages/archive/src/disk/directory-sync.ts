import type { PromisedFs } from "./promised-fs.js";

/**
 * Makes renames durable. Requests for one directory that arrive while its fsync runs share the next one, so a
 * thousand segments finished in one folder do not cost a thousand.
 */
export class DirectorySync {
  readonly #fs: PromisedFs;
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(fs: PromisedFs) {
    this.#fs = fs;
  }

  /** Resolves when everything renamed in `directory` before this call is on disk. */
  sync(directory: string): Promise<void> {
    const running = this.#running.get(directory);
    if (running === undefined) return this.#run(directory);
    let next = this.#next.get(directory);
    if (next === undefined) {
      const again = () => {
        this.#next.delete(directory);
        return this.#run(directory);
      };
      next = running.then(again, again);
      this.#next.set(directory, next);
    }
    return next;
  }

  #run(directory: string): Promise<void> {
    const done = this.#fsync(directory).finally(() => this.#running.delete(directory));
    this.#running.set(directory, done);
    return done;
  }

  async #fsync(directory: string): Promise<void> {
    const fd = await this.#fs.open(directory, "r");
    try {
      await this.#fs.fsync(fd).catch(ignoreUnsupported);
    } finally {
      await this.#fs.close(fd);
    }
  }
}

// Some network file systems know no fsync of a directory: there a rename is as safe as it gets.
function ignoreUnsupported(error: NodeJS.ErrnoException): void {
  if (error.code !== "EINVAL" && error.code !== "ENOTSUP") throw error;
}
