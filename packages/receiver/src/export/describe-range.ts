import type { AudioPiece, RangePlan } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import type { RecordingMetadata } from "@audio/wav";
import { shownTime } from "../shown-time.js";
import { SOFTWARE } from "../software.js";

/** Segments that a plan plays, each once. */
export function segmentsOf(plan: RangePlan): AudioPiece["segment"][] {
  const audio = plan.pieces.filter((piece): piece is AudioPiece => piece.kind === "audio");
  return [...new Set(audio.map(({ segment }) => segment))];
}

/** What an exported file says about itself, as a recorded one does: silence in it is listed as a gap. */
export function metadataOf(plan: RangePlan, device: string | undefined, zone: TimeZone): RecordingMetadata {
  const { pieces, samples } = plan;
  const segments = segmentsOf(plan);
  const streamIds = new Set(segments.map(({ streamId }) => streamId));
  const [{ startUs }] = pieces;
  const silences = pieces.filter(({ kind }) => kind === "silence");
  const gap = { cause: "not-recorded", filled: true };
  return {
    ...(device !== undefined && { device }),
    ...(streamIds.size === 1 && { streamId: segments[0].streamId }),
    source: segments[0].source ?? "export",
    startUs,
    local: zone.local(startUs),
    sampleRate: plan.format.sampleRate,
    samples,
    software: SOFTWARE,
    gaps: silences.map((piece) => ({ startUs: piece.startUs, samples: piece.samples, ...gap })),
  };
}

/** `kitchen_20261121_180000-20261121_190000.wav` */
export function fileNameOf(
  device: string | undefined,
  { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
  format: string,
  zone: TimeZone,
): string {
  const who = (device ?? "unnamed").replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "");
  const compact = (us: number) => shownTime(us, zone).slice(0, 19).replace(/[-:]/g, "").replace(" ", "_");
  return `${who}_${compact(fromUs)}-${compact(toUs)}.${format}`;
}
