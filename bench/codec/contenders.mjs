import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { blockBytes, decodeBlock, encodeBlock, initialStates } from "@audio/ima-adpcm";
import imaadpcm from "imaadpcm";
import wavefile from "wavefile";
import { compileNative } from "../harness/compile.mjs";

/**
 * @typedef {object} CodecSpeed
 * @property {number} encode million samples per CPU second
 * @property {number} decode million samples per CPU second
 */

/**
 * One implementation of IMA ADPCM.
 * @typedef {object} Codec
 * @property {string} name
 * @property {string} [missing]
 * @property {(seconds: number) => CodecSpeed} measure `seconds` for each direction
 */

/** CPU seconds of this process: unlike the clock's, they do not grow while other programs have the processor. */
function cpuSecondsSoFar() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Runs `pass` until `seconds` of CPU time are over; million samples per CPU second.
 * @param {number} samples of one pass
 * @param {number} seconds
 * @param {() => void} pass
 */
function speedOf(samples, seconds, pass) {
  const startedAt = cpuSecondsSoFar();
  let passes = 0;
  let elapsed = 0;
  do {
    pass();
    passes++;
    elapsed = cpuSecondsSoFar() - startedAt;
  } while (elapsed < seconds);
  return (passes * samples) / elapsed / 1e6;
}

/**
 * @audio/ima-adpcm, frame by frame as the receiver uses it.
 * @param {Int16Array} pcm whole frames
 * @param {number} frameSamples
 * @returns {Codec & { blocks: Uint8Array, decoded: Int16Array }} with the results of the last pass
 */
export function ourCodec(pcm, frameSamples) {
  const size = blockBytes(frameSamples, 1);
  const blocks = new Uint8Array((pcm.length / frameSamples) * size);
  const decoded = new Int16Array(pcm.length);
  const encode = () => {
    const states = initialStates(1);
    for (let at = 0, out = 0; at < pcm.length; at += frameSamples) {
      out += encodeBlock(pcm, at, frameSamples, 1, states, blocks, out);
    }
  };
  const decode = () => {
    for (let at = 0, out = 0; at < blocks.length; at += size) {
      out += decodeBlock(blocks, at, at + size, 1, "low", decoded, out, frameSamples);
    }
  };
  const measure = (/** @type {number} */ seconds) => ({
    encode: speedOf(pcm.length, seconds, encode),
    decode: speedOf(pcm.length, seconds, decode),
  });
  return { name: "@audio/ima-adpcm", measure, blocks, decoded };
}

/**
 * native/ima.c at -O2.
 * @param {Int16Array} pcm
 * @param {number} frameSamples
 * @param {string} directory
 * @returns {Codec & { results(): { blocks: Buffer, decoded: Buffer } }}
 */
export function plainC(pcm, frameSamples, directory) {
  const program = compileNative("ima", directory);
  const [input, blocks, decoded] = ["speech.pcm", "blocks", "decoded.pcm"].map((name) =>
    path.join(directory, name),
  );
  writeFileSync(input, pcm);
  return {
    name: "plain C, -O2",
    missing: program ? undefined : "no C compiler found",
    measure: (seconds) => {
      const args = [input, String(frameSamples), String(seconds), blocks, decoded];
      return JSON.parse(execFileSync(program ?? "", args, { encoding: "utf8" }));
    },
    results: () => ({ blocks: readFileSync(blocks), decoded: readFileSync(decoded) }),
  };
}

/**
 * npm imaadpcm: blocks of 505 samples are all it knows.
 * @param {Int16Array} pcm
 * @returns {Codec}
 */
export function npmImaadpcm(pcm) {
  const blocks = imaadpcm.encode(pcm);
  return {
    name: "npm imaadpcm",
    measure: (seconds) => ({
      encode: speedOf(pcm.length, seconds, () => imaadpcm.encode(pcm)),
      decode: speedOf(pcm.length, seconds, () => imaadpcm.decode(blocks)),
    }),
  };
}

/**
 * npm wavefile. It refuses IMA ADPCM at any rate but 8 kHz: the same samples, declared so.
 * @param {Int16Array} pcm
 * @returns {Codec}
 */
export function npmWavefile(pcm) {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(1, 8000, "16", pcm);
  const plain = wav.toBuffer();
  wav.toIMAADPCM();
  const coded = wav.toBuffer();
  return {
    name: "npm wavefile",
    measure: () => ({
      encode: pcm.length / conversionSeconds(plain, (file) => file.toIMAADPCM()) / 1e6,
      decode: pcm.length / conversionSeconds(coded, (file) => file.fromIMAADPCM()) / 1e6,
    }),
  };
}

/**
 * CPU seconds that one conversion of a WAV file takes, reading the file not included.
 * @param {Uint8Array} bytes
 * @param {(wav: import("wavefile").WaveFile) => void} convert
 */
function conversionSeconds(bytes, convert) {
  const wav = new wavefile.WaveFile();
  wav.fromBuffer(bytes);
  const startedAt = cpuSecondsSoFar();
  convert(wav);
  return cpuSecondsSoFar() - startedAt;
}
