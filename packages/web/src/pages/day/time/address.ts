import type { TimeZone } from "@audio/segments";
import { formatMoment, parseMoment } from "./clock.js";
import { dayOf } from "./local-day.js";
import { centred, SHORTEST_US, type Span, within } from "./view.js";

/** A stretch of one device. */
export interface Selection extends Span {
  readonly device: string;
}

/** What the address of a day says. */
export interface DayState {
  /** In their order; empty = as many as can be shown. */
  readonly devices: readonly string[];
  /** Of them, those that are heard together; empty = the one that is clicked. */
  readonly together: readonly string[];
  /** The one that keys act on, and that a phone shows; undefined = the first. */
  readonly lane: string | undefined;
  /** undefined = the whole day. */
  readonly view: Span | undefined;
  /** Playhead: UTC, microseconds since the epoch. */
  readonly atUs: number | undefined;
  readonly selection: Selection | undefined;
}

const DEVICE = /^([A-Za-z0-9_-]{1,64}|~)$/;
const MOST_DEVICES = 64;
// A link to a moment alone shows this much around it.
const AROUND_US = 3_600_000_000;

/** Reads the query of a day's address: what is no state is left out, so that any link shows something. */
export function readAddress(zone: TimeZone, date: string, query: URLSearchParams): DayState {
  const devices = namesOf(query, "device");
  const atUs = momentIn(zone, date, query.get("at"));
  return {
    devices,
    together: namesOf(query, "hear"),
    lane: namesOf(query, "lane")[0],
    view: viewOf(zone, date, query, atUs),
    atUs,
    selection: selectionOf(zone, date, query.get("select")),
  };
}

/** Path and query of a day in a state: `/date/2026-11-17?device=a&from=03:00:00.000&to=04:00:00.000&at=03:17:00.000`. */
export function writeAddress(zone: TimeZone, date: string, state: DayState): string {
  const { devices, together, lane, view, atUs, selection } = state;
  const moment = (us: number) => formatMoment(zone, date, us);
  const query = new URLSearchParams();
  for (const device of devices) query.append("device", device);
  for (const device of together) query.append("hear", device);
  if (lane !== undefined) query.set("lane", lane);
  const shown = view ?? (atUs === undefined ? undefined : dayOf(zone, date));
  if (shown !== undefined) {
    query.set("from", moment(shown.fromUs));
    query.set("to", endOf(zone, date, shown.toUs));
  }
  if (atUs !== undefined) query.set("at", moment(atUs));
  if (selection !== undefined) {
    const { device, fromUs, toUs } = selection;
    query.set("select", `${device},${moment(fromUs)},${endOf(zone, date, toUs)}`);
  }
  // Readable where it may be: RFC 3986 allows these in a query.
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%7E", "~");
  return `/date/${date}${text === "" ? "" : `?${text}`}`;
}

function endOf(zone: TimeZone, date: string, us: number): string {
  return us >= dayOf(zone, date).toUs ? "24:00:00.000" : formatMoment(zone, date, us);
}

function namesOf(query: URLSearchParams, key: string): string[] {
  return [...new Set(query.getAll(key).filter((name) => DEVICE.test(name)))].slice(0, MOST_DEVICES);
}

function momentIn(zone: TimeZone, date: string, text: string | null): number | undefined {
  const us = text === null ? undefined : parseMoment(zone, date, text);
  const day = dayOf(zone, date);
  return us !== undefined && us >= day.fromUs && us <= day.toUs ? us : undefined;
}

function viewOf(
  zone: TimeZone,
  date: string,
  query: URLSearchParams,
  atUs: number | undefined,
): Span | undefined {
  const day = dayOf(zone, date);
  const fromUs = momentIn(zone, date, query.get("from"));
  const toUs = momentIn(zone, date, query.get("to"));
  if (fromUs === undefined || toUs === undefined || toUs - fromUs < SHORTEST_US)
    return atUs === undefined ? undefined : centred(atUs, AROUND_US, day);
  const isWhole = fromUs === day.fromUs && toUs === day.toUs;
  return isWhole ? undefined : within({ fromUs, toUs }, day);
}

function selectionOf(zone: TimeZone, date: string, text: string | null): Selection | undefined {
  const [device = "", from = "", to = ""] = text?.split(",") ?? [];
  const fromUs = momentIn(zone, date, from);
  const toUs = momentIn(zone, date, to);
  const isOne = DEVICE.test(device) && fromUs !== undefined && toUs !== undefined && fromUs < toUs;
  return isOne ? { device, fromUs, toUs } : undefined;
}
