import { encodeBlock, initialStates } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, formatFrame, formatHandshake } from "@audio/protocol";
import { synthesizeSpeech } from "../codec/speech.mjs";
import { MASK, maskedMessage, OPCODES } from "./websocket-messages.mjs";

export const SAMPLE_RATE = 16_000;
export const FRAME_SAMPLES = 320;
export const FRAME_MS = (1000 * FRAME_SAMPLES) / SAMPLE_RATE;
const BLOCK_BYTES = 4 + FRAME_SAMPLES / 2;
/** 12-byte header and block: 176 bytes. */
export const FRAME_BYTES = FRAME_HEADER_BYTES + BLOCK_BYTES;

/** Client frames of 126…65 535 bytes have an 8-byte WebSocket header: 2, the length in 2, the mask in 4. */
const WEBSOCKET_HEADER_BYTES = 8;
export const WIRE_FRAME_BYTES = WEBSOCKET_HEADER_BYTES + FRAME_BYTES;
const SEQ_OFFSET = WEBSOCKET_HEADER_BYTES + 8;
/** The seq field lies at a multiple of 4 in the message, so the whole mask applies to it as one word. */
const SEQ_MASK = MASK.readUInt32LE(0);

/** 5.12 s of sound. */
const LOOP_FRAMES = 256;

/**
 * LOOP_FRAMES messages of ADPCM speech, masked, back to back, all with seq 0. Each block's header carries the
 * state that the block before ends in (except from the last to the first), as from a real device.
 */
function formatLoop() {
  const pcm = synthesizeSpeech((LOOP_FRAMES * FRAME_SAMPLES) / SAMPLE_RATE + 1, SAMPLE_RATE);
  const states = initialStates(1);
  const block = new Uint8Array(BLOCK_BYTES);
  const messages = [];
  for (let frame = 0; frame < LOOP_FRAMES; frame++) {
    encodeBlock(pcm, frame * FRAME_SAMPLES, FRAME_SAMPLES, 1, states, block, 0);
    messages.push(maskedMessage(OPCODES.binary, formatFrame("ima-adpcm", 0, block)));
  }
  return Buffer.concat(messages);
}

const LOOP = formatLoop();

/**
 * Copies frames seq, seq + 1, … into the whole of `target`, a multiple of WIRE_FRAME_BYTES long.
 * @param {Buffer} target
 * @param {number} seq
 */
export function fillFrames(target, seq) {
  for (let at = 0; at < target.length; at += WIRE_FRAME_BYTES, seq++) {
    const from = (seq % LOOP_FRAMES) * WIRE_FRAME_BYTES;
    LOOP.copy(target, at, from, from + WIRE_FRAME_BYTES);
    target.writeUInt32LE((seq ^ SEQ_MASK) >>> 0, at + SEQ_OFFSET);
  }
}

/**
 * The first message of stream `streamId`, masked.
 * @param {number} streamId
 */
export function maskedHandshake(streamId) {
  const handshake = formatHandshake({
    streamId,
    sampleRate: SAMPLE_RATE,
    channels: 1,
    codec: "ima-adpcm",
    frameSamples: FRAME_SAMPLES,
    timestampMs: BigInt(Date.now()),
  });
  return maskedMessage(OPCODES.binary, handshake);
}
