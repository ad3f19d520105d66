import { clockOf, zoneOf } from "../parts/zoned.js";
import { zone } from "../server/info.js";

/** A moment as it is told, in the receiver's zone: `06:12:00 CET`. */
export function clockText(us: number): string {
  return `${clockOf(us, zone.value)} ${zoneOf(us, zone.value)}`;
}
