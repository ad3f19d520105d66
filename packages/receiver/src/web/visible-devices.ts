import type { User } from "@audio/api";
import type { CatalogueReader } from "./catalogue-reader.js";
import { deviceNamed, nameOf } from "./device-name.js";
import { maySee, requireDevice } from "./visibility.js";

/** Whose recordings are asked for. */
export interface Asked {
  /** Undefined: of all devices. Null: of senders without a name. */
  readonly device?: string | null;
}

/**
 * Which questions to put to the catalogue, so that their answers together hold what the user asks for and may see.
 * @param name of a device, as the interface names it; undefined = all
 * @throws WebFailure 404, 503
 */
export async function visibleDevices(
  reader: Pick<CatalogueReader, "devices">,
  user: User,
  name: string | undefined,
): Promise<Asked[]> {
  if (name !== undefined) {
    requireDevice(user, name);
    return [{ device: deviceNamed(name) }];
  }
  if (user.devices === null) return [{}];
  const known = await reader.devices();
  return known
    .filter(({ device }) => maySee(user, nameOf(device)))
    .map(({ device }) => ({ device: device ?? null }));
}

/** The first ones of several lists that are in order of their start. */
export function earliest<T extends { readonly startUs: number }>(lists: readonly T[][], limit: number): T[] {
  if (lists.length === 1) return lists[0];
  return lists
    .flat()
    .sort((a, b) => a.startUs - b.startUs)
    .slice(0, limit);
}
