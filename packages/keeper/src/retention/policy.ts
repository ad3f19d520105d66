/** What may be deleted, and when. Limits that are undefined do not exist. */
export interface RetentionPolicy {
  /** Audio that ended longer ago goes. */
  readonly maxAgeDays: number | undefined;
  /** All files of all segments together. */
  readonly maxTotalBytes: number | undefined;
  /** So much of the disk is kept free. */
  readonly keepFreeBytes: number | undefined;
  /** What was not verified in a store stays, whatever the limits say. */
  readonly onlyUploaded: boolean;
  /** The frames as received count too. */
  readonly isBinUploaded: boolean;
  /** But for `keepFreeBytes` it goes all the same, when nothing else is left. */
  readonly deleteUnuploadedWhenFull: boolean;
  /** Exceptions, by the name of the device. */
  readonly devices: Readonly<Record<string, DeviceRetention>>;
}

/** A policy as people configure it. */
export interface RetentionSettings extends Omit<RetentionPolicy, "onlyUploaded" | "isBinUploaded"> {
  /** Undefined: what was not verified in a store stays if there is a store to upload to. */
  readonly onlyUploaded: boolean | undefined;
}

/** The policy that settings mean, with an upload or without one. */
export function retentionPolicy(
  settings: RetentionSettings,
  upload: { readonly bin: boolean } | undefined,
): RetentionPolicy {
  const onlyUploaded = settings.onlyUploaded ?? upload !== undefined;
  return { ...settings, onlyUploaded, isBinUploaded: upload?.bin ?? false };
}

/** Whether a segment whose audio is in a store stays for its frames, which are not there yet. */
export function waitsForBin(policy: RetentionPolicy, isBinSaved: boolean): boolean {
  const { onlyUploaded, isBinUploaded, deleteUnuploadedWhenFull } = policy;
  return !isBinSaved && isBinUploaded && onlyUploaded && !deleteUnuploadedWhenFull;
}

/** What is different for one device. */
export interface DeviceRetention {
  /** Nothing of it is ever deleted. */
  readonly keep?: boolean;
  /** Instead of the overall one. */
  readonly maxAgeDays?: number;
  /** All files of its segments. */
  readonly maxBytes?: number;
}

/** Why a segment goes. */
export type RetentionReason = "age" | "device-size" | "total-size" | "free-space";

const DAY_US = 86_400_000_000;

/** Whether the policy ever deletes anything. */
export function isLimiting({ maxAgeDays, maxTotalBytes, keepFreeBytes, devices }: RetentionPolicy): boolean {
  const limits = [maxAgeDays, maxTotalBytes, keepFreeBytes];
  const ofDevices = Object.values(devices).flatMap((device) => [device.maxAgeDays, device.maxBytes]);
  return [...limits, ...ofDevices].some((limit) => limit !== undefined);
}

/** What holds for one device (undefined: senders without a name). */
export function deviceRetention({ devices }: RetentionPolicy, device: string | undefined): DeviceRetention {
  return device !== undefined && Object.hasOwn(devices, device) ? devices[device] : {};
}

/** Audio of the device that ended before this goes: UTC, microseconds since the epoch; undefined = at any age it stays. */
export function ageLimitUs(
  policy: RetentionPolicy,
  device: string | undefined,
  nowUs: number,
): number | undefined {
  const days = deviceRetention(policy, device).maxAgeDays ?? policy.maxAgeDays;
  return days === undefined ? undefined : nowUs - days * DAY_US;
}
