// Encodes a tone as IMA ADPCM, frame by frame as a device does, decodes it again, and measures what is lost.
//
//   node examples/adpcm.mjs
import { blockBytes, decodeBlock, detectNibbleOrder, encodeBlock, initialStates } from "@audio/ima-adpcm";

const SAMPLE_RATE = 16_000;
const FRAME_SAMPLES = 320; // 20 ms
const FRAMES = 50;

// One second of 440 Hz at −6 dBFS.
const pcm = Int16Array.from({ length: FRAMES * FRAME_SAMPLES }, (_, i) =>
  Math.round(16_384 * Math.sin((2 * Math.PI * 440 * i) / SAMPLE_RATE)),
);

// The coder's state goes on from frame to frame. Each frame begins with it, so each can be decoded alone.
const states = initialStates(1);
const frames = [];
for (let frame = 0; frame < FRAMES; frame++) {
  const block = new Uint8Array(blockBytes(FRAME_SAMPLES, 1));
  encodeBlock(pcm, frame * FRAME_SAMPLES, FRAME_SAMPLES, 1, states, block, 0);
  frames.push(block);
}

const decoded = new Int16Array(pcm.length);
frames.forEach((block, frame) => {
  decodeBlock(block, 0, block.length, 1, "low", decoded, frame * FRAME_SAMPLES, FRAME_SAMPLES);
});

/** Signal to noise in dB. */
function signalToNoise(original, copy) {
  let signal = 0;
  let noise = 0;
  original.forEach((sample, i) => {
    signal += sample ** 2;
    noise += (sample - copy[i]) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

const bytes = frames.length * frames[0].length;
console.log(`${pcm.byteLength} bytes of PCM became ${bytes} bytes of ADPCM`);
console.log(`signal to noise after decoding: ${signalToNoise(pcm, decoded).toFixed(1)} dB`);

// Some senders put the earlier sample in the other half of the byte, and sound like noise until somebody knows.
// A frame tells: decoded in the right order it ends in the state with which the next frame begins.
const [, second, third] = frames;
const order = detectNibbleOrder(second, 0, second.length, 1, FRAME_SAMPLES, third, 0);
console.log(`nibble order found: ${order}`);
