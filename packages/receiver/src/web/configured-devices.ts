import { readTokens } from "../access/tokens.js";
import type { ReceiverSettings } from "../settings.js";

/** Names of the tokens that are for one device alone, by device; none of a file that cannot be read. */
export async function deviceTokens(path: string | undefined): Promise<ReadonlyMap<string, string>> {
  const { tokens = [] } = path === undefined ? {} : await readTokens(path);
  return new Map(tokens.flatMap(({ device, name }) => (device === undefined ? [] : [[device, name]])));
}

/** Devices that the settings name: those for which something is different. */
export function configuredDevices({ retention }: Pick<ReceiverSettings, "retention">): string[] {
  return Object.keys(retention.devices);
}
