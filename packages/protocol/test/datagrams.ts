/** Datagrams and a window that takes them. */
import { type DatagramFate, DatagramWindow, datagramSequence, formatDatagram } from "../src/index.js";

export const MAX_GAP = 3000;
/** Length of a datagram. */
export const PERIOD_MS = 20;

export interface Flags {
  readonly start?: boolean;
  readonly end?: boolean;
  readonly timestampMs?: number;
  readonly fill?: number;
  readonly bytes?: number;
}

export function datagram(
  sequence: number,
  { start, end, timestampMs, fill = 1, bytes = 2 }: Flags = {},
): Uint8Array {
  const uptime = timestampMs ?? (sequence * PERIOD_MS) >>> 0;
  const header = { sequence: sequence >>> 0, timestampMs: uptime, start: start ?? false, end: end ?? false };
  return formatDatagram(header, new Uint8Array(bytes).fill(fill));
}

/** A window, and what it handed over: [number, lost before it]. */
export function listening() {
  const handed: [number, number][] = [];
  const window = new DatagramWindow((bytes, lost) => handed.push([datagramSequence(bytes), lost]));
  const push = (bytes: Uint8Array, nowMs = 0): DatagramFate => window.push(bytes, nowMs, MAX_GAP);
  return { window, handed, push };
}
