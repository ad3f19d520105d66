import { type DeviceLevels, formatLevels } from "@audio/api";
import type { LevelsQuery, TimeRange } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { deviceNamed } from "../device-name.js";
import { sendTagged } from "../etag.js";
import type { SegmentSources } from "../known-segments.js";
import { type LiveSegment, liveSegments } from "../live-segments.js";
import { requireDevice } from "../visibility.js";
import type { Handlers } from "./handler.js";
import { requireDrawable } from "./range-limits.js";
import { queryRange } from "./times.js";

export interface LevelSources extends SegmentSources {
  readonly zone: TimeZone;
}

type Asked = Omit<LevelsQuery, "live">;

const DAY_US = 86_400_000_000;

/** Loudness over time. */
export function levelHandlers(sources: LevelSources): Handlers {
  return {
    "GET /levels": async ({ user, query, http }, reply) => {
      for (const name of query.device) requireDevice(user, name);
      const range = { ...queryRange(query, sources.zone), points: query.points };
      requireDrawable(query.device.length, range);
      const devices: DeviceLevels[] = [];
      for (const name of query.device)
        devices.push(await laneOf(sources, { ...range, device: deviceNamed(name) }));
      const bytes = formatLevels({ ...range, devices });
      return sendTagged(http, reply, { type: "application/vnd.audio.levels", bytes });
    },
  };
}

// A day at a time, so that nobody else waits long: points end where the parts do, so it is as if it were asked at once.
async function laneOf(sources: LevelSources, asked: Asked): Promise<DeviceLevels> {
  const { fromUs, toUs, points } = asked;
  const live = liveSegments(sources, asked); // first: what is entered meanwhile is then in both
  const lane = { peak: new Uint8Array(points), rms: new Uint8Array(points) };
  const stepUs = (toUs - fromUs) / points;
  const pointsAtOnce = Math.max(1, Math.floor(DAY_US / stepUs));
  for (let at = 0; at < points; at += pointsAtOnce) {
    const count = Math.min(pointsAtOnce, points - at);
    const part = { fromUs: fromUs + at * stepUs, toUs: fromUs + (at + count) * stepUs };
    const found = await sources.reader.levels({
      ...asked,
      ...part,
      points: count,
      live: tracksIn(live, part),
    });
    lane.peak.set(found.subarray(0, count), at);
    lane.rms.set(found.subarray(count), at);
  }
  return lane;
}

function tracksIn(live: readonly LiveSegment[], { fromUs, toUs }: TimeRange): LevelsQuery["live"] {
  return live
    .filter(({ startUs, endUs }) => endUs > fromUs && startUs < toUs)
    .map(({ stem, startUs, sampleRate, gaps, track }) => ({ stem, startUs, sampleRate, gaps, track }));
}
