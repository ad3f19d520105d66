/**
 * A data directory with days of real recordings, made within seconds. What is heard in them tells when it was recorded
 * (time-code.ts), or, where the loudness of long days is all that matters, at least by whom and in which hour.
 *
 * - `kitchen`: `yesterday`, `lastWeek` until 06:00, the last hour of `today` (`isLong`: all of both), segments of 10 s; every second is spoken from 03:10 to 03:25
 *   of the first two, and in the last five minutes
 * - `garden`: `lastWeek` and `yesterday`, stereo, segments of 600 s; spoken from 03:10 to 03:30 of `lastWeek`
 * - `workshop`: `lastWeek` from 03:10 to 03:30, FLAC, segments of 600 s, spoken
 * - `porch`: `yesterday` until 10:00, segments of 30 s, with gaps of every cause
 * - `attic`: `lastWeek` from 09:00 to 10:00, and never again
 * - a sender without a name, and `pager` (frames as received alone): `yesterday`, 30 s from 12:00; not in the catalogue
 *   yet
 */
import { openCatalogue } from "@audio/archive";
import { type GapCause, TimeZone } from "@audio/segments";
import { GapLedger } from "../../../archive/src/gaps/gap-ledger.js";
import {
  DAY_SECONDS,
  DayRecorder,
  DEVICES,
  type DeviceName,
  type Missing,
  placed,
  SECOND_US,
  samplesOf,
} from "./day-recorder.js";
import { writeUnknown } from "./found-files.js";
import { measured, SegmentWriter } from "./segment-writer.js";
import { CODE_RATE } from "./time-code.js";

/** Without summer time, which would make days of 23 hours; and half an hour shows what forgets the zone. */
export const TIMEZONE = "Asia/Kolkata";

/** A day in the receiver's time zone. */
export interface RecordedDay {
  /** `2026-11-17` */
  readonly date: string;
  /** UTC, microseconds since the epoch, of its midnight. */
  readonly midnightUs: number;
}

export interface RecordedDays {
  readonly dataDir: string;
  readonly timezone: string;
  readonly today: RecordedDay;
  readonly yesterday: RecordedDay;
  /** Six days ago. */
  readonly lastWeek: RecordedDay;
}

export interface RecordDaysOptions {
  readonly timezone?: string;
  /** UTC, microseconds since the epoch: when recording ended (default: now). */
  readonly nowUs?: number;
  /** More of them, for pictures: twice the time (default false). */
  readonly isLong?: boolean;
}

/** Second of the day of a time such as `03:17` or `03:17:20`. */
export function secondOf(time: string): number {
  const [hours, minutes, seconds = 0] = time.split(":").map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}

const missing = (device: DeviceName, from: string, to: string, cause: GapCause, filled = false): Missing => ({
  device,
  from: secondOf(from),
  to: secondOf(to),
  cause,
  filled,
});

/** All that is missing. */
const MISSING = {
  lastWeek: [
    missing("kitchen", "03:19", "03:19:30", "disconnected"),
    missing("kitchen", "05:10", "05:50", "server-restart"),
  ],
  yesterday: [
    missing("kitchen", "03:15:05", "03:15:07", "lost-frames", true),
    missing("porch", "01:00", "01:20", "disk-full"),
    missing("porch", "02:00", "02:00:30", "overload"),
    missing("porch", "04:00", "06:30", "disconnected"),
    missing("porch", "08:00", "08:01", "server-restart"),
    missing("porch", "09:00", "09:00:30", "lost-frames"),
  ],
} as const;

const NIGHT = { from: secondOf("03:10"), to: secondOf("03:25") };
const LONGER_NIGHT = { from: secondOf("03:10"), to: secondOf("03:30") };
const LATE = secondOf("06:00");
const LONG = 600;

