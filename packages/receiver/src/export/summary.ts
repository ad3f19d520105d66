import type { RangePlan } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { shownDuration, shownTime } from "../shown-time.js";
import { segmentsOf } from "./describe-range.js";
import type { Exported, ExportFormat } from "./export-range.js";
import { nameOf } from "./which-device.js";

/** An export that is done. */
export interface ExportSummary extends Exported {
  readonly plan: RangePlan;
  readonly device: string | undefined;
  /** Undefined: a stream. */
  readonly file: string | undefined;
  readonly format: ExportFormat;
}

/** For scripts: times in UTC, lengths in seconds. */
export function summaryObject({ plan, device, file, format, bytes, notes }: ExportSummary) {
  const { samples, missing, hiddenSamples, leftOut } = plan;
  const { sampleRate, channels, bitsPerSample } = plan.format;
  const seconds = (count: number) => count / sampleRate;
  return {
    file: file ?? null,
    format,
    device: device ?? null,
    startUs: plan.pieces[0].startUs,
    seconds: seconds(samples),
    samples,
    sampleRate,
    channels,
    bitsPerSample,
    bytes: bytes ?? null,
    segments: segmentsOf(plan).length,
    gaps: missing.ranges,
    gapSeconds: seconds(missing.samples),
    gapsAre: plan.gaps,
    unreadableSeconds: seconds(unreadable(notes)),
    hiddenSeconds: seconds(hiddenSamples),
    streamsLeftOut: leftOut,
  };
}

/** For people: what came out, and below what there is to know about it. */
export function summaryText(summary: ExportSummary, zone: TimeZone): string {
  const { plan, device, file, bytes } = summary;
  const { sampleRate, channels } = plan.format;
  const count = segmentsOf(plan).length;
  const parts = [
    `${length(plan.samples, plan)} of ${nameOf(device)} from ${shownTime(plan.pieces[0].startUs, zone)}`,
    `${sampleRate} Hz, ${channels === 1 ? "mono" : `${channels} channels`}`,
    `${count} ${count === 1 ? "segment" : "segments"}`,
    ...(bytes === undefined ? [] : [`${bytes} bytes`]),
  ];
  const lines = [`${file ?? "standard output"}: ${parts.join(", ")}`, ...remarks(summary)];
  return lines.map((line) => `${line}\n`).join("");
}

function remarks({ plan, notes }: ExportSummary): string[] {
  const { missing, hiddenSamples, leftOut } = plan;
  const became = plan.gaps === "cut" ? "cut" : "silence in the file";
  const lines: string[] = [];
  if (missing.ranges > 0)
    lines.push(
      `  not recorded: ${length(missing.samples, plan)} in ${missing.ranges} ${missing.ranges === 1 ? "piece" : "pieces"}, ${became}`,
    );
  if (hiddenSamples > 0)
    lines.push(`  left out: ${length(hiddenSamples, plan)} that lie at the same time as others`);
  for (const { streamId, seconds, source } of leftOut)
    lines.push(
      `  left out: stream ${streamId}${source === undefined ? "" : ` (${source})`}, ${shownDuration(seconds * 1e6)} at the same time; --stream ${streamId} takes it`,
    );
  const lost = notes.filter(({ silentSamples }) => silentSamples > 0);
  for (const { segment, silentSamples, reasons } of lost.slice(0, SHOWN_NOTES))
    lines.push(
      `  unreadable, silence instead: ${length(silentSamples, plan)} of ${segment.stem} (${reasons.join("; ")})`,
    );
  if (lost.length > SHOWN_NOTES) lines.push(`  … and ${lost.length - SHOWN_NOTES} more segments`);
  return lines;
}

const SHOWN_NOTES = 10;

/** Sample frames for which silence stands because a file could not be read. */
export function unreadable(notes: Exported["notes"]): number {
  return notes.reduce((sum, { silentSamples }) => sum + silentSamples, 0);
}

function length(samples: number, { format }: RangePlan): string {
  return shownDuration((samples / format.sampleRate) * 1_000_000);
}
