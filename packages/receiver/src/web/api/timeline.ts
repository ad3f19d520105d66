import type { DeviceTimeline, Gap } from "@audio/api";
import { coarseStretches, JOIN_TOLERANCE_US, type Stretch, type TimeRange } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { deviceNamed, nameOf } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { type LiveSegment, liveSegments } from "../live-segments.js";
import { requireDevice } from "../visibility.js";
import { gapShown, soundShown } from "./gaps-and-sounds.js";
import type { Handlers } from "./handler.js";
import { dayByDay, requireDrawable } from "./range-limits.js";
import { queryRange } from "./times.js";

export interface TimelineSources extends SegmentSources {
  readonly zone: TimeZone;
}

// More than a screen has points.
const MOST_STRETCHES = 2000;
/** Of each device: the longest gaps, the sounds that rise highest. */
const MOST_GAPS = 1000;
const MOST_SOUNDS = 1000;

/** What was recorded, to be drawn. */
export function timelineHandlers(sources: TimelineSources): Handlers {
  return {
    "GET /timeline": async ({ user, query }) => {
      for (const name of query.device) requireDevice(user, name);
      const range = queryRange(query, sources.zone);
      requireDrawable(query.device.length, range);
      const devices: DeviceTimeline[] = [];
      for (const name of query.device) devices.push(await timelineOf(sources, name, range));
      return { ...range, devices };
    },
  };
}

async function timelineOf(sources: TimelineSources, name: string, range: TimeRange): Promise<DeviceTimeline> {
  const { reader } = sources;
  const device = deviceNamed(name);
  const live = liveSegments(sources, { device, ...range }); // first: what is entered meanwhile is then in both
  const [gaps, sounds] = await Promise.all([
    reader.gaps({ device, ...range, longest: true, limit: MOST_GAPS }),
    reader.sounds({ device, ...range, loudest: true, limit: MOST_SOUNDS }),
  ]);
  const stretches: Stretch[] = live.map((segment) => stretchOf(segment, range));
  for (const part of dayByDay(range))
    stretches.push(...(await reader.stretches({ device, ...part, toleranceUs: JOIN_TOLERANCE_US })));
  const known = gaps.map(gapShown);
  return {
    device: name,
    stretches: coarseStretches(stretches, JOIN_TOLERANCE_US, MOST_STRETCHES).map((stretch) => [...stretch]),
    gaps: [...known, ...newGaps(live, known)].slice(0, MOST_GAPS),
    sounds: sounds.map(soundShown),
  };
}

function stretchOf({ startUs, endUs, isRecording }: LiveSegment, { fromUs, toUs }: TimeRange): Stretch {
  const place = isRecording ? "recording" : "local";
  return [Math.max(startUs, fromUs), Math.min(endUs, toUs), place];
}

// The ledger of gaps is read into the catalogue now and then: until then the segments know of theirs.
function newGaps(live: readonly LiveSegment[], known: readonly Gap[]): Gap[] {
  const isNew = (gap: Gap) =>
    !known.some(({ startUs, endUs }) => startUs <= gap.startUs && gap.endUs <= endUs);
  return live.flatMap(({ device, sampleRate, gaps }) =>
    gaps
      .map(({ startUs, samples, cause, filled }): Gap => {
        const lengthUs = Math.round((samples / sampleRate) * 1_000_000);
        const endUs = startUs + lengthUs;
        return { device: nameOf(device), startUs, endUs, lengthUs, gaps: 1, cause, filled };
      })
      .filter(isNew),
  );
}
