import { isIP } from "node:net";
import type { DeviceRetention, RetentionSettings } from "@audio/keeper/settings";
import { ReceiverError } from "../errors.js";
import { addressAsName } from "../ingest/peer-name.js";
import type { ConfigValues } from "./config-values.js";

const [MEGABYTE, GIGABYTE] = [1e6, 1e9];
// Recording that has stopped for lack of space goes on when this much more than minFreeMb is free.
const MARGIN = 1.05;

/**
 * What may be deleted, in the keeper's units.
 * @throws ReceiverError `invalid-setting` for limits that would never be of use
 */
export function retentionSettings(values: ConfigValues): RetentionSettings {
  requireUse(values);
  const { retentionMaxAgeDays, retentionMaxTotalGb, retentionKeepFreeMb, devices } = values;
  return {
    maxAgeDays: retentionMaxAgeDays,
    maxTotalBytes: inBytes(retentionMaxTotalGb, GIGABYTE),
    keepFreeBytes: inBytes(retentionKeepFreeMb, MEGABYTE),
    onlyUploaded: values.retentionOnlyUploaded,
    deleteUnuploadedWhenFull: values.retentionDeleteUnuploadedWhenFull,
    devices: Object.fromEntries(
      Object.entries(devices).map(([key, device]) => [nameOf(key, device.name), retentionOf(device)]),
    ),
  };
}

function retentionOf({ keep, maxAgeDays, maxGb }: ConfigValues["devices"][string]): DeviceRetention {
  return { keep, maxAgeDays, maxBytes: inBytes(maxGb, GIGABYTE) };
}

// Recordings carry the name that is given to an address, or one made of it.
function nameOf(key: string, name: string | undefined): string {
  return name ?? (isIP(key) === 0 ? key : addressAsName(key));
}

function inBytes(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : Math.round(value * unit);
}

function requireUse({ catalogue, minFreeMb, ...values }: ConfigValues): void {
  const { retentionMaxAgeDays, retentionMaxTotalGb, retentionKeepFreeMb } = values;
  const limits = [retentionMaxAgeDays, retentionMaxTotalGb, retentionKeepFreeMb];
  if (!catalogue && limits.some((limit) => limit !== undefined))
    throw new ReceiverError(
      "invalid-setting",
      "retention is given with catalogue off: it needs the catalogue",
    );
  const least = Math.ceil(minFreeMb * MARGIN);
  if (retentionKeepFreeMb === undefined || retentionKeepFreeMb >= least) return;
  throw new ReceiverError(
    "invalid-setting",
    `retentionKeepFreeMb ${retentionKeepFreeMb} is not allowed with minFreeMb ${minFreeMb}, at which recording stops: at least ${least}`,
  );
}
