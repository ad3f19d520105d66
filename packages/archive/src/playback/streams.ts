import type { Segment } from "../catalogue/segment.js";
import { extentEndUs } from "./stretch.js";
import { JOIN_TOLERANCE_US } from "./tape.js";

/** A stream of the device that is not played, because another was recorded at the same time. */
export interface StreamLeftOut {
  readonly source: Segment["source"];
  readonly streamId: number;
  readonly segments: number;
  /** Of its audio within the range. */
  readonly seconds: number;
}

interface Stream {
  readonly segments: Segment[];
  readonly source: Segment["source"];
  readonly streamId: number;
  coveredUs: number;
}

interface Span {
  readonly startUs: number;
  endUs: number;
}

/**
 * Which of a device's streams are played. Streams that lie one after another all are; of streams at the same time,
 * the one with the most audio in the range (the lower number, if equal).
 */
export function chooseStreams(
  segments: readonly Segment[],
  fromUs: number,
  toUs: number,
): { chosen: Segment[]; leftOut: StreamLeftOut[] } {
  const chosen: Segment[] = [];
  const leftOut: StreamLeftOut[] = [];
  let taken: Span[] = [];
  for (const stream of streamsOf(segments, fromUs, toUs)) {
    const spans = spansOf(stream.segments);
    if (overlap(taken, spans)) leftOut.push(account(stream));
    else {
      chosen.push(...stream.segments);
      taken = spansOf(chosen);
    }
  }
  return { chosen, leftOut };
}

function streamsOf(segments: readonly Segment[], fromUs: number, toUs: number): Stream[] {
  const streams = new Map<string, Stream>();
  for (const segment of segments) {
    const { source, streamId, startUs } = segment;
    const key = `${source}/${streamId}`;
    let stream = streams.get(key);
    if (stream === undefined) {
      stream = { segments: [], source, streamId, coveredUs: 0 };
      streams.set(key, stream);
    }
    stream.segments.push(segment);
    stream.coveredUs += Math.max(0, Math.min(toUs, extentEndUs(segment)) - Math.max(fromUs, startUs));
  }
  return [...streams.values()].sort((a, b) => b.coveredUs - a.coveredUs || a.streamId - b.streamId);
}

function account({ source, streamId, segments, coveredUs }: Stream): StreamLeftOut {
  return { source, streamId, segments: segments.length, seconds: coveredUs / 1_000_000 };
}

// Where there is audio: what is no further apart than clocks disagree is one span.
function spansOf(segments: readonly Segment[]): Span[] {
  const spans: Span[] = [];
  for (const segment of [...segments].sort((a, b) => a.startUs - b.startUs)) {
    const last = spans.at(-1);
    const endUs = extentEndUs(segment);
    if (last === undefined || segment.startUs > last.endUs + JOIN_TOLERANCE_US)
      spans.push({ startUs: segment.startUs, endUs });
    else last.endUs = Math.max(last.endUs, endUs);
  }
  return spans;
}

function overlap(a: readonly Span[], b: readonly Span[]): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const common = Math.min(a[i].endUs, b[j].endUs) - Math.max(a[i].startUs, b[j].startUs);
    if (common > JOIN_TOLERANCE_US) return true;
    if (a[i].endUs < b[j].endUs) i++;
    else j++;
  }
  return false;
}
