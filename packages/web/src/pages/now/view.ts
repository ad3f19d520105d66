import { computed } from "@preact/signals";
import { deviceOf, devices } from "../../server/devices.js";
import { now } from "../../server/live.js";
import { goTo, place } from "../../shell/router.js";
import {
  countStates,
  filterRows,
  type GroupKey,
  groupRows,
  keepSame,
  type Row,
  rowOf,
  type SortKey,
  STATES,
  type State,
  sortRows,
} from "./rows.js";

let before: Row[] = [];

/** Every device; a row that shows the same as before is the same object. */
export const rows = computed<readonly Row[]>(() => {
  const made = now.value?.devices.map((device) => rowOf(device, deviceOf(device.device))) ?? [];
  before = keepSame(made, before);
  return before;
});

/** How many are in each state. */
export const counts = computed(() => countStates(rows.value));

const SORTS: readonly SortKey[] = ["state", "name", "loss", "drift", "last"];
const GROUPS: readonly GroupKey[] = ["none", "group", "state"];

/** What is shown and how: it stands in the address. */
export const view = computed(() => {
  const { query } = place.value;
  const hasGroups = rows.value.length > 1 && rows.value.some(({ group }) => group !== "");
  return {
    text: query.get("q") ?? "",
    states: STATES.filter((state) => query.getAll("state").includes(state)),
    sort: SORTS.find((key) => key === query.get("sort")) ?? "state",
    group: GROUPS.find((key) => key === query.get("group")) ?? (hasGroups ? "group" : "none"),
  };
});

/** Rows as they are shown. */
export const groups = computed(() => {
  const { text, states, sort, group } = view.value;
  return groupRows(sortRows(filterRows(rows.value, text, states), sort), group);
});

/** Nothing was ever recorded, and nothing sends. */
export const isFirstStart = computed(() => {
  const known = now.value !== undefined && devices.value !== undefined;
  const isQuiet = now.value?.devices.every(({ lastUs, streams }) => lastUs === null && streams.length === 0);
  return known && isQuiet === true && devices.value?.every(({ segments }) => segments === 0) === true;
});

/** Something is recorded, and nothing was complete when the devices were last asked for. */
export const isFirstMinute = computed(
  () =>
    counts.value.recording > 0 &&
    devices.value !== undefined &&
    devices.value.every(({ segments }) => segments === 0),
);

/** Shows it otherwise. */
export function changeView(change: {
  readonly text?: string;
  readonly sort?: SortKey;
  readonly group?: GroupKey;
}): void {
  const query = new URLSearchParams(place.peek().query);
  const { text, sort, group } = change;
  if (text !== undefined) set(query, "q", text);
  if (sort !== undefined) query.set("sort", sort);
  if (group !== undefined) query.set("group", group);
  show(query);
}

/** Shows devices of that state, or no longer only those. */
export function toggleState(state: State): void {
  const query = new URLSearchParams(place.peek().query);
  const others = query.getAll("state").filter((each) => each !== state);
  const wasOn = query.getAll("state").includes(state);
  query.delete("state");
  for (const each of wasOn ? others : [...others, state]) query.append("state", each);
  show(query);
}

/** Shows them all. */
export function showAll(): void {
  const query = new URLSearchParams(place.peek().query);
  query.delete("state");
  query.delete("q");
  show(query);
}

function set(query: URLSearchParams, key: string, value: string): void {
  if (value === "") query.delete(key);
  else query.set(key, value);
}

function show(query: URLSearchParams): void {
  const text = query.toString();
  goTo(text === "" ? "/" : `/?${text}`, "replace");
}
