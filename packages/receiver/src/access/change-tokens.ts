import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ReceiverError } from "../errors.js";
import { syncFolder } from "./private-file.js";
import { formatTokenFile, type TokenRecord } from "./token-file.js";
import { readTokens } from "./tokens.js";

const LOCK_WAIT_MS = 5000;
const LOCK_LOOK_MS = 50;
// Writing takes milliseconds: what is older was left by a process that was killed.
const LOCK_STALE_MS = 10_000;

/** Reads the tokens of a file; one that is not there holds none. @throws ReceiverError `invalid-tokens` */
export async function listTokens(path: string): Promise<readonly TokenRecord[]> {
  const { tokens, fault } = await readTokens(path);
  if (tokens !== undefined) return tokens;
  if (fault === "absent") return [];
  throw new ReceiverError(
    "invalid-tokens",
    `token file ${path} cannot be used: ${fault}; repair it, or move it away`,
  );
}

/**
 * Changes the tokens of a file in one step: whoever reads it sees all of the change or nothing, and of two who change
 * it at once none undoes what the other did. The new file is at the same time the lock: only one can create it.
 * @throws ReceiverError `invalid-tokens`; whatever `change` throws
 */
export async function changeTokens(
  path: string,
  change: (tokens: readonly TokenRecord[]) => readonly TokenRecord[],
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const file = await lock(next);
  try {
    await file.writeFile(formatTokenFile(change(await listTokens(path))));
    await file.sync();
    await file.close();
    await rename(next, path);
  } catch (error) {
    await file.close();
    await rm(next, { force: true });
    throw error;
  }
  // A token that was shown must be good also after a power loss (and one that was revoked, bad).
  await syncFolder(dirname(path));
}

async function lock(next: string) {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await open(next, "wx", 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(next, error as Error);
    }
    if (await isStale(next)) await rm(next, { force: true });
    else if (performance.now() > deadline)
      throw new ReceiverError("invalid-tokens", `${next} is being written by another audio-receiver token`);
    else await new Promise((resolve) => setTimeout(resolve, LOCK_LOOK_MS));
  }
}

async function isStale(next: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(next)).mtimeMs > LOCK_STALE_MS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw unwritable(next, error as Error);
  }
}

function unwritable(path: string, cause: Error): ReceiverError {
  return new ReceiverError("invalid-tokens", `token file cannot be written: ${cause.message} (${path})`, {
    cause,
  });
}
