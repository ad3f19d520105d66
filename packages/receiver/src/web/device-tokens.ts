import { readTokens } from "../access/tokens.js";

/** Names of the tokens that are for one device alone, by device; none of a file that cannot be read. */
export async function deviceTokens(path: string | undefined): Promise<ReadonlyMap<string, string>> {
  const { tokens = [] } = path === undefined ? {} : await readTokens(path);
  return new Map(tokens.flatMap(({ device, name }) => (device === undefined ? [] : [[device, name]])));
}
