import type { DeviceNow, LevelRow, Now, User } from "@audio/api";
import type { KeeperStatus } from "@audio/keeper";
import type { Readiness } from "../health.js";
import { maySee } from "../visibility.js";
import { type DevicesNowSources, devicesNow, levelRow, nameOf, sendingNow } from "./devices-now.js";
import { type DiskNowSources, diskNow, queuesNow } from "./disk-now.js";

export interface NowSources extends DevicesNowSources, DiskNowSources {
  readonly archive: DevicesNowSources["archive"] & DiskNowSources["archive"];
  readonly keeper: { look(): Promise<KeeperStatus | undefined> };
  readonly readiness: () => Readiness;
}

/** Everything as it is at a moment, for whoever may see all of it. */
export interface Moment {
  readonly now: Now;
  readonly levels: readonly { readonly device: string; readonly row: LevelRow }[];
}

/** Looks at everything. */
export async function momentOf(sources: NowSources): Promise<Moment> {
  const keeper = await sources.keeper.look();
  const nowMs = Date.now();
  const nowUs = nowMs * 1000;
  const sending = sendingNow(sources.streams.status, nowUs);
  const levels = sending.flatMap((status) => {
    const row = levelRow(status);
    return row === undefined ? [] : [{ device: nameOf(status), row }];
  });
  const { status, reasons } = sources.readiness();
  const now: Now = {
    nowUs,
    devices: devicesNow(sources, nowUs),
    disk: diskNow(sources, keeper, sending),
    queues: queuesNow(keeper, nowMs),
    readiness: { status, reasons: [...reasons] },
  };
  return { now, levels };
}

/** Of everything, what a user may know. */
export function nowFor(user: User, now: Now): Now {
  if (user.role === "admin" && user.devices === null) return now;
  const devices = now.devices.filter(({ device }) => maySee(user, device));
  if (user.role === "admin") return { ...now, devices };
  // Hooks have the names of hosts and programs.
  const queues = now.queues.filter(({ step }) => !step.startsWith("hook:"));
  return { ...now, devices: devices.map(withoutPeers), queues };
}

function withoutPeers(device: DeviceNow): DeviceNow {
  return { ...device, streams: device.streams.map((stream) => ({ ...stream, peer: null })) };
}
