import { existsSync } from "node:fs";
import { join } from "node:path";
import { FORMS, readSegmentFacts, segmentEndUs } from "@audio/archive";
import { numberedStem } from "@audio/segments";
import type { PlanContext, PlannedSegment } from "./planned.js";

interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

// Starts that are known to the minute only let files that follow each other overlap by less.
const MOST_OVERLAP = 0.5;

/**
 * Where the audio of a segment is already, if it is: the same device and stream, and more than half of its time. What
 * was imported from files of other names is another recording, however well their times are known.
 * @param oldStem name of the old file without extension
 */
export async function sameAudio(
  planned: PlannedSegment,
  oldStem: string,
  context: PlanContext,
): Promise<string | undefined> {
  return inCatalogue(planned, oldStem, context) ?? (await underItsName(planned, oldStem, context));
}

function spanOf({ startUs, samples, sampleRate }: PlannedSegment): Span {
  return { startUs, endUs: startUs + Math.max(1, (samples * 1_000_000) / sampleRate) };
}

function isSame(one: Span, other: Span): boolean {
  const common = Math.min(one.endUs, other.endUs) - Math.max(one.startUs, other.startUs);
  return common > MOST_OVERLAP * Math.min(one.endUs - one.startUs, other.endUs - other.startUs);
}

function isOther(stem: string, oldStem: string, { ledger }: PlanContext): boolean {
  const imported = ledger.importedName(stem);
  return imported !== undefined && imported !== oldStem;
}

function inCatalogue(planned: PlannedSegment, oldStem: string, context: PlanContext): string | undefined {
  const { device, streamId } = planned;
  const span = spanOf(planned);
  const query = { device: device ?? null, streamId, fromUs: span.startUs, toUs: span.endUs };
  const found = context.catalogue?.segments.list(query) ?? [];
  return found.find((segment) => isSame(span, segment) && !isOther(segment.stem, oldStem, context))?.stem;
}

async function underItsName(
  planned: PlannedSegment,
  oldStem: string,
  context: PlanContext,
): Promise<string | undefined> {
  const { dataDir, names } = context;
  for (let n = 1; ; n++) {
    const stem = numberedStem(planned.name, n);
    const forms = FORMS.filter((form) => existsSync(join(dataDir, `${stem}.${form}`)));
    if (forms.length === 0) return undefined;
    const { facts } = await readSegmentFacts(dataDir, stem, forms, names);
    if (facts === undefined || isOther(stem, oldStem, context)) continue;
    const isOne = facts.device === planned.device && facts.streamId === planned.streamId;
    if (isOne && isSame(spanOf(planned), { ...facts, endUs: segmentEndUs(facts) })) return stem;
  }
}
