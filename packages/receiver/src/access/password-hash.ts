import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

// N, r and p as OWASP lists them for scrypt with 32 MiB: about 100 ms, which no list of passwords can afford.
const COST = { logN: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
// log N is 18 at most. Memory is 128 · N · r bytes, and Node refuses what needs more than it was allowed: 256 MiB is our largest.
const MOST_MEMORY = 2 ** 28 + 2 ** 20;
/**
 * How one is written, at a cost that is enough and can be afforded. No `$`, as the usual notation has it: shells and
 * Compose files would take it for a variable.
 */
export const PASSWORD_HASH = /^\s*scrypt:(1[4-8]):(8):([1-4]):([\w-]{22,86}):([\w-]{43})\s*$/;

/** A password as it is kept, taken apart. */
export interface PasswordHash {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** Takes `scrypt:15:8:1:SALT:KEY` apart (salt and key base64url); undefined if it is none, or asks for too much. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, logN, r, p, salt, key] = PASSWORD_HASH.exec(text) ?? [];
  if (key === undefined) return undefined;
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  return { ...cost, salt: Buffer.from(salt, "base64url"), key: Buffer.from(key, "base64url") };
}

/** What is to be kept of a password: text for `parsePasswordHash`, another one each time. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...COST, salt });
  const { logN, r, p } = COST;
  return `scrypt:${logN}:${r}:${p}:${salt.toString("base64url")}:${key.toString("base64url")}`;
}

/** Whether it is this password; takes about 100 ms of one processor, whatever the answer. */
export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

// The same letters may come composed or not, depending on the keyboard.
function derive(password: string, { logN, r, p, salt }: Omit<PasswordHash, "key">): Promise<Buffer> {
  const options = { N: 2 ** logN, r, p, maxmem: MOST_MEMORY };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