/** @param dataDir an empty folder */
export async function recordDays(
  dataDir: string,
  { timezone = TIMEZONE, nowUs = Date.now() * 1000, isLong = false }: RecordDaysOptions = {},
): Promise<RecordedDays> {
  const zone = new TimeZone(timezone);
  const today = dayOf(zone, nowUs);
  const before = (days: number) => dayOf(zone, today.midnightUs + (0.5 - days) * DAY_SECONDS * SECOND_US);
  const days = { dataDir, timezone, today, yesterday: before(1), lastWeek: before(6) };
  const catalogue = openCatalogue(dataDir);
  try {
    const writer = new SegmentWriter(dataDir, zone, catalogue);
    catalogue.transaction(() => writeWavs(writer, days, { nowUs, isLong }));
    await writeFlacs(writer, days);
  } finally {
    catalogue.close();
  }
  await writeLedger(days);
  const noon = secondOf("12:00");
  writeUnknown(dataDir, zone, days.yesterday.midnightUs + noon * SECOND_US, noon);
  return days;
}

function dayOf(zone: TimeZone, us: number): RecordedDay {
  const { year, month, day } = zone.local(us);
  const localMs = Date.UTC(year, month - 1, day);
  const [midnightUs] = zone.moments(localMs * 1000);
  return { date: new Date(localMs).toISOString().slice(0, 10), midnightUs };
}

function writeWavs(
  writer: SegmentWriter,
  { today, yesterday, lastWeek }: RecordedDays,
  { nowUs, isLong }: { readonly nowUs: number; readonly isLong: boolean },
): void {
  const recorder = new DayRecorder(writer);
  const of = (device: DeviceName, gaps: readonly Missing[]) => gaps.filter((gap) => gap.device === device);
  const kitchen = { device: "kitchen", spoken: [NIGHT] } as const;
  recorder.day({
    ...kitchen,
    ...lastWeek,
    to: isLong ? undefined : LATE,
    missing: of("kitchen", MISSING.lastWeek),
  });
  recorder.day({ ...kitchen, ...yesterday, missing: of("kitchen", MISSING.yesterday) });
  const to = Math.floor((nowUs - today.midnightUs) / SECOND_US / 10) * 10;
  const from = isLong ? 0 : Math.max(0, to - 3600);
  recorder.day({ ...kitchen, ...today, from, to, spoken: [{ from: to - 300, to }] });
  const garden = { device: "garden", channels: 2, segmentSeconds: LONG } as const;
  recorder.day({ ...garden, ...lastWeek, spoken: [LONGER_NIGHT] });
  recorder.day({ ...garden, ...yesterday });
  recorder.day({
    device: "porch",
    ...yesterday,
    to: secondOf("10:00"),
    missing: of("porch", MISSING.yesterday),
  });
  recorder.day({ device: "attic", ...lastWeek, from: secondOf("09:00"), to: secondOf("10:00") });
}

async function writeFlacs(writer: SegmentWriter, { lastWeek }: RecordedDays): Promise<void> {
  const { from, to } = LONGER_NIGHT;
  const device = "workshop";
  const starts = Array.from({ length: (to - from) / LONG }, (_, i) => from + i * LONG);
  const written = starts.map((second) => {
    const samples = samplesOf({ device, from: second, seconds: LONG, channels: 1, isSpoken: true });
    return writer.flac(placed({ device, ...lastWeek }, second), measured(samples, 1));
  });
  await Promise.all(written);
}

async function writeLedger({ dataDir, lastWeek, yesterday }: RecordedDays): Promise<void> {
  const ledger = new GapLedger({ dataDir, sync: false });
  for (const [{ midnightUs }, gaps] of [
    [lastWeek, MISSING.lastWeek],
    [yesterday, MISSING.yesterday],
  ] as const) {
    for (const { device, from, to, cause, filled } of gaps) {
      const samples = (to - from) * CODE_RATE;
      ledger.record({
        stream: streamOf(device),
        startUs: midnightUs + from * SECOND_US,
        samples,
        cause,
        filled,
      });
    }
  }
  await ledger.close();
}

function streamOf(device: DeviceName) {
  const streamId = DEVICES[device] + 1;
  const format = { sampleRate: CODE_RATE, channels: 1, bitsPerSample: 16 } as const;
  return { key: streamId, source: "websocket", device, streamId, peer: "", ...format } as const;
}
