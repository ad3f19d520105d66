/** PCM over UDP: one datagram is a header and as many samples as it says (section 3 of the protocol). */
import { ProtocolError } from "./errors.js";
import { readU32 } from "./frame.js";

/** Size of a datagram's header. */
export const DATAGRAM_HEADER_BYTES = 12;

/** Samples of all channels that the largest UDP datagram holds: (65 507 − 12) / 2. */
export const MAX_DATAGRAM_SAMPLES = 32_747;

const START = 1;
const END = 2;

/** What stands in front of a datagram's samples. */
export interface DatagramHeader {
  /** One more than in the datagram before, 0 … 2³²−1; 0 follows 2³²−1. */
  readonly sequence: number;
  /** The sender's uptime in milliseconds at the first sample, 0 … 2³²−1; wraps. */
  readonly timestampMs: number;
  /** The first of a stream. */
  readonly start: boolean;
  /** The last of a stream. */
  readonly end: boolean;
}

/**
 * A datagram: the header, then `samples`, s16le, interleaved, whole sample frames.
 * @throws RangeError for what a receiver would refuse
 */
export function formatDatagram(header: DatagramHeader, samples: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = samples.length / 2;
  if (!Number.isInteger(count) || count > MAX_DATAGRAM_SAMPLES) {
    throw new RangeError(
      `${samples.length} bytes are no whole number of 16-bit samples up to ${MAX_DATAGRAM_SAMPLES}`,
    );
  }
  if (count === 0 && !header.end) throw new RangeError("only the end of a stream may be without samples");
  const bytes = new Uint8Array(DATAGRAM_HEADER_BYTES + samples.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, u32(header.sequence, "sequence"), true);
  view.setUint32(4, u32(header.timestampMs, "timestampMs"), true);
  view.setUint16(8, count, true);
  view.setUint16(10, (header.start ? START : 0) | (header.end ? END : 0), true);
  bytes.set(samples, DATAGRAM_HEADER_BYTES);
  return bytes;
}

/** Whether `bytes` are a datagram of a stream with so many channels; the functions below take only such. */
export function isDatagram(bytes: Uint8Array, channels: number): boolean {
  if (bytes.length < DATAGRAM_HEADER_BYTES) return false;
  const samples = datagramSamples(bytes);
  if (bytes.length !== DATAGRAM_HEADER_BYTES + samples * 2 || samples % channels !== 0) return false;
  return samples > 0 || endsStream(bytes);
}

/**
 * Says what is wrong with `bytes` for which `isDatagram` is false: the two are apart because a flood of garbage must
 * not cost an error object for each.
 * @throws ProtocolError `invalid-datagram`
 */
export function checkDatagram(bytes: Uint8Array, channels: number): void {
  if (!isDatagram(bytes, channels)) {
    throw new ProtocolError("invalid-datagram", `invalid datagram: ${fault(bytes, channels)}`);
  }
}

/** Its header, as an object. */
export function readDatagramHeader(bytes: Uint8Array): DatagramHeader {
  return {
    sequence: datagramSequence(bytes),
    timestampMs: datagramTimestampMs(bytes),
    start: startsStream(bytes),
    end: endsStream(bytes),
  };
}

/** Number of the datagram in its stream: unsigned, 32 bits, wraps around. */
export function datagramSequence(bytes: Uint8Array): number {
  return readU32(bytes, 0);
}

/** Time that the sender gives: milliseconds, unsigned, 32 bits, wraps around. */
export function datagramTimestampMs(bytes: Uint8Array): number {
  return readU32(bytes, 4);
}

/** Samples of all channels together. */
export function datagramSamples(bytes: Uint8Array): number {
  return bytes[8] | (bytes[9] << 8);
}

/** Whether the sender says that a recording begins. */
export function startsStream(bytes: Uint8Array): boolean {
  return (bytes[10] & START) !== 0;
}

/** Whether the sender says that nothing follows. */
export function endsStream(bytes: Uint8Array): boolean {
  return (bytes[10] & END) !== 0;
}

function fault(bytes: Uint8Array, channels: number): string {
  if (bytes.length < DATAGRAM_HEADER_BYTES) {
    return `${bytes.length} bytes, the header alone is ${DATAGRAM_HEADER_BYTES}`;
  }
  const samples = datagramSamples(bytes);
  const bytesDue = DATAGRAM_HEADER_BYTES + samples * 2;
  if (bytes.length !== bytesDue) return `${bytes.length} bytes, sample_count ${samples} makes ${bytesDue}`;
  if (samples === 0) return "sample_count 0 without the end flag";
  return `sample_count ${samples} is not a multiple of ${channels} channels`;
}

function u32(value: number, field: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw new RangeError(`${field} is ${value}, not a whole number from 0 to 4294967295`);
}
