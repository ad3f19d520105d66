import { statfs } from "node:fs/promises";
import type { Catalogue, DeviceStatistics, DeviceSummary, FormUsage, GapTotal } from "@audio/archive";
import type { TimeZone } from "@audio/segments";

/** What a data directory holds, as `audio-receiver stats --json` prints it. */
export interface Statistics {
  /** Days, on the clocks of the time zone, on which a recording began. */
  readonly total_dates: number;
  /** Audio files in the data directory; `.bin` files do not count. */
  readonly total_files: number;
  /** Their bytes. */
  readonly total_size: number;
  /** `2.6 GB` */
  readonly total_size_formatted: string;
  readonly segments: number;
  /** Microseconds of audio, all devices added up. */
  readonly recordedUs: number;
  readonly usage: readonly FormUsage[];
  readonly disk: DiskStatistics;
  readonly devices: readonly DeviceReport[];
}

/** How full the disk of the data directory is, and how long it lasts. */
export interface DiskStatistics {
  readonly bytes: number;
  /** Bytes that this user may still write. */
  readonly freeBytes: number;
  /** Of the files that the segments of the last hour take now, since the first of them began; 0 when there is none. */
  readonly bytesPerSecond: number;
  /** Until recording stops (`minFreeMb`), if it goes on like in the last hour and nothing is removed; null: for ever. */
  readonly hoursLeft: number | null;
}

/** What there is of one device. */
export interface DeviceReport extends DeviceStatistics {
  /** Null: senders without a name, together. */
  readonly device: string | null;
  /** Of the time from the first to the last segment, 0 … 1, in which at least one stream was recorded. */
  readonly coverage: number;
  readonly gaps: readonly GapTotal[];
  readonly usage: readonly FormUsage[];
}

export interface StatisticsOptions {
  readonly zone: TimeZone;
  /** Recording stops while less is free. */
  readonly minFreeBytes: number;
  /** UTC, microseconds since the epoch. */
  readonly nowUs: number;
  readonly formatBytes: (bytes: number) => string;
}

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;

/** Counts and sums what the catalogue knows of a data directory. */
export async function statisticsOf(
  catalogue: Catalogue,
  dataDir: string,
  options: StatisticsOptions,
): Promise<Statistics> {
  const { zone, formatBytes } = options;
  const devices = catalogue.devices.summaries().flatMap((summary) => reportOf(catalogue, summary) ?? []);
  const usage = catalogue.devices.usage();
  const audio = usage.filter(({ form }) => form !== "bin");
  const size = audio.reduce((sum, { localBytes }) => sum + localBytes, 0);
  return {
    total_dates: datesOf(catalogue, zone),
    total_files: audio.reduce((sum, { localFiles }) => sum + localFiles, 0),
    total_size: size,
    total_size_formatted: formatBytes(size),
    segments: devices.reduce((sum, { segments }) => sum + segments, 0),
    recordedUs: devices.reduce((sum, { recordedUs }) => sum + recordedUs, 0),
    usage,
    disk: await diskOf(catalogue, dataDir, options),
    devices,
  };
}

function reportOf(
  { statistics, gaps }: Catalogue,
  { device, usage }: DeviceSummary,
): DeviceReport | undefined {
  const known = statistics.of(device);
  if (known === undefined) return undefined;
  const { firstUs, lastUs, coveredUs } = known;
  const coverage = lastUs > firstUs ? coveredUs / (lastUs - firstUs) : 1;
  return { device: device ?? null, ...known, coverage, gaps: gaps.totals(device), usage };
}

// One look-up for each day: the first segment of it, then the first one behind its midnight.
function datesOf({ statistics }: Catalogue, zone: TimeZone): number {
  let dates = 0;
  for (let fromUs = 0; ; dates++) {
    const startUs = statistics.firstStartUs(fromUs);
    if (startUs === undefined) return dates;
    fromUs = midnightBehind(startUs, zone);
  }
}

function midnightBehind(us: number, zone: TimeZone): number {
  const localUs = us + zone.offsetUs(us);
  const nextUs = (Math.floor(localUs / DAY_US) + 1) * DAY_US;
  // Where clocks are changed at midnight, there may be none, or two.
  const [midnight = nextUs - zone.offsetUs(us)] = zone.moments(nextUs).filter((moment) => moment > us);
  return midnight;
}

// Whoever began ten minutes ago has filled the disk for ten minutes, not for an hour.
function growth(statistics: Catalogue["statistics"], nowUs: number): number {
  const sinceUs = statistics.firstStartUs(nowUs - HOUR_US);
  if (sinceUs === undefined || sinceUs >= nowUs) return 0;
  return (statistics.localBytes(sinceUs, nowUs) * 1_000_000) / Math.max(MINUTE_US, nowUs - sinceUs);
}

async function diskOf(
  { statistics }: Catalogue,
  dataDir: string,
  { nowUs, minFreeBytes }: StatisticsOptions,
): Promise<DiskStatistics> {
  const { bsize, blocks, bavail } = await statfs(dataDir);
  const bytesPerSecond = growth(statistics, nowUs);
  const room = Math.max(0, bavail * bsize - minFreeBytes);
  const hoursLeft = bytesPerSecond === 0 ? null : room / bytesPerSecond / 3600;
  return { bytes: blocks * bsize, freeBytes: bavail * bsize, bytesPerSecond, hoursLeft };
}
