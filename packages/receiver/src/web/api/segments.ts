import type { Segment as ShownSegment } from "@audio/api";
import type { SegmentQuery } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { nameOf } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { type KnownSegment, liveSegments, withLive } from "../live-segments.js";
import { dateAt } from "../local-days.js";
import { maySee } from "../visibility.js";
import { inTurn, visibleDevices } from "../visible-devices.js";
import { WebFailure } from "../web-failure.js";
import type { Handlers } from "./handler.js";
import { queryRange } from "./times.js";

export interface SegmentHandlerSources extends SegmentSources {
  readonly zone: TimeZone;
}

type Place = NonNullable<SegmentQuery["after"]>;

// What was shown last: the start of a segment, and its number.
const AFTER = /^(-?\d{1,16})_(-?\d{1,16})$/;

/** Segments, a page at a time. */
export function segmentHandlers(sources: SegmentHandlerSources): Handlers {
  const { reader, zone } = sources;
  return {
    "GET /segments": async ({ user, query }) => {
      const { limit } = query;
      const descending = query.order === "latest";
      const asked = { ...queryRange(query, zone), after: placeOf(query.after), descending };
      const devices = await visibleDevices(reader, user, query.device);
      const [only] = devices.length === 1 ? devices : [{}];
      const live = liveSegments(sources, { ...only, ...asked })
        .filter(({ device }) => maySee(user, nameOf(device)))
        .filter((segment) => isBehind(segment, asked));
      const lists = await inTurn(devices, (device) =>
        reader.segments({ ...device, ...asked, limit: limit + 1 }),
      );
      const all = withLive(lists.flat(), live);
      const page = (descending ? all.reverse() : all).slice(0, limit);
      const last = page.at(-1);
      const next = all.length > limit && last !== undefined ? `${last.startUs}_${last.id}` : null;
      return { segments: page.map((segment) => segmentShown(segment, zone)), next };
    },
  };
}

/** A segment as the interface shows it. */
function segmentShown(segment: KnownSegment, zone: TimeZone): ShownSegment {
  const { stem, streamId, startUs, endUs, samples, sampleRate, channels, bitsPerSample } = segment;
  const shape = { stem, streamId, startUs, endUs, samples, sampleRate, channels, bitsPerSample };
  return {
    ...shape,
    device: nameOf(segment.device),
    source: segment.source ?? null,
    levels: segment.levels ?? null,
    forms: segment.forms.map(({ form, bytes, local, remote }) => ({
      form,
      bytes,
      local,
      remote: remote !== undefined,
    })),
    isRecording: segment.isRecording,
    url: segment.isRecording ? null : addressOf(segment, zone),
  };
}

/** Where an audio file of a segment can be had, below the web root; null when it has none here. */
function addressOf({ stem, startUs, forms }: KnownSegment, zone: TimeZone): string | null {
  const file = forms.find(({ form, local }) => local && form !== "bin");
  if (file === undefined) return null;
  const name = stem.slice(stem.lastIndexOf("/") + 1);
  return `stream/${dateAt(startUs, zone)}/${encodeURIComponent(`${name}.${file.form}`)}`;
}

function isBehind({ startUs, id }: Place, { after, descending }: SegmentQuery): boolean {
  if (after === undefined) return true;
  const order = startUs - after.startUs || id - after.id;
  return descending ? order < 0 : order > 0;
}

function placeOf(after: string | undefined): Place | undefined {
  if (after === undefined) return undefined;
  const [, startUs, id] = (AFTER.exec(after) ?? []).map(Number);
  if (Number.isSafeInteger(startUs) && Number.isSafeInteger(id)) return { startUs, id };
  throw new WebFailure(400, `query: after: "${after}" is no \`next\` of a page before`);
}
