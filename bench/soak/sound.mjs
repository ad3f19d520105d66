import { blockBytes, decodeBlock, encodeBlock, initialStates } from "@audio/ima-adpcm";
import { formatDatagram, formatFrame, formatHandshake } from "@audio/protocol";

/**
 * How a device codes and sends.
 * @typedef {object} Format
 * @property {"websocket" | "acknowledged" | "tcp" | "udp"} transport
 * @property {"pcm16" | "ima-adpcm" | "raw" | "datagram"} codec raw: samples and nothing else
 * @property {1 | 2} channels
 * @property {number} sampleRate
 * @property {number} frameSamples per channel, in one piece of about 20 ms
 */

/** @type {Record<string, Format>} */
export const FORMATS = {
  "WebSocket, PCM": {
    transport: "websocket",
    codec: "pcm16",
    channels: 1,
    sampleRate: 16_000,
    frameSamples: 320,
  },
  "WebSocket, PCM stereo 48 kHz": {
    transport: "websocket",
    codec: "pcm16",
    channels: 2,
    sampleRate: 48_000,
    frameSamples: 960,
  },
  "WebSocket, ADPCM": {
    transport: "websocket",
    codec: "ima-adpcm",
    channels: 1,
    sampleRate: 16_000,
    frameSamples: 320,
  },
  "WebSocket, PCM, acknowledged": {
    transport: "acknowledged",
    codec: "pcm16",
    channels: 1,
    sampleRate: 16_000,
    frameSamples: 320,
  },
  "WebSocket, ADPCM, acknowledged": {
    transport: "acknowledged",
    codec: "ima-adpcm",
    channels: 1,
    sampleRate: 16_000,
    frameSamples: 320,
  },
  "framed TCP, ADPCM": {
    transport: "tcp",
    codec: "ima-adpcm",
    channels: 1,
    sampleRate: 16_000,
    frameSamples: 320,
  },
  UDP: { transport: "udp", codec: "datagram", channels: 1, sampleRate: 16_000, frameSamples: 320 },
  "raw TCP": { transport: "tcp", codec: "raw", channels: 1, sampleRate: 16_000, frameSamples: 333 },
};

// A prime, so that no length of anything else is in step with it: 131 s at 16 kHz mono.
const TABLE_BYTES = 4_194_301;
const TABLE = noise(TABLE_BYTES);

/** @param {number} length */
function noise(length) {
  const bytes = Buffer.alloc(length);
  let state = 20_261_122;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/**
 * The sound of stream `id`, the same whenever it is asked for: bytes from, from + length.
 * @param {number} id
 * @param {number} from
 * @param {number} length
 */
function soundBytes(id, from, length) {
  const bytes = Buffer.allocUnsafe(length);
  let at = (id * 1_000_003 + from) % TABLE_BYTES;
  for (let done = 0; done < length; at = 0)
    done += TABLE.copy(bytes, done, at, Math.min(TABLE_BYTES, at + length - done));
  return bytes;
}

/**
 * The samples of the nth piece of stream `id`.
 * @param {number} id
 * @param {Format} format
 * @param {number} piece
 */
export function soundOf(id, { channels, frameSamples }, piece) {
  const pcm = new Int16Array(frameSamples * channels);
  soundBytes(id, piece * pcm.byteLength, pcm.byteLength).copy(Buffer.from(pcm.buffer));
  return pcm;
}

/**
 * The handshake of a stream.
 * @param {number} id
 * @param {Format} format
 */
export function openingOf(id, { codec, channels, sampleRate, frameSamples }) {
  if (codec === "raw" || codec === "datagram") return undefined;
  return formatHandshake({ streamId: id, sampleRate, channels, codec, frameSamples, timestampMs: 0n });
}

/**
 * The pieces that stream `id` sends one after the other, and the audio that each must become.
 * @param {number} id
 * @param {Format} format
 * @returns {Generator<{ message: Uint8Array, audio: Uint8Array }, never>}
 */
export function* piecesOf(id, format) {
  const { codec, channels, frameSamples } = format;
  const pieceBytes = frameSamples * channels * 2;
  const coder = codec === "ima-adpcm" ? new Coder(format) : undefined;
  for (let seq = 0; ; seq++) {
    const sound = soundBytes(id, seq * pieceBytes, pieceBytes);
    if (codec === "raw") yield { message: sound, audio: sound };
    else if (codec === "datagram") yield { message: datagramOf(seq, sound), audio: sound };
    else if (coder === undefined) yield { message: formatFrame("pcm16", seq >>> 0, sound), audio: sound };
    else {
      const { block, audio } = coder.code(sound);
      yield { message: formatFrame("ima-adpcm", seq >>> 0, block), audio };
    }
  }
}

/**
 * @param {number} sequence
 * @param {Buffer} sound
 */
function datagramOf(sequence, sound) {
  return formatDatagram({ sequence, timestampMs: 20 * sequence, start: sequence === 0, end: false }, sound);
}

/** ADPCM there and back. */
class Coder {
  #format;
  #states;

  /** @param {Format} format */
  constructor(format) {
    this.#format = format;
    this.#states = initialStates(format.channels);
  }

  /** @param {Buffer} sound */
  code(sound) {
    const { channels, frameSamples } = this.#format;
    const pcm = new Int16Array(frameSamples * channels);
    sound.copy(Buffer.from(pcm.buffer));
    const block = new Uint8Array(blockBytes(frameSamples, channels));
    encodeBlock(pcm, 0, frameSamples, channels, this.#states, block, 0);
    decodeBlock(block, 0, block.length, channels, "low", pcm, 0, frameSamples);
    return { block, audio: new Uint8Array(pcm.buffer) };
  }
}
