import type { LiveFormat } from "@audio/api/client";
import { decodeBlock } from "@audio/ima-adpcm";
import { checkFrame, classifySequence, FRAME_HEADER_BYTES, framesLost, nextSequence } from "@audio/protocol";

// A jump of more is a stream that began anew, not a loss: 60 s of frames of 20 ms.
const MOST_LOST = 3_000;

/** Turns the frames of a live stream into samples, and counts those that are missing. */
export class FrameDecoder {
  private expected: number | undefined;
  private frames = 0;
  /** Frames that did not come. */
  lostFrames = 0;

  /** @param format of the frames that come; may be said anew between them */
  constructor(public format: LiveFormat) {}

  /**
   * Decodes a frame message to interleaved samples, −1 … 1; undefined for one that was heard before.
   * @throws ProtocolError `invalid-frame`; RangeError for a block that cannot be decoded
   */
  decode(message: Uint8Array): Float32Array | undefined {
    const seq = checkFrame(message, 0, message.length, this.format, this.frames++);
    const step = this.expected === undefined ? "next" : classifySequence(this.expected, seq, MOST_LOST);
    if (step === "repeated") return undefined;
    if (step === "lost") this.lostFrames += framesLost(this.expected ?? seq, seq);
    this.expected = nextSequence(seq);
    return toFloats(this.samplesOf(message.subarray(FRAME_HEADER_BYTES)));
  }

  private samplesOf(payload: Uint8Array): Int16Array {
    const { codec, channels, frameSamples, nibbleOrder } = this.format;
    if (codec === "pcm16") {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      return Int16Array.from({ length: payload.length >> 1 }, (_, i) => view.getInt16(2 * i, true));
    }
    const two = channels === 2 ? 2 : 1;
    const pcm = new Int16Array(payload.length * 2);
    const frames = decodeBlock(payload, 0, payload.length, two, nibbleOrder, pcm, 0, frameSamples);
    return pcm.subarray(0, frames * two);
  }
}

function toFloats(pcm: Int16Array): Float32Array {
  return Float32Array.from(pcm, (sample) => sample / 32_768);
}
