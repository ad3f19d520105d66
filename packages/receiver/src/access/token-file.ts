import { z } from "zod";

/** One token, as the file keeps it: never the token itself. */
export interface TokenRecord {
  /** 8 hexadecimal digits; names it without telling it. */
  readonly id: string;
  /** As people call it; unique in the file. */
  readonly name: string;
  /** The only hwid that it may be used for; undefined = any. */
  readonly device?: string;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly sha256: string;
  /** ISO time of its making. */
  readonly created: string;
}

/** What names of tokens and devices may consist of. */
export const TOKEN_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** What ids look like. */
export const TOKEN_ID = /^[0-9a-f]{8}$/;
const HWID = /^[A-Za-z0-9_-]{1,64}$/;

const record = z.strictObject({
  id: z.string().regex(TOKEN_ID),
  name: z.string().regex(TOKEN_NAME),
  device: z.string().regex(HWID).optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime(),
});
const file = z.strictObject({ version: z.literal(1), tokens: z.array(record) });

/** The tokens of a file, or what is wrong with it. */
export type TokenFileContent =
  | { readonly tokens: readonly TokenRecord[]; readonly fault?: undefined }
  | { readonly tokens?: undefined; readonly fault: string };

/** Takes the text of a token file apart; what is wrong with it comes as text, without any of its content. */
export function parseTokenFile(text: string): TokenFileContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: "it is no JSON" }; // the parser's own message quotes what it read
  }
  const { success, data, error } = file.safeParse(json);
  if (!success) return { fault: `${error.issues[0].path.join(".") || "it"} is not as expected` };
  const { tokens } = data;
  for (const key of ["id", "name"] as const) {
    if (new Set(tokens.map((token) => token[key])).size < tokens.length)
      return { fault: `two tokens have the same ${key}` };
  }
  return { tokens };
}

/** The text of a token file, for `parseTokenFile`. */
export function formatTokenFile(tokens: readonly TokenRecord[]): string {
  return `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`;
}
