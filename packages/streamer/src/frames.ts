import { blockBytes, type CoderState, encodeBlock, initialStates, type NibbleOrder } from "@audio/ima-adpcm";
import { type Codec, FRAME_HEADER_BYTES, nextSequence, writeFrameHeader } from "@audio/protocol";

/** Messages back to back in one buffer, ready to be sent. */
export interface Messages {
  /** The messages' bytes; owned by whoever holds them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each message ends in `bytes`; the first begins at 0, each later one at the end before it. */
  readonly ends: readonly number[];
}

/** Frames back to back in one buffer. */
export interface FrameBatch extends Messages {
  /** Samples per channel in all of them. */
  readonly sampleFrames: number;
}

/** What a stream's frames look like. */
export interface FrameFormat {
  readonly codec: Codec;
  readonly channels: number;
  /** Samples per channel in a full frame. */
  readonly frameSamples: number;
  /** Which half of an ADPCM byte holds the earlier sample; default `low`. */
  readonly nibbleOrder?: NibbleOrder;
  /** `false`: bare PCM as raw TCP carries it, without the protocol's 12-byte headers; default `true`. */
  readonly headers?: boolean;
  /** `seq` of the first frame; default 0. */
  readonly firstSequence?: number;
}

/** What the protocol's 16-bit `frame_samples` field can say; stereo ADPCM counts in groups of 8. */
const MAX_FRAME_SAMPLES = 65_535;
const STEREO_GROUP = 8;

/**
 * Samples per channel in a frame of `frameMs` milliseconds, rounded to the nearest; stereo ADPCM up to a multiple
 * of 8. `undefined` if the protocol cannot carry such a frame (it takes 1 to 65 535).
 */
export function frameSamplesFor(
  sampleRate: number,
  frameMs: number,
  codec: Codec,
  channels: number,
): number | undefined {
  const exact = Math.round((sampleRate * frameMs) / 1000);
  const grouped = codec === "ima-adpcm" && channels === 2;
  const frameSamples = grouped ? Math.ceil(exact / STEREO_GROUP) * STEREO_GROUP : exact;
  return frameSamples >= 1 && frameSamples <= MAX_FRAME_SAMPLES ? frameSamples : undefined;
}

/**
 * Cuts interleaved 16-bit PCM into the protocol's frames. The ADPCM coder's state and `seq` go on from frame to
 * frame for as long as the framer lives.
 */
export class Framer {
  private pending: Int16Array<ArrayBuffer>;
  private pendingBytes: Uint8Array<ArrayBuffer>;
  private start = 0;
  private end = 0;
  private sequence: number;
  private readonly states: CoderState[];
  private readonly headerBytes: number;

  /** @throws RangeError from the coder on a channel count that the codec cannot carry. */
  constructor(private readonly format: FrameFormat) {
    this.pending = new Int16Array(format.frameSamples * format.channels);
    this.pendingBytes = new Uint8Array(this.pending.buffer);
    this.sequence = format.firstSequence ?? 0;
    this.states = format.codec === "ima-adpcm" ? initialStates(adpcmChannels(format.channels)) : [];
    this.headerBytes = (format.headers ?? true) ? FRAME_HEADER_BYTES : 0;
  }

  /** Samples per channel that wait to be framed. */
  get pendingSampleFrames(): number {
    return (this.end - this.start) / this.format.channels;
  }

  /** Whole frames among them. */
  get fullFrames(): number {
    return Math.floor(this.pendingSampleFrames / this.format.frameSamples);
  }

  /** Bytes of a full frame, header included. */
  get frameBytes(): number {
    return this.headerBytes + this.payloadBytes(this.format.frameSamples);
  }

  /** Takes a copy of interleaved samples, a whole number of sample frames. */
  push(pcm: Int16Array): void {
    this.makeRoom(pcm.length);
    this.pending.set(pcm, this.end);
    this.end += pcm.length;
  }

  /**
   * Encodes up to `maxFrames` full frames; with `flush` also the short one that is left at the end of the input.
   * Mono ADPCM of an odd length and stereo ADPCM that is no multiple of 8 are padded to the next whole byte or
   * group, so a decoder yields up to 1 or 7 samples more.
   */
  take(maxFrames: number, flush = false): FrameBatch {
    const { frameSamples } = this.format;
    const available = flush ? Math.ceil(this.pendingSampleFrames / frameSamples) : this.fullFrames;
    const frames = Math.min(maxFrames, available);
    const bytes = new Uint8Array(frames * this.frameBytes);
    const ends: number[] = [];
    let offset = 0;
    let sampleFrames = 0;
    for (let frame = 0; frame < frames; frame++) {
      const count = Math.min(frameSamples, this.pendingSampleFrames);
      offset += this.writeFrame(bytes, offset, count);
      ends.push(offset);
      sampleFrames += count;
    }
    return { bytes: bytes.subarray(0, offset), ends, sampleFrames };
  }

  private writeFrame(target: Uint8Array, offset: number, sampleFrames: number): number {
    const payload = this.payloadBytes(sampleFrames);
    if (this.headerBytes > 0) writeFrameHeader(target, offset, this.format.codec, payload, this.sequence);
    this.writePayload(target, offset + this.headerBytes, sampleFrames);
    this.start += sampleFrames * this.format.channels;
    this.sequence = nextSequence(this.sequence);
    return this.headerBytes + payload;
  }

  private writePayload(target: Uint8Array, offset: number, sampleFrames: number): void {
    const { codec, channels, nibbleOrder } = this.format;
    if (codec === "ima-adpcm") {
      const width = adpcmChannels(channels);
      encodeBlock(this.pending, this.start, sampleFrames, width, this.states, target, offset, nibbleOrder);
      return;
    }
    // Int16Array is in the host's byte order; every platform Node ships binaries for but s390x is little-endian.
    const from = this.start * 2;
    target.set(this.pendingBytes.subarray(from, from + sampleFrames * channels * 2), offset);
  }

  private payloadBytes(sampleFrames: number): number {
    const { codec, channels } = this.format;
    return codec === "ima-adpcm"
      ? blockBytes(sampleFrames, adpcmChannels(channels))
      : sampleFrames * channels * 2;
  }

  private makeRoom(samples: number): void {
    const held = this.end - this.start;
    if (held + samples > this.pending.length) {
      const larger = new Int16Array(held + samples);
      larger.set(this.pending.subarray(this.start, this.end));
      this.pending = larger;
      this.pendingBytes = new Uint8Array(larger.buffer);
    } else if (this.end + samples > this.pending.length) {
      this.pending.copyWithin(0, this.start, this.end);
    } else {
      return;
    }
    this.start = 0;
    this.end = held;
  }
}

function adpcmChannels(channels: number): 1 | 2 {
  if (channels === 1 || channels === 2) return channels;
  throw new RangeError(`IMA ADPCM carries 1 or 2 channels, not ${channels}`);
}
