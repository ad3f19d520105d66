// IMA ADPCM WAV blocks: per channel i16 predictor, u8 step index, u8 reserved, where the predictor *is* the
// block's first sample; then nibbles, low one first, stereo in groups of 4 bytes left and 4 right ("Multimedia
// Data Standards Update", 1994). Whole groups are decoded as they arrive, so a short last block needs no
// end-of-stream signal.
import { BLOCK_HEADER_BYTES, type CoderState, decodeBlock, initialStates } from "@audio/ima-adpcm";
import { WavError } from "./errors.js";
import type { SampleLayout } from "./fmt.js";
import { OutputBuffer } from "./output-buffer.js";
import { viewOf } from "./riff.js";

const MAX_STEP_INDEX = 88;

export class ImaBlockReader {
  readonly #channels: 1 | 2;
  readonly #headerBytes: number;
  readonly #groupBytes: number;
  readonly #samplesPerBlock: number;
  /** The current block's bytes; the decoder's state stands just before the first byte not yet decoded. */
  readonly #block: Uint8Array;
  readonly #view: DataView;
  readonly #states: CoderState[];
  readonly #output = new OutputBuffer();
  #filled = 0;
  #decoded = 0;
  #framesLeft = 0;
  #blocks = 0;

  constructor(layout: SampleLayout, channels: 1 | 2, samplesPerBlock: number) {
    this.#channels = channels;
    this.#headerBytes = BLOCK_HEADER_BYTES * channels;
    this.#groupBytes = channels === 1 ? 1 : 8;
    this.#samplesPerBlock = samplesPerBlock;
    this.#block = new Uint8Array(layout.blockAlign);
    this.#view = viewOf(this.#block);
    this.#states = initialStates(channels);
  }

  get bufferedBytes(): number {
    return this.#filled - this.#decoded;
  }

  push(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    const block = this.#block;
    // A byte holds two samples of one channel; a block header of 4 bytes a channel holds only one of each
    const out = this.#output.reserve((this.bufferedBytes + bytes.byteLength) * 2);
    let written = 0;
    for (let start = 0; start < bytes.byteLength; ) {
      const end = Math.min(bytes.byteLength, start + block.byteLength - this.#filled);
      block.set(bytes.subarray(start, end), this.#filled);
      this.#filled += end - start;
      start = end;
      written = this.#decodeArrived(out, written);
      if (this.#filled === block.byteLength) this.#beginBlock();
    }
    return out.subarray(0, written);
  }

  #beginBlock(): void {
    this.#filled = 0;
    this.#decoded = 0;
    this.#blocks++;
  }

  #decodeArrived(out: Int16Array, outStart: number): number {
    if (this.#filled < this.#headerBytes) return outStart;
    let written = outStart;
    if (this.#decoded === 0) written = this.#openBlock(out, written);
    const arrived = this.#filled - this.#headerBytes;
    const whole = this.#filled - (arrived % this.#groupBytes);
    if (whole === this.#decoded) return written;
    if (this.#framesLeft > 0) written = this.#decodeGroups(whole, out, written);
    this.#decoded = whole;
    this.#writeState(whole);
    return written;
  }

  /** The block header is a sample frame itself. */
  #openBlock(out: Int16Array, outStart: number): number {
    const channels = this.#channels;
    for (let channel = 0; channel < channels; channel++) {
      const offset = channel * BLOCK_HEADER_BYTES;
      const stepIndex = this.#view.getUint8(offset + 2);
      if (stepIndex > MAX_STEP_INDEX) {
        throw new WavError(
          "invalid-block",
          `IMA ADPCM block ${this.#blocks}: step index of channel ${channel} is ${stepIndex}, allowed is 0 … ${MAX_STEP_INDEX}`,
        );
      }
      out[outStart + channel] = this.#view.getInt16(offset, true);
    }
    this.#decoded = this.#headerBytes;
    this.#framesLeft = this.#samplesPerBlock - 1;
    return outStart + channels;
  }

  #decodeGroups(end: number, out: Int16Array, outStart: number): number {
    const start = this.#decoded - this.#headerBytes;
    const channels = this.#channels;
    const frames = decodeBlock(
      this.#block,
      start,
      end,
      channels,
      "low",
      out,
      outStart,
      this.#framesLeft,
      this.#states,
    );
    this.#framesLeft -= frames;
    return outStart + frames * channels;
  }

  /** Makes the bytes before `end` the header that the rest of the block is decoded with. */
  #writeState(end: number): void {
    for (let channel = 0; channel < this.#channels; channel++) {
      const offset = end - this.#headerBytes + channel * BLOCK_HEADER_BYTES;
      this.#view.setInt16(offset, this.#states[channel].predictor, true);
      this.#view.setUint8(offset + 2, this.#states[channel].stepIndex);
    }
  }
}
