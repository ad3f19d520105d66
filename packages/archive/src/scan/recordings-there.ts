import { access, opendir } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue } from "../catalogue/catalogue.js";
import { CATALOGUE_FILE } from "../catalogue/database.js";
import { ArchiveError } from "../errors.js";
import { isGone } from "./scan-fs.js";

/**
 * Makes sure that the disk with the recordings is there, before what is not found on it counts as gone: a mount point
 * without its disk is an empty folder. Each folder of the data directory in which the catalogue has local files must
 * be there and hold something.
 * @throws ArchiveError `recordings-missing`
 */
export async function requireRecordings(catalogue: Catalogue, dataDir: string): Promise<void> {
  await access(join(dataDir, CATALOGUE_FILE)).catch((error) => {
    if (isGone(error)) throw missing(dataDir, `is not the one that ${CATALOGUE_FILE} was opened in`);
    throw error;
  });
  for (const folder of catalogue.files.foldersIn("")) {
    if (!(await isEmpty(join(dataDir, folder)))) continue;
    const [first] = catalogue.files.localBelow(folder, undefined, 1);
    if (first !== undefined)
      throw missing(join(dataDir, folder), `is not there or empty, but ${first.stem} was in it`);
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    const open = await opendir(folder);
    const first = await open.read();
    await open.close();
    return first === null;
  } catch (error) {
    if (isGone(error)) return true;
    throw error;
  }
}

function missing(folder: string, what: string): ArchiveError {
  return new ArchiveError(
    "recordings-missing",
    `${folder} ${what}: is its disk mounted? Nothing in the catalogue was changed; if the recordings were removed on purpose: audio-receiver reindex --accept-missing`,
  );
}
