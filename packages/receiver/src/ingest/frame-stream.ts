import type { StreamRecorder } from "@audio/archive";
import { decodeBlock, type NibbleOrder } from "@audio/ima-adpcm";
import {
  checkFrame,
  classifySequence,
  FRAME_HEADER_BYTES,
  framesLost,
  type Handshake,
  maxFrameBytes,
  nextSequence,
  type SequenceStep,
} from "@audio/protocol";
import type { FrameTap } from "./frame-tap.js";
import { HeldFrame, type NibbleOrderSetting } from "./nibble-order.js";

export interface FrameStreamOptions {
  readonly handshake: Handshake;
  readonly nibbleOrder: NibbleOrderSetting;
  readonly gapFill: "silence" | "none";
  readonly gapFillMaxSeconds: number;
  readonly nowUs: () => number;
  readonly onNibbleOrder: (order: NibbleOrder, frame: number) => void;
  readonly onRestart: (expectedSeq: number, seq: number) => void;
  /** Set when the sender is told what is on disk: its numbering goes on over all its connections. */
  readonly resume?: ResumePoint;
}

/** Where an acknowledged session stands. */
export interface ResumePoint {
  readonly nextSeq: number;
  readonly order: NibbleOrder | undefined;
}

/** Takes a stream's audio: a recording, or a file that is being converted. */
export type FrameSink = Pick<
  StreamRecorder,
  "begin" | "end" | "frame" | "reserve" | "reservedSamples" | "commit" | "write" | "silence" | "omit" | "cut"
>;

// Shared by all streams: decoding is synchronous. A frame has at most 65 535 sample frames of 2 channels.
const DECODED = new Int16Array(65_536 * 2);
const DECODED_BYTES = Buffer.from(DECODED.buffer);
// A frame of a live stream is followed by the next within its own length and a nap, give or take the same again;
// one that waits longer may be the last.
const HOLD_NAPS_US = 400_000;
const HOLD_FRAMES = 2;
// An acknowledged sender that was away numbers what it had no room for; more than this is no number but nonsense.
const LONGEST_ABSENCE_SECONDS = 30 * 86_400;

/** The frames of one stream that began with a handshake: checked, put in sequence, decoded, recorded. */
export class FrameStream {
  /** Largest legal frame message. */
  readonly maxMessageBytes: number;
  readonly #options: FrameStreamOptions;
  readonly #maxGapFrames: number;
  readonly #maxAbsenceFrames: number;
  readonly #held: HeldFrame;
  readonly #holdUs: number;
  #recorder: FrameSink | undefined;
  #tap: FrameTap | undefined;
  #order: NibbleOrder | undefined;
  #expected: number | undefined;
  #batchBegun = false;
  #nowUs = 0;
  #frames = 0;
  #bytes = 0;
  #lostFrames = 0;
  #repeatedFrames = 0;

  constructor(options: FrameStreamOptions) {
    const { handshake, nibbleOrder, gapFillMaxSeconds, resume } = options;
    const framesIn = (seconds: number) =>
      Math.floor((seconds * handshake.sampleRate) / handshake.frameSamples);
    this.#options = options;
    this.maxMessageBytes = maxFrameBytes(handshake);
    this.#maxGapFrames = framesIn(gapFillMaxSeconds);
    this.#maxAbsenceFrames = framesIn(LONGEST_ABSENCE_SECONDS);
    this.#expected = resume?.nextSeq;
    this.#held = new HeldFrame(handshake);
    this.#holdUs = HOLD_NAPS_US + (HOLD_FRAMES * handshake.frameSamples * 1_000_000) / handshake.sampleRate;
    this.#order = nibbleOrder === "auto" ? resume?.order : nibbleOrder;
  }

  /** Number of the frame that is to come; undefined before the first. */
  get nextSeq(): number | undefined {
    return this.#expected;
  }

  /** Where the audio goes; must be given before the first frame. */
  set recorder(recorder: FrameSink) {
    this.#recorder = recorder;
  }

  /** Who hears the frames too; undefined = nobody. */
  set tap(tap: FrameTap | undefined) {
    this.#tap = tap;
  }

  /** Bytes a second that a live sender puts on the wire, about. */
  get bytesPerSecond(): number {
    const { sampleRate, frameSamples } = this.#options.handshake;
    return (this.maxMessageBytes * sampleRate) / frameSamples;
  }

