import { readFile } from "node:fs/promises";
import { type FileWatch, watchFiles } from "./file-watch.js";
import { hashToken, sameHash, TOKEN_PATTERN } from "./token.js";
import { parseTokenFile, type TokenFileContent, type TokenRecord } from "./token-file.js";

const LOOK_EVERY_MS = 500;

/** Something happened to the file of tokens. */
export interface TokensChange {
  readonly path: string;
  /** Tokens that are good now. */
  readonly tokens: number;
  /** What is wrong with the file, so that the tokens of before stay good; undefined = nothing. */
  readonly fault: string | undefined;
}

export interface TokensOptions {
  readonly path: string;
  readonly onChange: (change: TokensChange) => void;
}

/** The tokens that are good now: those of the file, which may come, change and go while we run. */
export class Tokens {
  readonly #options: TokensOptions;
  #records = new Map<string, TokenRecord>();
  #watch: FileWatch | undefined;

  private constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** Reads the file, if there is one, and goes on looking at it. */
  static async open(options: TokensOptions): Promise<Tokens> {
    const tokens = new Tokens(options);
    const onChange = () => tokens.#load();
    tokens.#watch = await watchFiles({ paths: [options.path], everyMs: LOOK_EVERY_MS, onChange });
    await tokens.#load();
    return tokens;
  }

  /** Tokens that are good now. */
  get size(): number {
    return this.#records.size;
  }

  /**
   * The record of a token. It is looked up by its hash: how long that takes depends on the hash, of which nobody
   * can choose the beginning to learn something about another's, and the last comparison takes the same time always.
   */
  find(token: string): TokenRecord | undefined {
    if (!TOKEN_PATTERN.test(token)) return undefined;
    const hash = hashToken(token);
    const record = this.#records.get(hash);
    return record !== undefined && sameHash(record.sha256, hash) ? record : undefined;
  }

  /** Whether a record that was found earlier is still good, unchanged. */
  holds({ sha256, device }: TokenRecord): boolean {
    const record = this.#records.get(sha256);
    return record !== undefined && record.device === device;
  }

  close(): void {
    this.#watch?.stop();
  }

  // A file that is gone is a fault once it was there: its disk may be, and nobody revokes tokens in that way.
  async #load(): Promise<void> {
    const { path, onChange } = this.#options;
    const found = await readTokens(path);
    if (found.tokens !== undefined)
      this.#records = new Map(found.tokens.map((record) => [record.sha256, record]));
    const fault = found.fault === "absent" ? (this.size > 0 ? "it is gone" : undefined) : found.fault;
    onChange({ path, tokens: this.size, fault });
  }
}

/** What stands in a token file; the fault of one that is not there is `absent`. */
export async function readTokens(path: string): Promise<TokenFileContent> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { fault: code === "ENOENT" ? "absent" : message };
  }
  return parseTokenFile(text);
}
