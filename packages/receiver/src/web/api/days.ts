import type { Day, DeviceDays } from "@audio/api";
import type { RangeReport } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { deviceNamed, nameOf } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { type LiveSegment, liveSegments } from "../live-segments.js";
import { daysOfMonth, type LocalDay } from "../local-days.js";
import { maySee, requireDevice } from "../visibility.js";
import { WebFailure } from "../web-failure.js";
import type { Handlers } from "./handler.js";

export interface DaySources extends SegmentSources {
  readonly zone: TimeZone;
}

// Of 8640 segments each, some 100 ms the first time.
const DAYS_AT_ONCE = 8;

/** Which days there are. */
export function dayHandlers(sources: DaySources): Handlers {
  return {
    "GET /days": async ({ user, query }) => {
      for (const name of query.device ?? []) requireDevice(user, name);
      const month = daysOfMonth(query.month, sources.zone);
      if (month.length === 0)
        throw new WebFailure(400, `query: month: "${query.month}" is none; allowed is a month like 2026-11`);
      const names = query.device ?? (await everyName(sources)).filter((name) => maySee(user, name));
      const found: DeviceDays[] = [];
      for (const name of names) found.push({ device: name, days: await daysOf(sources, name, month) });
      return found;
    },
  };
}

async function everyName({ reader, streams }: DaySources): Promise<string[]> {
  const known = await reader.deviceNames();
  const names = new Set([...known, ...streams.live.map(({ info }) => info.device)].map(nameOf));
  return [...names].sort();
}

async function daysOf(sources: DaySources, name: string, month: readonly LocalDay[]): Promise<Day[]> {
  const device = deviceNamed(name);
  const range = { fromUs: month[0].fromUs, toUs: (month.at(-1) as LocalDay).toUs };
  const live = liveSegments(sources, { device, ...range });
  const reports: RangeReport[] = [];
  for (let at = 0; at < month.length; at += DAYS_AT_ONCE) {
    const some = month.slice(at, at + DAYS_AT_ONCE).map(({ fromUs, toUs }) => ({ fromUs, toUs }));
    reports.push(...(await sources.reader.days(device, some)));
  }
  const byStart = new Map(reports.map((report) => [report.fromUs, report]));
  return month.flatMap((day) => dayOf(day, byStart.get(day.fromUs), live) ?? []);
}

// Live segments follow those that the catalogue has; only streams at the same time could be counted twice.
function dayOf(
  { date, fromUs, toUs }: LocalDay,
  known: RangeReport | undefined,
  live: readonly LiveSegment[],
): Day | undefined {
  const within = live.filter((segment) => segment.endUs > fromUs && segment.startUs < toUs);
  if (known === undefined && within.length === 0) return undefined;
  const lengths = within.map(({ startUs, endUs }) => Math.min(endUs, toUs) - Math.max(startUs, fromUs));
  const recordedUs = lengths.reduce((sum, lengthUs) => sum + lengthUs, known?.recordedUs ?? 0);
  const peaks = [known?.peakDbfs, ...within.map(({ levels }) => levels?.peakDbfs)].filter(
    (dbfs) => dbfs !== undefined,
  );
  return {
    date,
    startUs: fromUs,
    endUs: toUs,
    recordedUs: Math.min(recordedUs, toUs - fromUs),
    segments: (known?.segments ?? 0) + within.filter(({ startUs }) => startUs >= fromUs).length,
    sounds: known?.sounds ?? 0,
    peakDbfs: peaks.length === 0 ? null : Math.max(...peaks),
  };
}