  get status() {
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      lostFrames: this.#lostFrames,
      repeatedFrames: this.#repeatedFrames,
      arrivedUs: this.#frames === 0 ? undefined : this.#nowUs,
      nibbleOrder:
        this.#options.handshake.codec === "pcm16" ? undefined : (this.#order ?? ("undecided" as const)),
    };
  }

  /**
   * Takes the frame message in bytes[start, end).
   * @throws ProtocolError when it is malformed; what came before is recorded
   */
  frame(bytes: Uint8Array, start: number, end: number): void {
    const seq = checkFrame(bytes, start, end, this.#options.handshake, this.#frames + 1);
    if (!this.#batchBegun) this.#beginBatch();
    if (seq !== this.#expected && this.#expected !== undefined && !this.#outOfSequence(this.#expected, seq))
      return;
    this.#expected = nextSequence(seq);
    this.#frames++;
    this.#bytes += end - start - FRAME_HEADER_BYTES;
    if (this.#options.handshake.codec === "pcm16") this.#recordPcm(bytes, start, end);
    else if (this.#order !== undefined) this.#recordAdpcm(bytes, start, end, this.#order);
    else this.#recordUndecided(bytes, start, end);
  }

  /** All frames of one read have been handed over. */
  endBatch(): void {
    if (!this.#batchBegun) return;
    this.#batchBegun = false;
    this.#recorder?.end(this.#nowUs);
  }

  /** Records a frame held back for its nibble order, if it has waited long enough. */
  flush(nowUs: number): void {
    if (nowUs - this.#held.sinceUs > this.#holdUs) this.#recordHeld("low");
  }

  /** No more frames will come. */
  finish(): void {
    this.#recordHeld("low");
    this.endBatch();
  }

  #beginBatch(): void {
    this.#batchBegun = true;
    this.#nowUs = this.#options.nowUs();
    this.#recorder?.begin(this.#nowUs);
  }

  // Whether the frame is to be recorded all the same.
  #outOfSequence(expected: number, seq: number): boolean {
    const step = this.#stepTo(expected, seq);
    if (step === "repeated") {
      this.#repeatedFrames++;
      return false;
    }
    this.#recordHeld("low");
    if (step === "lost") this.#recordLoss(framesLost(expected, seq));
    if (step === "restart") {
      this.#options.onRestart(expected, seq);
      this.#recorder?.cut();
    }
    return true;
  }

  // What an acknowledged session sends again after a cut is what it has sent before, however far back.
  #stepTo(expected: number, seq: number): SequenceStep {
    if (this.#options.resume === undefined) return classifySequence(expected, seq, this.#maxGapFrames);
    const isAhead = framesLost(expected, seq) < 2 ** 31;
    return isAhead ? classifySequence(expected, seq, this.#maxAbsenceFrames) : "repeated";
  }

  #recordLoss(frames: number): void {
    const sampleFrames = frames * this.#options.handshake.frameSamples;
    this.#lostFrames += frames;
    if (frames > this.#maxGapFrames) this.#recorder?.cut();
    if (this.#options.gapFill === "silence" && frames <= this.#maxGapFrames)
      this.#recorder?.silence(sampleFrames, "lost-frames");
    else this.#recorder?.omit(sampleFrames, "lost-frames");
  }

  #recordPcm(bytes: Uint8Array, start: number, end: number): void {
    this.#recorder?.frame(bytes, start, end);
    this.#recorder?.write(bytes, start + FRAME_HEADER_BYTES, end);
    this.#tap?.frame(bytes, start, end, "low");
  }

  // Decoded to where it will be written from, if there is room without a cut.
  #recordAdpcm(bytes: Uint8Array, start: number, end: number, order: NibbleOrder): void {
    const recorder = this.#recorder as FrameSink;
    const { frameSamples } = this.#options.handshake;
    const channels = this.#options.handshake.channels as 1 | 2;
    const block = start + FRAME_HEADER_BYTES;
    recorder.frame(bytes, start, end, order);
    const at = recorder.reserve(frameSamples);
    if (at >= 0) {
      recorder.commit(
        decodeBlock(bytes, block, end, channels, order, recorder.reservedSamples, at, frameSamples),
      );
    } else {
      const sampleFrames = decodeBlock(bytes, block, end, channels, order, DECODED, 0, frameSamples);
      recorder.write(DECODED_BYTES, 0, sampleFrames * channels * 2);
    }
    this.#tap?.frame(bytes, start, end, order);
  }

  #recordUndecided(bytes: Uint8Array, start: number, end: number): void {
    this.#order = this.#held.decide(bytes, start);
    if (this.#order === undefined) {
      this.#recordHeld("low");
      this.#held.hold(bytes, start, end, this.#nowUs);
      return;
    }
    this.#options.onNibbleOrder(this.#order, this.#frames);
    this.#recordHeld(this.#order);
    this.#recordAdpcm(bytes, start, end, this.#order);
  }

  #recordHeld(order: NibbleOrder): void {
    const message = this.#held.message;
    if (message === undefined) return;
    this.#held.clear();
    this.#recordAdpcm(message, 0, message.length, order);
  }
}
