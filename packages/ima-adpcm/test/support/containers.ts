// The two file formats that carry IMA ADPCM, as far as the tests need them.
import { type CoderState, decodeBlock, encodeBlock, initialStates } from "../../src/index.js";

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const little = (bytes: number, value: number) =>
  Array.from({ length: bytes }, (_, byte) => (value >>> (8 * byte)) & 255);
const big = (bytes: number, value: number) => little(bytes, value).reverse();

interface Encoded {
  file: Uint8Array;
  /** What a decoder must make of it, interleaved. */
  samples: Int16Array;
}

/**
 * WAVE_FORMAT_IMA_ADPCM (0x0011, Microsoft "Multimedia Data Standards Update", 1994). A block's header predictor is
 * its first sample, so each of our blocks stands for one sample frame more: the encoder's last one before it.
 */
export function wavFile(pcm: Int16Array, channels: 1 | 2, sampleRate: number, blockFrames: number): Encoded {
  const data: number[] = [];
  const samples: number[] = [];
  eachBlock(pcm, channels, blockFrames, (block, before, decoded) => {
    data.push(...block);
    samples.push(...before.map(({ predictor }) => predictor), ...decoded);
  });
  const blockAlign = channels * (4 + blockFrames / 2);
  const format = [
    ...[...little(2, 0x0011), ...little(2, channels), ...little(4, sampleRate)],
    ...little(4, Math.ceil((sampleRate * blockAlign) / (blockFrames + 1))),
    ...[...little(2, blockAlign), ...little(2, 4), ...little(2, 2), ...little(2, blockFrames + 1)],
  ];
  const fact = little(4, samples.length / channels);
  const chunks = [...riffChunk("fmt ", format), ...riffChunk("fact", fact), ...riffChunk("data", data)];
  const file = Uint8Array.from(riffChunk("RIFF", [...ascii("WAVE"), ...chunks]));
  return { file, samples: Int16Array.from(samples) };
}

const riffChunk = (id: string, body: number[]) => [...ascii(id), ...little(4, body.length), ...body];

/**
 * AIFF-C with "ima4" (Apple Technote TN1081): packets of 64 samples a channel, low nibble first. A packet's header
 * has 9 bits of the predictor above 7 bits of step index and stands before the first sample, as ours does; a decoder
 * that comes from the packet before keeps the full predictor.
 */
export function aiffcFile(pcm: Int16Array, channels: 1 | 2, sampleRate: number): Encoded {
  const states = initialStates(channels);
  const data: number[] = [];
  const samples: number[] = [];
  for (let start = 0; start < pcm.length; start += 64 * channels) {
    const decoded = Array.from({ length: channels }, (_, channel) => {
      const part = pcm.subarray(start, start + 64 * channels).filter((_, at) => at % channels === channel);
      const block = new Uint8Array(36);
      const { predictor, stepIndex } = states[channel];
      encodeBlock(part, 0, 64, 1, [states[channel]], block, 0);
      data.push(...big(2, (predictor & 0xff80) | stepIndex), ...block.subarray(4));
      decodeBlock(block, 0, 36, 1, "low", part, 0, 64);
      return part;
    });
    for (let at = 0; at < 64; at++) samples.push(...decoded.map((part) => part[at]));
  }
  // An 80-bit float: exponent, then the mantissa with its highest bit set
  const exponent = 31 - Math.clz32(sampleRate);
  const rate = [...big(2, 16383 + exponent), ...big(4, sampleRate << (31 - exponent)), 0, 0, 0, 0];
  const common = [...big(2, channels), ...big(4, pcm.length / channels / 64), ...big(2, 16), ...rate];
  const chunks = [
    ...iffChunk("FVER", big(4, 0xa2805140)),
    ...iffChunk("COMM", [...common, ...ascii("ima4"), 0, 0]),
    ...iffChunk("SSND", [...Array(8).fill(0), ...data]),
  ];
  const file = Uint8Array.from(iffChunk("FORM", [...ascii("AIFC"), ...chunks]));
  return { file, samples: Int16Array.from(samples) };
}

const iffChunk = (id: string, body: number[]) => [...ascii(id), ...big(4, body.length), ...body];

/** Encodes and decodes block after block, in whole blocks, the state carried on. */
function eachBlock(
  pcm: Int16Array,
  channels: 1 | 2,
  blockFrames: number,
  onBlock: (block: Uint8Array, before: CoderState[], decoded: Int16Array) => void,
): void {
  const states = initialStates(channels);
  for (let start = 0; start + blockFrames * channels <= pcm.length; start += blockFrames * channels) {
    const block = new Uint8Array(channels * (4 + blockFrames / 2));
    const before = structuredClone(states);
    encodeBlock(pcm, start, blockFrames, channels, states, block, 0);
    const decoded = new Int16Array(blockFrames * channels);
    decodeBlock(block, 0, block.length, channels, "low", decoded, 0, blockFrames);
    onBlock(block, before, decoded);
  }
}
