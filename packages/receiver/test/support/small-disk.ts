import { spawnSync } from "node:child_process";
import { appendFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.js";

const FILLER = "filler";

/** A real disk of a few megabytes, in memory, that can be full, read-only, or gone. */
export class SmallDisk implements AsyncDisposable {
  private constructor(
    readonly path: string,
    private readonly folder: AsyncDisposable,
  ) {}

  /** @param options of tmpfs, e.g. `size=8m` */
  static async mount(options: string): Promise<SmallDisk> {
    const folder = await temporaryFolder();
    try {
      run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder.path]);
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      throw error;
    }
    return new SmallDisk(folder.path, folder);
  }

  /** Fills it up but for so many bytes; again: also what became free since. */
  async fill(leave = 0): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    const filler = Buffer.alloc(Math.max(0, bavail * bsize - leave));
    await appendFile(join(this.path, FILLER), filler).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOSPC") throw error; // somebody was quicker: full all the same
    });
  }

  /** Gives the space back that `fill` took. */
  clear(): Promise<void> {
    return rm(join(this.path, FILLER));
  }

  remount(mode: "ro" | "rw"): void {
    run("mount", ["-o", `remount,${mode}`, this.path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    run("umount", ["--lazy", this.path]);
    await this.folder[Symbol.asyncDispose]();
  }
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args);
  if (status === 0) return;
  const why = error?.message ?? stderr.toString().trim();
  throw new Error(
    `${command} ${args.join(" ")}: ${why}: the tests of a full disk mount a small one, so they run as root (or with CAP_SYS_ADMIN)`,
  );
}
