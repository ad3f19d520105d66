import type { Dir, OpenDirOptions, Stats } from "node:fs";
import * as nodeFs from "node:fs/promises";

/** The calls by which folders are listed: Node's own, unless a test counts them. */
export interface ScanFs {
  /** As `fs.opendir`. */
  opendir(path: string, options: OpenDirOptions): Promise<Dir>;
  /** As `fs.lstat`: of the link, not of what it leads to. */
  lstat(path: string): Promise<Stats>;
  /** Nanoseconds since the epoch at which a folder last changed; undefined: there is no such folder. */
  changedNs(path: string): Promise<bigint | undefined>;
}

export const systemScanFs: ScanFs = {
  opendir: nodeFs.opendir,
  lstat: nodeFs.lstat,
  async changedNs(path) {
    try {
      const stats = await nodeFs.stat(path, { bigint: true });
      return stats.isDirectory() ? stats.mtimeNs : undefined;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  },
};

/** Whether an error says that there is nothing at a path. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
