import { createHash } from "node:crypto";
import { ArchiveError, JOIN_TOLERANCE_US, planRange, type RangePlan, type RangeQuery } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { segmentsOf } from "../../export/describe-range.js";
import { shownTime } from "../../shown-time.js";
import { deviceNamed } from "../device-name.js";
import { knownSegments, type SegmentSources } from "../known-segments.js";
import { notFound, WebFailure } from "../web-failure.js";

export interface AudioRequest extends RangeQuery {
  /** As the interface names it. */
  readonly device: string;
}

const STATUS: Readonly<Partial<Record<ArchiveError["code"], number>>> = {
  "mixed-formats": 409,
  "too-large-for-wav": 413,
};

/**
 * Plans what a request plays, of the catalogue and of what is being recorded.
 * @throws WebFailure 404 nothing was recorded, 409 the format changes, 503 there is no catalogue
 */
export async function planAudio(
  sources: SegmentSources,
  request: AudioRequest,
  zone: TimeZone,
): Promise<RangePlan> {
  const { device, streamId, fromUs, toUs } = request;
  const around = { fromUs: fromUs - JOIN_TOLERANCE_US, toUs: toUs + JOIN_TOLERANCE_US };
  const segments = await knownSegments(sources, { device: deviceNamed(device), streamId, ...around });
  const plan = explained(() => planRange(segments, request));
  if (plan !== undefined) return plan;
  const [from, to] = [fromUs, toUs].map((us) => shownTime(us, zone));
  throw notFound(`nothing was recorded of ${device} from ${from} to ${to} (${zone.name})`);
}

/** Does what may find that the archive cannot give what is asked for; the asker is told in its words. */
export function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const status = error instanceof ArchiveError ? STATUS[error.code] : undefined;
    if (status === undefined) throw error;
    throw new WebFailure(status, (error as Error).message);
  }
}

/**
 * What changes when the samples of a plan do: a segment grew, was deleted or is left only in a form that is not exact.
 * Where a segment lies, and in which exact form, is all the same.
 */
export function planTag({ format, pieces }: RangePlan, ...more: readonly string[]): string {
  const hash = createHash("sha1").update(JSON.stringify([format, more]));
  for (const piece of pieces) {
    hash.update(`\n${piece.at} ${piece.samples} ${piece.startUs}`);
    if (piece.kind === "audio") hash.update(` ${piece.from} ${piece.segment.stem} ${isExact(piece.segment)}`);
  }
  return `"${hash.digest("base64url")}"`;
}

/** Segments of a plan that have no file here. */
export function remoteSegments(plan: RangePlan): number {
  return segmentsOf(plan).filter(({ forms }) => !forms.some(({ local }) => local)).length;
}

function isExact({ forms }: ReturnType<typeof segmentsOf>[number]): boolean {
  return forms.some(({ form }) => form !== "opus");
}
