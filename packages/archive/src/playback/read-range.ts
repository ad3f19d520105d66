import type { Segment } from "../catalogue/segment.js";
import { Missing } from "./local-file.js";
import type { AudioPiece, Piece, RangePlan } from "./plan.js";
import {
  type Candidate,
  candidatesOf,
  nameOf,
  possibleCandidates,
  type Reading,
  readCandidate,
} from "./read-segment.js";
import { frameBytesOf, silence } from "./sample-frames.js";
import type { AudioSources } from "./sources.js";

const OPUS_FRAME_SECONDS = 0.02;

/** Which part of a plan is read; all of it, unless told otherwise. */
export interface ReadOptions {
  /** First sample frame of the output. */
  readonly from?: number;
  /** Sample frames; beyond the plan's end there is nothing. */
  readonly samples?: number;
  readonly signal?: AbortSignal;
}

/**
 * The audio of a plan as little-endian PCM of its format, in chunks of whole sample frames (up to 256 KiB, but what a
 * decoder gives), exactly as many as planned, whatever has happened to the files meanwhile: another form of a segment
 * stands in for one that is gone or damaged, and silence where none is left (`sources.onNote` tells). Holds one
 * file open and one chunk in memory. Chunks must not be changed.
 *
 * @throws the signal's reason when it is aborted; nothing else
 */
export async function* readRange(
  plan: RangePlan,
  sources: AudioSources,
  { from = 0, samples = Number.POSITIVE_INFINITY, signal }: ReadOptions = {},
): AsyncGenerator<Uint8Array> {
  const end = Math.min(plan.samples, from + samples);
  const reading: Reading = { sources, format: plan.format, overhang: { pcm: undefined }, signal };
  let before: Piece | undefined;
  for (let i = pieceAt(plan.pieces, from); i < plan.pieces.length && plan.pieces[i].at < end; i++) {
    signal?.throwIfAborted();
    const piece = clipped(plan.pieces[i], from, end);
    if (!follows(piece, before)) reading.overhang.pcm = undefined;
    if (piece.kind === "silence") yield* silence(piece.samples * frameBytesOf(plan.format));
    else yield* readPiece(piece, reading);
    before = piece;
  }
}

/** Index of the piece that holds sample frame `at` of the output. */
export function pieceAt(pieces: readonly Piece[], at: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].at + pieces[middle].samples > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function clipped(piece: Piece, from: number, end: number): Piece {
  const skipped = Math.max(0, from - piece.at);
  const samples = Math.min(piece.at + piece.samples, end) - piece.at - skipped;
  const place = { at: piece.at + skipped, samples };
  return piece.kind === "silence"
    ? { ...piece, ...place }
    : { ...piece, ...place, from: piece.from + skipped };
}

function follows(piece: Piece, before: Piece | undefined): boolean {
  return piece.kind === "audio" && piece.from === 0 && before?.kind === "audio";
}

async function* readPiece(piece: AudioPiece, reading: Reading): AsyncGenerator<Uint8Array> {
  const { segment, samples } = piece;
  const unit = frameBytesOf(reading.format);
  const reasons: string[] = [];
  let done = 0;
  for await (const candidate of candidates(segment, reading.sources, reasons)) {
    const range = { from: piece.from + done, samples: samples - done };
    try {
      for await (const chunk of readCandidate(candidate, segment, range, reading)) {
        done += chunk.length / unit;
        yield chunk;
      }
      if (samples - done <= allowance(candidate, reading)) break;
      reasons.push(`${nameOf(candidate)}: ends after ${piece.from + done} of ${segment.samples} samples`);
    } catch (error) {
      reading.signal?.throwIfAborted();
      if (!(candidate.isGuess && error instanceof Missing))
        reasons.push(`${nameOf(candidate)}: ${(error as Error).message}`);
    }
  }
  if (reasons.length > 0) reading.sources.onNote?.({ segment, silentSamples: samples - done, reasons });
  yield* silence((samples - done) * unit);
}

// Resampled from its 48 kHz, Opus lacks a sample or two of what went in: no damage.
function allowance({ form }: Candidate, { format }: Reading): number {
  return form === "opus" ? format.sampleRate * OPUS_FRAME_SECONDS : 0;
}

// What the plan knows; when that is not enough, what may be there by now, and what the catalogue says by now.
async function* candidates(
  segment: Segment,
  { formsOf }: AudioSources,
  reasons: string[],
): AsyncGenerator<Candidate> {
  const tried = new Set<string>();
  const untried = (list: readonly Candidate[]) =>
    list.filter((candidate) => !tried.has(nameOf(candidate)) && tried.add(nameOf(candidate)));
  yield* untried(candidatesOf(segment.forms));
  yield* untried(possibleCandidates());
  if (formsOf === undefined) return;
  try {
    yield* untried(candidatesOf(await formsOf(segment)));
  } catch (error) {
    reasons.push(`catalogue: ${(error as Error).message}`);
  }
}
