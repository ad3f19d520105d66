import { access } from "node:fs/promises";
import { numberedStem } from "@audio/segments";

/** Forms in which a finished segment may stand under its name; none of them is ever overwritten. */
export const FINISHED_EXTENSIONS = [".wav", ".bin", ".flac", ".opus"] as const;

/** The first of `stem`, `stem_2`, `stem_3`, … that stands there with none of `extensions`. */
export async function unusedStem(stem: string, extensions: readonly string[]): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = numberedStem(stem, n);
    const found = await Promise.all(extensions.map((extension) => exists(candidate + extension)));
    if (!found.includes(true)) return candidate;
  }
}

/** Whether something stands at `path`. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
