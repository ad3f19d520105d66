import type { Catalogue, Segment, SegmentQuery } from "@audio/archive";
import type { CompressStep } from "@audio/keeper";

/** What is there to be compressed. */
export interface CompressPlan {
  readonly ids: readonly number[];
  /** Of their WAV files. */
  readonly bytes: number;
  readonly audioSeconds: number;
  /** WAV files that stay: too short, or compressed already and kept. */
  readonly left: number;
}

export interface CompressAll {
  readonly catalogue: Catalogue;
  readonly step: CompressStep;
  readonly ids: readonly number[];
  readonly signal: AbortSignal;
  /** Of one recording, which stays as it was. */
  readonly onFailure: (segment: Segment, error: Error) => void;
  /** A recording is done, or not to be done any more. */
  readonly onProgress: () => void;
}

/** Looks through the catalogue. `onWanted` hears of each recording that is to be compressed. */
export function planCompression(
  { segments }: Catalogue,
  step: CompressStep,
  query: SegmentQuery,
  onWanted: (segment: Segment, wavBytes: number) => void,
): CompressPlan {
  const ids: number[] = [];
  const sums = { bytes: 0, audioSeconds: 0, left: 0 };
  for (const segment of segments.each(query)) {
    const wav = segment.forms.find(({ form, local }) => form === "wav" && local);
    if (wav === undefined) continue;
    if (!step.wants(segment)) {
      sums.left++;
      continue;
    }
    ids.push(segment.id);
    sums.bytes += wav.bytes;
    sums.audioSeconds += segment.samples / segment.sampleRate;
    onWanted(segment, wav.bytes);
  }
  return { ids, ...sums };
}

/**
 * Compresses recordings, as many at once as the step allows. One that fails holds up no other; what would fail for all
 * of them (no ffmpeg, a full disk) ends it.
 * @throws what all would fail for; the signal's reason
 */
export async function compressAll(work: CompressAll): Promise<void> {
  const ids = work.ids.values(); // shared by the workers
  let common: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (const id of ids) {
      if (work.signal.aborted || common !== undefined) return;
      try {
        await compressOne(work, id);
      } catch (error) {
        common = { error };
      }
      work.onProgress();
    }
  };
  await Promise.all(Array.from({ length: work.step.concurrency }, worker));
  work.signal.throwIfAborted();
  if (common !== undefined) throw (common as { error: unknown }).error;
}

async function compressOne({ catalogue, step, signal, onFailure }: CompressAll, id: number): Promise<void> {
  const segment = catalogue.segments.byId(id);
  if (segment === undefined || !step.wants(segment)) return; // a server was quicker, or removed it
  try {
    const commit = await step.run(segment, signal);
    catalogue.transaction(() => commit?.());
  } catch (error) {
    if (signal.aborted || step.isCommon?.(error) || !(error instanceof Error)) throw error;
    onFailure(segment, error);
  }
}
