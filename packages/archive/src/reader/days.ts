import type { Catalogue } from "../catalogue/catalogue.js";
import type { DeviceRange, Fingerprint, RangeSums } from "../catalogue/overview.js";

/** A range of time: UTC, microseconds since the epoch. */
export interface TimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What a device has in a range of time. */
export interface RangeReport extends TimeRange {
  /** Segments that began in it. */
  readonly segments: number;
  /** Microseconds of it in which at least one stream was recorded. */
  readonly recordedUs: number;
  /** Sound events that began in it. */
  readonly sounds: number;
  /** dBFS; undefined while nothing is measured. */
  readonly peakDbfs: number | undefined;
}

interface Remembered {
  readonly fingerprint: Fingerprint;
  readonly sums: RangeSums;
  version: number;
}

// Of some 500 bytes: a month of 300 devices.
const MOST_REMEMBERED = 10_000;

/** Answers what a device has in each of several ranges: 12 ms for a day of 8640 segments, 1 ms when it is known. */
export function daysFrom({ devices, overview, sounds }: Catalogue) {
  const remembered = new Map<string, Remembered>();

  function remember(key: string, known: Remembered): RangeSums {
    remembered.delete(key);
    remembered.set(key, known);
    const [oldest] = remembered.keys();
    if (remembered.size > MOST_REMEMBERED) remembered.delete(oldest);
    return known.sums;
  }

  function sumsOf(range: DeviceRange): RangeSums {
    const key = `${range.deviceId}:${range.fromUs}:${range.toUs}`;
    const known = remembered.get(key);
    const { version } = overview;
    if (known?.version === version) return remember(key, known);
    const fingerprint = overview.fingerprint(range);
    if (known !== undefined && isSame(known.fingerprint, fingerprint)) {
      known.version = version;
      return remember(key, known);
    }
    const sums = overview.sums(range);
    return sums.isMeasured ? remember(key, { fingerprint, sums, version }) : sums;
  }

  return (device: string | null, ranges: readonly TimeRange[]): RangeReport[] => {
    const deviceId = devices.find(device ?? undefined);
    if (deviceId === undefined) return [];
    return ranges.flatMap(({ fromUs, toUs }) => {
      const { segments, recordedUs, peakDbfs } = sumsOf({ deviceId, fromUs, toUs });
      if (recordedUs === 0) return [];
      const heard = sounds.count(device ?? undefined, fromUs, toUs);
      return [{ fromUs, toUs, segments, recordedUs, sounds: heard, peakDbfs }];
    });
  };
}

function isSame(a: Fingerprint, b: Fingerprint): boolean {
  return a.segments === b.segments && a.idSum === b.idSum && a.lastId === b.lastId;
}
