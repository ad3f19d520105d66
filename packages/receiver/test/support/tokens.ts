import { join } from "node:path";
import { audioReceiver } from "./command.js";

export interface AddedToken {
  readonly id: string;
  readonly name: string;
  readonly device: string | null;
  readonly token: string;
}

/** The token file of a data directory. */
export function tokensFile(dataDir: string): string {
  return join(dataDir, "tokens.json");
}

/** Makes a token with the command, as people do. */
export async function addToken(dataDir: string, ...words: string[]): Promise<AddedToken> {
  const { code, stdout, stderr } = await token(dataDir, "add", ...words, "--json");
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as AddedToken;
}

/** Runs `audio-receiver token` for a data directory. */
export function token(dataDir: string, ...words: string[]) {
  return audioReceiver(["token", ...words, "--data-dir", dataDir], { cwd: "/tmp" });
}
