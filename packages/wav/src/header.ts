// The canonical WAVE header: RIFF form, 16-byte WAVE_FORMAT_PCM `fmt `, `data`; 44 bytes before the samples.
// 24 and 32 bits stay WAVE_FORMAT_PCM too, not WAVE_FORMAT_EXTENSIBLE, so that the samples begin at
// byte 44 in every file we write and readers that assume so work.
import { rangeProblem } from "./range.js";
import { viewOf, writeAscii } from "./riff.js";

/** Signed little-endian integers, interleaved. */
export interface PcmFormat {
  /** Sample frames a second, 1 … 2³² − 1. */
  readonly sampleRate: number;
  /** 1 or more; a sample frame is at most 65 535 bytes. */
  readonly channels: number;
  readonly bitsPerSample: 16 | 24 | 32;
}

/** Bytes of the header that {@link formatWavHeader} writes; the first sample follows it. */
export const WAV_HEADER_BYTES = 44;

/** Largest value of the RIFF size field, which counts the whole file but its first 8 bytes. */
export const MAX_WAV_BYTES = 0xffff_ffff;

/** What the RIFF size counts besides data and what follows it: the header from its ninth byte. */
export const RIFF_OVERHEAD_BYTES = WAV_HEADER_BYTES - 8;

const WAVE_FORMAT_PCM = 1;
const FMT_BYTES = 16;

/** Bytes of a sample frame, one sample per channel. */
export function sampleFrameBytes(format: PcmFormat): number {
  return (format.channels * format.bitsPerSample) / 8;
}

/**
 * The canonical 44-byte PCM header. Its RIFF size is 36 + `dataBytes` + `trailingBytes`.
 *
 * @param dataBytes bytes of audio after the header, in whole sample frames
 * @param trailingBytes bytes after the audio (pad byte and metadata chunks). They mark a finished file for
 *   `planRepair`, so write a header with `trailingBytes` when all the audio is on disk, and the chunks after it.
 * @throws RangeError if the format is not one of {@link PcmFormat}, `dataBytes` is not in whole sample frames,
 *   or the RIFF size would pass {@link MAX_WAV_BYTES}
 */
export function formatWavHeader(
  format: PcmFormat,
  dataBytes: number,
  trailingBytes = 0,
): Uint8Array<ArrayBuffer> {
  const problem = formatProblem(format) ?? sizeProblem(sampleFrameBytes(format), dataBytes, trailingBytes);
  if (problem !== undefined) throw new RangeError(problem);
  return writeHeader(format, dataBytes, trailingBytes);
}

/** Why a header can't describe this format, if so. */
export function formatProblem(format: PcmFormat): string | undefined {
  const { sampleRate, channels, bitsPerSample } = format;
  if (bitsPerSample !== 16 && bitsPerSample !== 24 && bitsPerSample !== 32) {
    return `bitsPerSample is ${bitsPerSample}, allowed is 16, 24 or 32`;
  }
  return (
    rangeProblem("channels", channels, 1, Math.floor(0xffff / (bitsPerSample / 8))) ??
    rangeProblem("sampleRate", sampleRate, 1, Math.floor(0xffff_ffff / sampleFrameBytes(format)))
  );
}

/** Why a header can't carry these sizes, if so. */
export function sizeProblem(
  frameBytes: number,
  dataBytes: number,
  trailingBytes: number,
): string | undefined {
  const room = MAX_WAV_BYTES - RIFF_OVERHEAD_BYTES;
  const problem =
    rangeProblem("trailingBytes", trailingBytes, 0, room) ??
    rangeProblem("dataBytes", dataBytes, 0, room - trailingBytes);
  if (problem !== undefined || dataBytes % frameBytes === 0) return problem;
  return `dataBytes is ${dataBytes}, not a whole number of ${frameBytes}-byte sample frames`;
}

function writeHeader(format: PcmFormat, dataBytes: number, trailingBytes: number): Uint8Array<ArrayBuffer> {
  const frameBytes = sampleFrameBytes(format);
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = viewOf(header);
  writeAscii(header, 0, "RIFF");
  view.setUint32(4, RIFF_OVERHEAD_BYTES + dataBytes + trailingBytes, true);
  writeAscii(header, 8, "WAVEfmt ");
  view.setUint32(16, FMT_BYTES, true);
  view.setUint16(20, WAVE_FORMAT_PCM, true);
  view.setUint16(22, format.channels, true);
  view.setUint32(24, format.sampleRate, true);
  view.setUint32(28, format.sampleRate * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, format.bitsPerSample, true);
  writeAscii(header, 36, "data");
  view.setUint32(40, dataBytes, true);
  return header;
}
