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
  reader: Pick<CatalogueReader, "deviceNames">,
  user: User,
  name: string | undefined,
): Promise<Asked[]> {
  if (name !== undefined) {
    requireDevice(user, name);
    return [{ device: deviceNamed(name) }];
  }
  if (user.devices === null) return [{}];
  const known = await reader.deviceNames();
  return known.filter((device) => maySee(user, nameOf(device))).map((device) => ({ device: device ?? null }));
}

/** Asks about one after the other: a thousand questions at once would keep everybody else's waiting. */
export async function inTurn<T>(devices: readonly Asked[], ask: (device: Asked) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (const device of devices) answers.push(await ask(device));
  return answers;
}

/** The first ones of several lists that are in order of their start. */
export function earliest<T extends { readonly startUs: number }>(lists: readonly T[][], limit: number): T[] {
  if (lists.length === 1) return lists[0];
  return lists
    .flat()
    .sort((a, b) => a.startUs - b.startUs)
    .slice(0, limit);
}
