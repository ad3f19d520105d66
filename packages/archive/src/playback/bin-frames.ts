import { decodeBlock, detectNibbleOrder, type NibbleOrder } from "@audio/ima-adpcm";
import {
  classifySequence,
  FRAME_HEADER_BYTES,
  FrameSplitter,
  framesLost,
  HANDSHAKE_BYTES,
  nextSequence,
  parseHandshake,
  payloadSampleFrames,
  readFrameHeader,
  type StreamFormat,
  startsHandshake,
} from "@audio/protocol";
import { Unreadable } from "./local-file.js";

/** What a `.bin` says about itself, or its first frame. */
export interface BinFormat extends StreamFormat {
  /** Where the frames begin. */
  readonly start: number;
}

/** Either PCM, or so many sample frames that were lost on the way. */
export type Decoded = Uint8Array | number;

/** Takes a frame message in bytes[start, end) that is to be played; `lost` frames are missing before it. */
type OnPlayed = (bytes: Uint8Array, start: number, end: number, lost: number) => void;

// As in the recorder: what is further off is no loss, but a sender that began anew.
const LONGEST_LOSS_SECONDS = 60;
const LARGEST_FRAME_SAMPLES = 65_535;

/** Reads the front of a `.bin`, 32 bytes or all that is there. */
export function binFormatOf(front: Uint8Array, channels: number): BinFormat {
  if (startsHandshake(front) && front.length >= HANDSHAKE_BYTES) {
    const { codec, channels: stated, frameSamples } = parseHandshake(front.subarray(0, HANDSHAKE_BYTES));
    if (stated !== channels) throw new Unreadable(`holds ${stated} channels, planned are ${channels}`);
    return { codec, channels, frameSamples, start: HANDSHAKE_BYTES };
  }
  const first = readFrameHeader(front, 0);
  if (first === undefined) throw new Unreadable("begins neither with a handshake nor with a frame");
  const { codec, payloadBytes } = first;
  if (codec === "ima-adpcm" && channels > 2) throw new Unreadable(`ADPCM has no ${channels} channels`);
  const largest = { codec, channels, frameSamples: LARGEST_FRAME_SAMPLES };
  return { codec, channels, frameSamples: payloadSampleFrames(payloadBytes, largest), start: 0 };
}

/** The frames of a `.bin` in their order: repeated ones left out, lost ones counted. */
export class BinFrames {
  readonly #splitter: FrameSplitter;
  readonly #maxLostFrames: number;
  readonly #onPlayed: OnPlayed;
  #expected: number | undefined;

  constructor(format: StreamFormat, sampleRate: number, onPlayed: OnPlayed) {
    this.#splitter = new FrameSplitter(format);
    this.#maxLostFrames = Math.floor((LONGEST_LOSS_SECONDS * sampleRate) / format.frameSamples);
    this.#onPlayed = onPlayed;
  }

  /** @throws ProtocolError at what is no frame; nothing may be pushed after that */
  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk, (bytes, start, end, seq) => {
      const expected = this.#expected ?? seq;
      const step = classifySequence(expected, seq, this.#maxLostFrames);
      if (step === "repeated") return;
      this.#expected = nextSequence(seq);
      this.#onPlayed(bytes, start, end, step === "lost" ? framesLost(expected, seq) : 0);
    });
  }
}

/** Finds out in which order an ADPCM stream packs its nibbles, from two frames that follow one another. */
export class NibbleOrderSearch {
  readonly #format: StreamFormat;
  #before = new Uint8Array(0);
  #order: NibbleOrder | undefined;

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** `low`, as the recorder assumes, while nothing tells. */
  get order(): NibbleOrder {
    return this.#order ?? "low";
  }

  frame(bytes: Uint8Array, start: number, end: number, lost: number): void {
    const { codec, frameSamples } = this.#format;
    if (this.#order !== undefined || codec === "pcm16") return;
    const channels = this.#format.channels as 1 | 2;
    const [block, length] = [FRAME_HEADER_BYTES, this.#before.length];
    if (length > 0 && lost === 0)
      this.#order = detectNibbleOrder(
        this.#before,
        block,
        length,
        channels,
        frameSamples,
        bytes,
        start + block,
      );
    this.#before = new Uint8Array(bytes.subarray(start, end));
  }
}

/** PCM of the frame message in bytes[start, end), a copy. */
export function decodeFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  { codec, channels, frameSamples }: StreamFormat,
  order: NibbleOrder,
): Uint8Array {
  const payload = start + FRAME_HEADER_BYTES;
  if (codec === "pcm16") return new Uint8Array(bytes.subarray(payload, end));
  const samples = payloadSampleFrames(end - payload, { codec, channels, frameSamples });
  const out = new Int16Array(samples * channels);
  decodeBlock(bytes, payload, end, channels as 1 | 2, order, out, 0, samples);
  return new Uint8Array(out.buffer);
}
