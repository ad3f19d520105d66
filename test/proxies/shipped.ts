import { readFileSync } from "node:fs";
import { join } from "node:path";

const DEPLOY = join(import.meta.dirname, "../../examples/deploy");

/**
 * A file of examples/deploy, changed as a reader would change it.
 * @param changes new text by old; an old one that is not there is a mistake of the test
 */
export function shipped(path: string, changes: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(join(DEPLOY, path), "utf8");
  for (const [old, changed] of Object.entries(changes)) {
    if (!text.includes(old)) throw new Error(`${path} has no ${old}`);
    text = text.replaceAll(old, changed);
  }
  return text;
}
