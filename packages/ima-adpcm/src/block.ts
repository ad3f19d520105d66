/** Bytes of a block header, of which a block has one per channel: `i16` predictor, `u8` step index, `u8` reserved. */
export const BLOCK_HEADER_BYTES = 4;

/** Samples of one channel that stand together in stereo data, as in a WAV IMA block. */
export const GROUP_SAMPLES = 8;

/** Their bytes: 4 of the left channel, 4 of the right, and so on. */
const GROUP_BYTES = 4;

/** No position in an array is larger: the kernels calculate with 30 bits. */
const MAX_POSITION = 2 ** 30;

/**
 * Bytes of a block of `sampleFrames` sample frames (one sample per channel): a header per channel, then two samples
 * a byte, in stereo in whole groups of 8 sample frames.
 *
 * @throws {RangeError} for other than 1 or 2 channels, or a count that is no integer of 0 or more
 */
export function blockBytes(sampleFrames: number, channels: 1 | 2): number {
  requireChannels(channels);
  if (!(Number.isSafeInteger(sampleFrames) && sampleFrames >= 0)) {
    throw new RangeError(`sampleFrames ${sampleFrames} is not an integer of 0 or more`);
  }
  return channels * (BLOCK_HEADER_BYTES + codedSamples(sampleFrames, channels) / 2);
}

/** Samples per channel that a block has nibbles for: those of `sampleFrames`, and padding. */
export function codedSamples(sampleFrames: number, channels: 1 | 2): number {
  const unit = channels === 1 ? 2 : GROUP_SAMPLES;
  return Math.ceil(sampleFrames / unit) * unit;
}

/**
 * Sample frames that a block of `bytes` bytes has nibbles for; a torn group at its end does not count.
 *
 * @throws {RangeError} for other than 1 or 2 channels, or fewer bytes than the headers have
 */
export function blockSampleFrames(bytes: number, channels: 1 | 2): number {
  requireChannels(channels);
  const dataBytes = bytes - BLOCK_HEADER_BYTES * channels;
  if (!(dataBytes >= 0)) {
    throw new RangeError(
      `block is ${bytes} bytes, less than its ${BLOCK_HEADER_BYTES * channels} of headers`,
    );
  }
  return channels === 1 ? 2 * dataBytes : dataBytes - (dataBytes % (2 * GROUP_BYTES));
}

/** Where the first data byte of a channel is in a block that begins at `start`. */
export function dataAt(start: number, channels: number, channel: number): number {
  return start + BLOCK_HEADER_BYTES * channels + GROUP_BYTES * channel;
}

/**
 * How far behind a channel's first data byte its byte number `byte` is: in stereo the other channel's groups lie
 * between.
 */
export function dataOffset(byte: number, channels: number): number {
  return channels === 1 ? byte : byte + (byte & -GROUP_BYTES);
}

/** @throws {RangeError} unless `[start, start + count)` lies within an array of `length` elements */
export function requireRange(name: string, start: number, count: number, length: number): void {
  const end = start + count;
  if (!(Number.isInteger(end) && start >= 0 && count >= 0 && end <= length && end <= MAX_POSITION)) {
    throw new RangeError(`${name} has ${length} elements, not ${count} from ${start} on`);
  }
}

function requireChannels(channels: number): void {
  if (channels !== 1 && channels !== 2) throw new RangeError(`channels ${channels} is not 1 or 2`);
}
