import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashPassword, type PasswordHash, parsePasswordHash } from "./password-hash.js";
import { writePrivateFile } from "./private-file.js";

/** Where a generated password's hash is kept, below the data directory. */
const WEB_PASSWORD_FILE = "web-password";

/** A password that was made just now; it is to be shown this once. */
export interface GeneratedPassword {
  readonly password: string;
  /** Where its hash is. */
  readonly path: string;
  /** Why its hash could not be kept, so that the next start makes another; undefined = it is kept. */
  readonly fault: string | undefined;
}

/** The hash that holds, or why none does. */
export type WebPassword =
  | { readonly hash: PasswordHash; readonly generated?: GeneratedPassword }
  | { readonly hash: undefined; readonly path: string; readonly fault: string };

/**
 * The password of a receiver that was told none: the one that an earlier start made, or a new one. A file that cannot
 * be read or understood opens nothing, and is not replaced: who damaged it must not get a new password printed.
 */
export async function webPasswordIn(dataDir: string): Promise<WebPassword> {
  const path = join(dataDir, WEB_PASSWORD_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return generate(path);
    return { hash: undefined, path, fault: message };
  }
  const hash = parsePasswordHash(text);
  return hash === undefined ? { hash, path, fault: "it holds no hash of a password" } : { hash };
}

async function generate(path: string): Promise<WebPassword> {
  const password = newPassword();
  const text = await hashPassword(password);
  const fault = await writePrivateFile(path, `${text}\n`).then(
    () => undefined,
    (error: Error) => error.message, // a full disk must keep nobody from looking why
  );
  return { hash: parsePasswordHash(text) as PasswordHash, generated: { password, path, fault } };
}

// Nothing that looks like something else on a terminal. 20 of 31 letters are 99 bits.
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789".replace("o", "");
const GROUPS = 4;
const GROUP_LETTERS = 5;

function newPassword(): string {
  const group = () =>
    Array.from({ length: GROUP_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}
