import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file that only its user may read, all of it or nothing; on disk when it resolves. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const next = `${path}.new`;
  const file = await open(next, "w", 0o600);
  try {
    await file.chmod(0o600); // one that was left there may have had more
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
  await syncFolder(dirname(path));
}

// Makes what was renamed in a folder durable.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
