import { devices, nameOf } from "../../../server/devices.js";
import type { Span } from "../time/view.js";

/** GET /levels and GET /timeline take no more at once. */
export const MOST_LANES = 64;

/**
 * The devices that a day shows when its address names none: those that may have something in it, in the order of
 * their groups and names; undefined: it is not known yet.
 */
export function devicesOf(day: Span, liveDevices: ReadonlySet<string>): readonly string[] | undefined {
  const known = devices.value;
  if (known === undefined) return undefined;
  const there = known.filter(
    ({ device, firstUs, lastUs }) =>
      liveDevices.has(device) ||
      (firstUs !== null && lastUs !== null && firstUs < day.toUs && lastUs > day.fromUs),
  );
  const all = (there.length > 0 ? there : known).map(({ device, group }) => ({
    device,
    group,
    name: nameOf(device),
  }));
  all.sort(byGroupAndName);
  return all.slice(0, MOST_LANES).map(({ device }) => device);
}

interface Named {
  readonly group: string;
  readonly name: string;
}

/** Groups together, those without one last. */
function byGroupAndName(a: Named, b: Named): number {
  const isAlone = (named: Named) => Number(named.group === "");
  const byGroup = isAlone(a) - isAlone(b) || a.group.localeCompare(b.group);
  return byGroup || a.name.localeCompare(b.name, undefined, { numeric: true });
}
