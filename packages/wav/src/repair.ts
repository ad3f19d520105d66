// Recovery of a file that its recorder did not finish. The recorder writes: header (trailing 0), audio, the
// header again at every flush, and at the end the header with its trailing bytes, then those bytes. So the
// header tells how far it came: a RIFF size over 36 + data means that all the audio was there.
import { WavError } from "./errors.js";
import {
  formatProblem,
  formatWavHeader,
  MAX_WAV_BYTES,
  type PcmFormat,
  RIFF_OVERHEAD_BYTES,
  sampleFrameBytes,
  sizeProblem,
  WAV_HEADER_BYTES,
} from "./header.js";
import { viewOf } from "./riff.js";

/** What a torn file must become. */
export interface RepairPlan {
  /** The 44 bytes to write at the front. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** Bytes of audio after the header, in whole sample frames. */
  readonly dataBytes: number;
  /** Length to truncate the file to. Never more than it has. */
  readonly fileBytes: number;
}

interface WrittenHeader {
  readonly format: PcmFormat;
  readonly dataBytes: number;
  readonly trailingBytes: number;
}

/**
 * Decides what a file of our own (44-byte header, audio, perhaps metadata) must become after it was cut anywhere:
 *
 * - header in progress (RIFF size = 36 + data): all that follows is audio, also what the header does not claim
 *   yet, down to a whole sample frame;
 * - header final (RIFF size larger): audio ends where it says; trailing chunks stay if whole, else they go.
 *
 * Doing as it says, then planning again, changes nothing.
 *
 * @param head the file's first 44 bytes, or all of it if it is shorter
 * @param fileBytes the file's length
 * @throws WavError `torn-header` if the file ends within its header and so holds no audio, `not-repairable` if
 *   the head is not one that `formatWavHeader` wrote or the audio passes 4 GiB
 * @throws RangeError if `head` is shorter than it could be
 */
export function planRepair(head: Uint8Array, fileBytes: number): RepairPlan {
  checkLength(head, fileBytes);
  const { format, dataBytes, trailingBytes } = readOwnHeader(head);
  const available = fileBytes - WAV_HEADER_BYTES;
  if (trailingBytes > 0 && available >= dataBytes + trailingBytes) {
    return plan(format, dataBytes, trailingBytes);
  }
  const audio = trailingBytes > 0 ? Math.min(available, dataBytes) : available;
  return plan(format, audio - (audio % sampleFrameBytes(format)), 0);
}

function plan(format: PcmFormat, dataBytes: number, trailingBytes: number): RepairPlan {
  const room = MAX_WAV_BYTES - RIFF_OVERHEAD_BYTES;
  if (dataBytes > room) throw notRepairable(`${dataBytes} bytes of audio, a WAV file holds at most ${room}`);
  const header = formatWavHeader(format, dataBytes, trailingBytes);
  return { header, dataBytes, fileBytes: WAV_HEADER_BYTES + dataBytes + trailingBytes };
}

function checkLength(head: Uint8Array, fileBytes: number): void {
  if (!Number.isSafeInteger(fileBytes) || fileBytes < 0) {
    throw new RangeError(`fileBytes is ${fileBytes}, allowed is an integer from 0`);
  }
  if (fileBytes < WAV_HEADER_BYTES) {
    throw new WavError("torn-header", `file ends in its header: ${fileBytes} of ${WAV_HEADER_BYTES} bytes`);
  }
  if (head.byteLength < WAV_HEADER_BYTES) {
    throw new RangeError(
      `head is ${head.byteLength} bytes of a file of ${fileBytes}, needs ${WAV_HEADER_BYTES}`,
    );
  }
}

function readOwnHeader(head: Uint8Array): WrittenHeader {
  const view = viewOf(head);
  const format = {
    channels: view.getUint16(22, true),
    sampleRate: view.getUint32(24, true),
    bitsPerSample: view.getUint16(34, true) as PcmFormat["bitsPerSample"],
  };
  const dataBytes = view.getUint32(40, true);
  const trailingBytes = view.getUint32(4, true) - RIFF_OVERHEAD_BYTES - dataBytes;
  const problem = formatProblem(format) ?? sizeProblem(sampleFrameBytes(format), dataBytes, trailingBytes);
  if (problem !== undefined) throw notRepairable(problem);
  const expected = formatWavHeader(format, dataBytes, trailingBytes);
  const at = expected.findIndex((byte, i) => byte !== head[i]);
  if (at >= 0) throw notRepairable(`byte ${at} of the header is ${head[at]}, would be ${expected[at]}`);
  return { format, dataBytes, trailingBytes };
}

function notRepairable(found: string): WavError {
  return new WavError("not-repairable", `not a WAV file of this recorder: ${found}`);
}
