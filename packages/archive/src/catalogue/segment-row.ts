import type { LevelSummary } from "@audio/levels";
import type { Source } from "../events.js";
import type { Form, Segment, SegmentForm } from "./segment.js";

/** A row of `segments`, with the name of its device and its forms as JSON. */
export interface SegmentRow {
  readonly id: number;
  readonly stem: string;
  readonly device: string;
  readonly source: Source | null;
  readonly stream_id: number;
  readonly sample_rate: number;
  readonly channels: number;
  readonly bits_per_sample: number;
  readonly start_us: number;
  readonly end_us: number;
  readonly samples: number;
  readonly gaps: string | null;
  readonly peak_dbfs: number | null;
  readonly rms_dbfs: number;
  readonly clipped_samples: number;
  readonly flat_seconds: number;
  readonly forms: string;
}

type FormRow = [
  form: Form,
  bytes: number,
  local: 0 | 1,
  bucket: string | null,
  key: string,
  verifiedUs: number | null,
];

export function segmentFrom(row: SegmentRow): Segment {
  return {
    id: row.id,
    stem: row.stem,
    source: row.source ?? undefined,
    device: row.device === "" ? undefined : row.device,
    streamId: row.stream_id,
    sampleRate: row.sample_rate,
    channels: row.channels,
    bitsPerSample: row.bits_per_sample,
    startUs: row.start_us,
    endUs: row.end_us,
    samples: row.samples,
    gaps: row.gaps === null ? [] : JSON.parse(row.gaps),
    levels: levelsFrom(row),
    forms: (JSON.parse(row.forms) as FormRow[]).map(formFrom),
  };
}

function levelsFrom(row: SegmentRow): LevelSummary | undefined {
  const { peak_dbfs: peakDbfs, rms_dbfs: rmsDbfs } = row;
  if (peakDbfs === null) return undefined;
  return { peakDbfs, rmsDbfs, clippedSamples: row.clipped_samples, flatSeconds: row.flat_seconds };
}

function formFrom([form, bytes, local, bucket, key, verifiedUs]: FormRow): SegmentForm {
  const remote = bucket === null ? undefined : { bucket, key, verifiedUs: verifiedUs ?? undefined };
  return { form, bytes, local: local === 1, remote };
}
