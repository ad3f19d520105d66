import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigValues } from "../config/config-values.js";
import { ReceiverError } from "../errors.js";

/**
 * The data directory that a command is to read, absolute.
 * @throws ReceiverError `invalid-setting` if there is none
 */
export function existingDataDir({ dataDir }: Pick<ConfigValues, "dataDir">): string {
  const path = resolve(dataDir);
  if (existsSync(path)) return path;
  throw new ReceiverError("invalid-setting", `data directory ${path} does not exist`);
}
