import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Makes room for a new log file: `NAME` becomes `NAME.1`, `NAME.1` becomes `NAME.2`, and so on. Of all together, the new
 * one among them, `keep` stay, also when more were kept before.
 * @throws the file system's error; whatever was renamed by then, nothing is lost that was to be kept
 */
export async function shiftLogFiles(path: string, keep: number): Promise<void> {
  const numbers = (await numbersBehind(path)).sort((a, b) => b - a);
  for (const number of numbers) {
    if (number >= keep - 1) await rm(numbered(path, number));
    else await rename(numbered(path, number), numbered(path, number + 1));
  }
  if (keep === 1) await rm(path, { force: true });
  else await rename(path, numbered(path, 1));
}

/** Numbers of the older files that are there. */
async function numbersBehind(path: string): Promise<number[]> {
  const beginning = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(beginning) && /^[1-9]\d{0,5}$/.test(name.slice(beginning.length)))
    .map((name) => Number(name.slice(beginning.length)));
}

function numbered(path: string, number: number): string {
  return join(dirname(path), `${basename(path)}.${number}`);
}
