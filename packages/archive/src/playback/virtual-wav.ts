import { formatWavHeader, MAX_WAV_BYTES, WAV_HEADER_BYTES } from "@audio/wav";
import { ArchiveError } from "../errors.js";
import type { RangePlan } from "./plan.js";
import { type ReadOptions, readRange } from "./read-range.js";
import { frameBytesOf, wholeUnits } from "./sample-frames.js";
import type { AudioSources } from "./sources.js";

/** A WAV that stands nowhere: its bytes are made when they are read. */
export interface VirtualWav {
  /** Size of the whole file. */
  readonly bytes: number;
  /**
   * Bytes `start` (included, 0) … `end` (not included, the size), as a server needs them that answers a request for a
   * range. Reads no more of the archive than that.
   * @throws RangeError for a range that is none of this file; the signal's reason when it is aborted
   */
  read(start?: number, end?: number, options?: Pick<ReadOptions, "signal">): AsyncGenerator<Uint8Array>;
}

const HEADER_BEFORE_DATA = WAV_HEADER_BYTES - 8;

/**
 * A plan as a WAV: the canonical header, the audio, and `trailer` (`formatMetadata` of @audio/wav).
 * @throws ArchiveError `too-large-for-wav`: a WAV ends before 4 GiB (37 h of 16 kHz mono, 6 h of CD audio)
 */
export function openVirtualWav(
  plan: RangePlan,
  sources: AudioSources,
  trailer: Uint8Array = new Uint8Array(0),
): VirtualWav {
  const unit = frameBytesOf(plan.format);
  const dataBytes = plan.samples * unit;
  if (dataBytes + trailer.length + HEADER_BEFORE_DATA > MAX_WAV_BYTES) throw tooLarge(plan, dataBytes);
  const header = formatWavHeader(plan.format, dataBytes, trailer.length);
  const dataEnd = header.length + dataBytes;
  const bytes = dataEnd + trailer.length;
  async function* read(
    start = 0,
    end = bytes,
    { signal }: Pick<ReadOptions, "signal"> = {},
  ): AsyncGenerator<Uint8Array> {
    checkRange(start, end, bytes);
    if (start < header.length) yield header.subarray(start, Math.min(end, header.length));
    const first = Math.max(start, header.length) - header.length;
    const limit = Math.min(end, dataEnd) - header.length - first;
    if (limit > 0) {
      const from = Math.floor(first / unit);
      const samples = Math.ceil((first + limit) / unit) - from;
      const audio = readRange(plan, sources, { from, samples, signal });
      yield* wholeUnits(audio, { unit: 1, skip: first % unit, limit });
    }
    if (end > dataEnd) yield trailer.subarray(Math.max(0, start - dataEnd), end - dataEnd);
  }
  return { bytes, read };
}

function checkRange(start: number, end: number, bytes: number): void {
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= bytes) return;
  throw new RangeError(`bytes ${start} … ${end} are asked for, allowed is 0 … ${bytes}`);
}

function tooLarge({ samples, format }: RangePlan, dataBytes: number): ArchiveError {
  const hours = (seconds: number) => `${Math.round(seconds / 360) / 10} h`;
  const longest = hours(MAX_WAV_BYTES / frameBytesOf(format) / format.sampleRate);
  return new ArchiveError(
    "too-large-for-wav",
    `the range is ${dataBytes} bytes of audio (${hours(samples / format.sampleRate)}), a WAV holds less than 4 GiB (${longest}); take a shorter range, or FLAC`,
  );
}
