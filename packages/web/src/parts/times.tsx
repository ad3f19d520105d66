import { serverNow, zone } from "../server/info.js";
import { second } from "./ticking.js";
import { agoOf, durationOf, sizeOf } from "./words.js";
import { clockOf, dayOf, exactOf, type Precision, zoneOf } from "./zoned.js";

interface Moment {
  /** UTC, microseconds since 1970. */
  readonly us: number;
}

const isoOf = (us: number) => new Date(us / 1000).toISOString();

/** Time of day in the receiver's zone; all of it on hover. */
export function Time({ us, precision = "second" }: Moment & { readonly precision?: Precision }) {
  return (
    <time dateTime={isoOf(us)} title={exactOf(us, zone.value)}>
      {clockOf(us, zone.value, precision)}
    </time>
  );
}

/** Date and time with the zone: `Tue 17 Nov 2026, 03:17:05 CET`. */
export function DateTime({ us, precision = "second" }: Moment & { readonly precision?: Precision }) {
  return (
    <time dateTime={isoOf(us)} title={exactOf(us, zone.value)}>
      {exactOf(us, zone.value, precision)}
    </time>
  );
}

/** Date alone: `Tue 17 Nov 2026`. */
export function Day({ us }: Moment) {
  return (
    <time dateTime={isoOf(us)} title={exactOf(us, zone.value)}>
      {dayOf(us, zone.value)}
    </time>
  );
}

/** How long ago, by the receiver's clock; goes on by itself. */
export function Ago({ us }: Moment) {
  void second.value;
  return (
    <time dateTime={isoOf(us)} title={exactOf(us, zone.value)}>
      {agoOf(serverNow() - us)}
    </time>
  );
}

/** The receiver's clock. */
export function Clock() {
  void second.value;
  const us = serverNow();
  return (
    <time class="clock" dateTime={isoOf(us)} title={`The receiver's clock, ${zone.value}`}>
      {clockOf(us, zone.value)} <span class="faint">{zoneOf(us, zone.value)}</span>
    </time>
  );
}

/** A length of time in microseconds: `2 h 05 min`; to the millisecond on hover. */
export function Duration({ us }: Moment) {
  return <span title={`${(us / 1_000_000).toFixed(3)} s`}>{durationOf(us)}</span>;
}

/** Bytes: `1.25 GB`; each of them on hover. */
export function Size({ bytes }: { readonly bytes: number }) {
  return <span title={`${bytes} bytes`}>{sizeOf(bytes)}</span>;
}
