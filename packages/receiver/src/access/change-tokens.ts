import { changeFile } from "@audio/archive";
import { ReceiverError } from "../errors.js";
import { formatTokenFile, type TokenRecord } from "./token-file.js";
import { readTokens } from "./tokens.js";

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
 * Changes the tokens of a file in one step, see `changeFile`: one that was shown is good also after a power loss, and
 * one that was revoked, bad.
 * @throws ReceiverError `invalid-tokens`; whatever `change` throws
 */
export function changeTokens(
  path: string,
  change: (tokens: readonly TokenRecord[]) => readonly TokenRecord[],
): Promise<void> {
  const content = async () => formatTokenFile(change(await listTokens(path)));
  return changeFile({ path, mode: 0o600, content, refuse: refusal });
}

function refusal(next: string, cause: Error | undefined): ReceiverError {
  const why =
    cause === undefined
      ? `${next} is being written by another audio-receiver token`
      : `token file cannot be written: ${cause.message} (${next})`;
  return new ReceiverError("invalid-tokens", why, { cause });
}
