import type { Segment } from "../catalogue/segment.js";
import { ArchiveError } from "../errors.js";
import { gridIndex, gridTimeUs } from "./grid.js";
import { chooseStreams, type StreamLeftOut } from "./streams.js";
import { extentEndUs } from "./stretch.js";
import { type TapeEntry, tapeOf } from "./tape.js";

/** What is to be played. */
export interface RangeQuery {
  /** UTC, microseconds since the epoch. */
  readonly fromUs: number;
  /** UTC, microseconds since the epoch; after `fromUs`. */
  readonly toUs: number;
  /** What stands for audio that is missing: silence of its length, or nothing. */
  readonly gaps: "silence" | "cut";
  /** Of this stream alone, if the device has several. */
  readonly streamId?: number;
}

/** Little-endian signed PCM, interleaved. */
export interface PlayFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: 16 | 24 | 32;
}

interface Placed {
  /** Where it begins in the output, in sample frames. */
  readonly at: number;
  /** Sample frames, 1 or more. */
  readonly samples: number;
  /** UTC, microseconds since the epoch, of its first sample frame. */
  readonly startUs: number;
}

/** Sample frames `from … from + samples` of a segment's file. */
export interface AudioPiece extends Placed {
  readonly kind: "audio";
  readonly segment: Segment;
  readonly from: number;
}

/** A part of a range in which nothing was recorded. */
export interface SilencePiece extends Placed {
  readonly kind: "silence";
}

/** What stands next in a range of time: audio of a file, or silence. */
export type Piece = AudioPiece | SilencePiece;

/** A device's audio in a range of time: pieces that follow one another without a hole. */
export interface RangePlan {
  readonly format: PlayFormat;
  readonly gaps: RangeQuery["gaps"];
  readonly pieces: readonly Piece[];
  /** Length of the output in sample frames. */
  readonly samples: number;
  /** Ranges that were not recorded, those before the first and after the last sample included. */
  readonly missing: { readonly ranges: number; readonly samples: number };
  /** Sample frames left out because others of the same stream lie at the same time. */
  readonly hiddenSamples: number;
  readonly leftOut: readonly StreamLeftOut[];
}

/**
 * Plans the audio of one device from `fromUs` to `toUs`, sample by sample. Reads nothing: the exact length is known
 * from the segments alone. Two ranges that meet join without a sample missing or doubled.
 *
 * @param segments of one device, in any order: all that touch the range widened by {@link JOIN_TOLERANCE_US} on both
 *   sides, else a hole of less than that at its ends is taken for a gap
 * @returns undefined when there is no audio in the range
 * @throws ArchiveError `mixed-formats` when rate, channels or width change within the range
 * @throws RangeError when the times are not finite or not in order
 */
export function planRange(segments: readonly Segment[], query: RangeQuery): RangePlan | undefined {
  const { fromUs, toUs, streamId } = query;
  if (!Number.isFinite(fromUs) || !Number.isFinite(toUs) || fromUs >= toUs)
    throw new RangeError(`range is ${fromUs} … ${toUs} µs, allowed is a beginning before its end`);
  const playable = segments.filter(isPlayable);
  const asked = streamId === undefined ? playable : playable.filter((it) => it.streamId === streamId);
  const { chosen, leftOut } = chooseStreams(asked, fromUs, toUs);
  const played = oneFormat(chosen, fromUs, toUs);
  if (played.length === 0) return undefined;
  const { sampleRate, channels, bitsPerSample } = played[0];
  const tape = tapeOf(played);
  const row = new Row(query, sampleRate);
  for (const [i, entry] of tape.entries.entries()) row.add(entry, tape.entries[i + 1]);
  row.end(tape.end);
  if (!row.hasAudio) return undefined;
  return {
    format: { sampleRate, channels, bitsPerSample: bitsPerSample as PlayFormat["bitsPerSample"] },
    gaps: query.gaps,
    pieces: row.pieces,
    samples: row.samples,
    missing: { ranges: row.missingRanges, samples: row.missingSamples },
    hiddenSamples: tape.hidden,
    leftOut,
  };
}

// Of a neighbour outside of the range only its place matters, and that only if it is of the same kind.
function oneFormat(segments: readonly Segment[], fromUs: number, toUs: number): Segment[] {
  const sorted = [...segments].sort((a, b) => a.startUs - b.startUs);
  const inside = sorted.filter((segment) => segment.startUs < toUs && extentEndUs(segment) > fromUs);
  const first = inside[0] ?? sorted[0];
  const other = inside.find((segment) => describe(segment) !== describe(first));
  if (other === undefined) return sorted.filter((segment) => describe(segment) === describe(first));
  throw new ArchiveError(
    "mixed-formats",
    `${first.stem} is ${describe(first)}, ${other.stem} (from ${iso(other.startUs)}) is ${describe(other)}; one range holds one format: ask for what lies before that, and for the rest, separately`,
  );
}

function isPlayable({ startUs, samples, sampleRate, channels, bitsPerSample }: Segment): boolean {
  const whole = [startUs, samples, sampleRate, channels].every(Number.isSafeInteger);
  return whole && samples > 0 && sampleRate > 0 && channels > 0 && [16, 24, 32].includes(bitsPerSample);
}

function describe({ sampleRate, channels, bitsPerSample }: Segment): string {
  return `${sampleRate} Hz, ${channels === 1 ? "mono" : `${channels} channels`}, ${bitsPerSample} bits`;
}

function iso(us: number): string {
  return new Date(us / 1000).toISOString();
}

/** The pieces of one range, as the entries of a tape come. */
class Row {
  readonly pieces: Piece[] = [];
  samples = 0;
  missingRanges = 0;
  missingSamples = 0;
  hasAudio = false;
  readonly #from: number;
  readonly #to: number;
  readonly #gaps: RangeQuery["gaps"];
  readonly #sampleRate: number;
  #isFirst = true;

  constructor({ fromUs, toUs, gaps }: RangeQuery, sampleRate: number) {
    this.#from = gridIndex(fromUs, sampleRate);
    this.#to = gridIndex(toUs, sampleRate);
    this.#gaps = gaps;
    this.#sampleRate = sampleRate;
  }

  // An entry owns the time up to the next one's start: so a time has one place, although neighbours may disagree.
  add({ stretch, gap }: TapeEntry, next: TapeEntry | undefined): void {
    const { start, samples, segment, from } = stretch;
    this.#missing(this.#isFirst ? this.#from : start - gap, start);
    this.#isFirst = false;
    const until = next === undefined || next.gap > 0 ? start + samples : next.stretch.start;
    const begin = this.#from >= until ? samples : Math.min(samples, Math.max(0, this.#from - start));
    const end = this.#to >= until ? samples : Math.max(0, Math.min(samples, this.#to - start));
    if (end <= begin) return;
    this.hasAudio = true;
    const piece = { at: this.samples, samples: end - begin, startUs: this.#timeUs(start + begin) };
    this.pieces.push({ kind: "audio", segment, from: from + begin, ...piece });
    this.samples += piece.samples;
  }

  end(tapeEnd: number): void {
    this.#missing(tapeEnd, this.#to);
  }

  #missing(start: number, end: number): void {
    const begin = Math.max(start, this.#from);
    const samples = Math.min(end, this.#to) - begin;
    if (samples <= 0) return;
    this.missingRanges++;
    this.missingSamples += samples;
    if (this.#gaps === "cut") return;
    this.pieces.push({ kind: "silence", at: this.samples, samples, startUs: this.#timeUs(begin) });
    this.samples += samples;
  }

  #timeUs(index: number): number {
    return gridTimeUs(index, this.#sampleRate);
  }
}
