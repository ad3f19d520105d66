import type { Device } from "../../server/devices.js";
import type { Now } from "../../server/live.js";

export type DeviceNow = Now["devices"][number];
export type State = DeviceNow["state"];
export type SortKey = "state" | "name" | "loss" | "drift" | "last";
export type GroupKey = "none" | "group" | "state";

/** What a device's row shows. Figures that change each second are not in it: the row need not be drawn for them. */
export interface Row {
  readonly device: string;
  /** As people call it. */
  readonly name: string;
  readonly group: string;
  readonly state: State;
  readonly why: string | null;
  /** End of its last audio, UTC microseconds; null while it records, or before its first. */
  readonly lastUs: number | null;
  readonly streams: readonly RowStream[];
  readonly lostFrames: number;
  /** Of all frames, 0 … 1; null = it sends none. */
  readonly lossShare: number | null;
  /** The drift that is farthest from 0. */
  readonly driftPpm: number | null;
}

export type RowStream = Pick<
  DeviceNow["streams"][number],
  "key" | "streamId" | "codec" | "sampleRate" | "channels" | "source" | "peer" | "openedUs"
>;

/** The row of a device. */
export function rowOf(now: DeviceNow, card: Pick<Device, "label" | "group"> | undefined): Row {
  const { device, state, why, streams } = now;
  const lostFrames = streams.reduce((sum, stream) => sum + stream.lostFrames, 0);
  const frames = streams.reduce((sum, stream) => sum + stream.frames, lostFrames);
  const drifts = streams.flatMap(({ driftPpm }) => (driftPpm === null ? [] : [Math.round(driftPpm)]));
  return {
    device,
    name: card?.label || (device === "~" ? "without a name" : device),
    group: card?.group ?? "",
    state,
    why,
    lastUs: state === "recording" ? null : now.lastUs,
    streams: streams.map(shownOf),
    lostFrames,
    lossShare: frames === 0 ? null : Number((lostFrames / frames).toPrecision(2)),
    driftPpm: drifts.sort((a, b) => Math.abs(b) - Math.abs(a))[0] ?? null,
  };
}

function shownOf(stream: DeviceNow["streams"][number]): RowStream {
  const { key, streamId, codec, sampleRate, channels, source, peer, openedUs } = stream;
  return { key, streamId, codec, sampleRate, channels, source, peer, openedUs };
}

/** Gives each device its row of before, as long as that shows the same. */
export function keepSame(rows: readonly Row[], before: readonly Row[]): Row[] {
  const known = new Map(before.map((row) => [row.device, row]));
  return rows.map((row) => {
    const old = known.get(row.device);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(row) ? old : row;
  });
}

/** What is wrong comes first; what is not connected may never have been meant to be. */
export const STATES: readonly State[] = ["not-recorded", "silent", "recording", "offline"];

const BY_NAME = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const byName = (a: Row, b: Row) => BY_NAME.compare(a.name, b.name) || BY_NAME.compare(a.device, b.device);

const ORDERS: Readonly<Record<SortKey, (a: Row, b: Row) => number>> = {
  state: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
  name: () => 0,
  loss: (a, b) => (b.lossShare ?? -1) - (a.lossShare ?? -1),
  drift: (a, b) => Math.abs(b.driftPpm ?? 0) - Math.abs(a.driftPpm ?? 0),
  last: (a, b) => (b.lastUs ?? Number.MAX_VALUE) - (a.lastUs ?? Number.MAX_VALUE),
};

/** In the order asked for: worst, largest or latest first; what is equal by name. */
export function sortRows(rows: readonly Row[], key: SortKey): Row[] {
  return [...rows].sort((a, b) => ORDERS[key](a, b) || byName(a, b));
}

/** Rows of one of the states that have every word in their name, group or the like; no state = all. */
export function filterRows(rows: readonly Row[], text: string, states: readonly State[]): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (states.length > 0 && !states.includes(row.state)) return false;
    const told = `${row.name} ${row.device} ${row.group} ${row.streams.map(({ peer }) => peer ?? "").join(" ")}`;
    return words.every((word) => told.toLowerCase().includes(word));
  });
}

export interface RowGroup {
  /** `""`: without a heading. */
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Rows under headings, which are in order too; what has no group comes last. */
export function groupRows(rows: readonly Row[], key: GroupKey): RowGroup[] {
  if (key === "none") return rows.length === 0 ? [] : [{ title: "", rows }];
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const title = row[key];
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  const rank = (title: string) => (key === "state" ? STATES.indexOf(title as State) : title === "" ? 1 : 0);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || BY_NAME.compare(a, b))
    .map(([title, members]) => ({ title: title || "without a group", rows: members }));
}

/** How many are in each state. */
export function countStates(rows: readonly Row[]): Readonly<Record<State, number>> {
  const counts = { recording: 0, silent: 0, "not-recorded": 0, offline: 0 };
  for (const { state } of rows) counts[state]++;
  return counts;
}
