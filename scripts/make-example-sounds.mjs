// Makes the sounds in examples/data/ again. The same machine makes the same bytes: nothing here asks for
// the time or for real randomness.
//
//   apt-get install espeak-ng sox     # only for the speech
//   node scripts/make-example-sounds.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "..", "examples", "data");

const SPEECH_TEXT = [
  "Good morning. This is the audio receiver.",
  "Any number of devices can stream to it at once.",
  "Every stream lands on disk, in files that always play.",
  "Thank you for listening.",
].join(" ");

/** The canonical 44 bytes: RIFF, fmt, data. Written here by hand, so that the sounds test our own header reader. */
function wavHeader({ sampleRate, channels, bitsPerSample }, dataBytes) {
  const blockAlign = (channels * bitsPerSample) / 8;
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // WAVE_FORMAT_PCM
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * blockAlign, 28);
  header.writeUInt16LE(blockAlign, 32);
  header.writeUInt16LE(bitsPerSample, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

function writeWav(name, format, data) {
  writeFileSync(join(FOLDER, name), Buffer.concat([wavHeader(format, data.length), data]));
  const seconds = (data.length * 8) / (format.sampleRate * format.channels * format.bitsPerSample);
  console.log(`${name}: ${seconds.toFixed(2)} s, ${44 + data.length} bytes`);
}

/** Samples in -1…1 (interleaved) to signed little-endian integers. */
function toPcm(samples, bitsPerSample) {
  const bytes = bitsPerSample / 8;
  const fullScale = 2 ** (bitsPerSample - 1) - 1;
  const pcm = Buffer.alloc(samples.length * bytes);
  samples.forEach((sample, i) => {
    pcm.writeIntLE(Math.round(sample * fullScale), i * bytes, bytes);
  });
  return pcm;
}

function sine({ sampleRate, seconds, hertz, peak }) {
  const step = (2 * Math.PI * hertz) / sampleRate;
  return Float64Array.from({ length: sampleRate * seconds }, (_, i) => peak * Math.sin(step * i));
}

/** espeak-ng speaks at 22 050 Hz; sox brings that to the 16 kHz that the devices send. */
function speech(sampleRate) {
  const spoken = execFileSync("espeak-ng", ["-v", "en-us", "-s", "175", "--stdout", SPEECH_TEXT], {
    maxBuffer: 16e6,
  });
  const raw = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", String(sampleRate), "-"];
  // -D: no dither. Length 0 in the header that espeak-ng writes to a pipe needs --ignore-length.
  return execFileSync("sox", ["-D", "--ignore-length", "-t", "wav", "-", ...raw], {
    input: spoken,
    maxBuffer: 16e6,
    stdio: ["pipe", "pipe", "ignore"],
  });
}

/** mulberry32: 32 bits of state, uniform in 0…1; small, and the same in every engine. */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One syllable: a whistle that glides from one pitch to another, added into both channels. */
function addSyllable(stereo, sampleRate, { start, seconds, fromHertz, toHertz, peak, pan }) {
  const first = Math.round(start * sampleRate);
  const length = Math.round(seconds * sampleRate);
  let phase = 0;
  for (let i = 0; i < length && (first + i) * 2 < stereo.length; i++) {
    const done = i / length;
    phase += (2 * Math.PI * (fromHertz + (toHertz - fromHertz) * done)) / sampleRate;
    const whistle = Math.sin(phase) + 0.15 * Math.sin(2 * phase); // a little second harmonic, as birds have
    const value = peak * Math.sin(Math.PI * done) ** 2 * whistle;
    stereo[(first + i) * 2] += value * Math.cos(pan);
    stereo[(first + i) * 2 + 1] += value * Math.sin(pan);
  }
}

/** A bird sings phrases of a few syllables, each phrase with its own pitch, with pauses between. */
function addBird(stereo, { sampleRate, seconds, random, hertz, pan, peak }) {
  let start = 0.1 + 0.2 * random();
  while (start < seconds - 0.2) {
    const syllables = 3 + Math.floor(4 * random());
    const pitch = hertz * (0.9 + 0.2 * random());
    for (let n = 0; n < syllables; n++) {
      const length = 0.05 + 0.06 * random();
      const glide = n % 2 === 0 ? 1.35 : 0.75;
      const syllable = { start, seconds: length, fromHertz: pitch, toHertz: pitch * glide, peak, pan };
      addSyllable(stereo, sampleRate, syllable);
      start += length + 0.02;
    }
    start += 0.25 + 0.4 * random();
  }
}

function birdsong({ sampleRate, seconds, seed }) {
  const random = seededRandom(seed);
  const stereo = new Float64Array(sampleRate * seconds * 2);
  const both = { sampleRate, seconds, random };
  addBird(stereo, { ...both, hertz: 3200, pan: 0.15 * Math.PI, peak: 0.35 }); // nearer to the left
  addBird(stereo, { ...both, hertz: 5200, pan: 0.4 * Math.PI, peak: 0.25 }); // nearer to the right
  return stereo.map((value) => value + 0.0005 * (random() - 0.5)); // the air: noise at about -76 dBFS
}

mkdirSync(FOLDER, { recursive: true });
const device = { sampleRate: 16000, channels: 1, bitsPerSample: 16 };
writeWav("sine_pcm16.wav", device, toPcm(sine({ sampleRate: 16000, seconds: 5, hertz: 440, peak: 0.5 }), 16));
writeWav("speech.wav", device, speech(16000));
const studio = { sampleRate: 48000, channels: 2, bitsPerSample: 24 };
writeWav("birdsong_stereo.wav", studio, toPcm(birdsong({ sampleRate: 48000, seconds: 3.375, seed: 1 }), 24));
