/**
 * The half of browser.test.ts that runs in the browser: uses the pure packages as a web page would and
 * returns what came out. It is bundled for a browser, so a Node import anywhere below fails the build.
 */
import { type CoderState, decodeBlock, encodeBlock, initialStates, type NibbleOrder } from "@audio/ima-adpcm";
import { LevelMeter, toAmplitudes, zoom } from "@audio/levels";
import {
  FRAME_HEADER_BYTES,
  FrameSplitter,
  formatFrame,
  formatHandshake,
  HANDSHAKE_BYTES,
  type Handshake,
  maxFrameBytes,
  parseHandshake,
} from "@audio/protocol";
import { compileTemplate, DEFAULT_TEMPLATES, segmentSampleFrames, TimeZone } from "@audio/segments";
import { formatMetadata, formatWavHeader, type PcmFormat, parseMetadata, parseWavHeader } from "@audio/wav";

export interface Signal {
  name: string;
  sampleRate: number;
  frameSamples: number;
  frames: number;
  pcm: string;
  adpcmLow: string;
  adpcmHigh: string;
  decoded: string;
  finalState: CoderState;
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function fetchSamples(path: string): Promise<Int16Array<ArrayBuffer>> {
  return new Int16Array((await fetchBytes(path)).buffer);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function firstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number | undefined {
  if (actual.length !== expected.length) return Math.min(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) if (actual[i] !== expected[i]) return i;
  return undefined;
}

function concatenate(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The signal as frames on the wire, the coder's state carried from frame to frame. */
function encode(pcm: Int16Array, { frameSamples, frames }: Signal, order: NibbleOrder) {
  const states = initialStates(1);
  const payload = new Uint8Array(4 + frameSamples);
  const messages: Uint8Array[] = [];
  for (let seq = 0; seq < frames; seq++) {
    const bytes = encodeBlock(pcm, seq * frameSamples, frameSamples, 1, states, payload, 0, order);
    messages.push(formatFrame("ima-adpcm", seq, payload.subarray(0, bytes)));
  }
  return { wire: concatenate(messages), finalState: states[0] };
}

/** Frames back to back, fed in cuts of 1000 bytes that fall anywhere in them. */
function decode(wire: Uint8Array, { frameSamples, frames }: Signal, order: NibbleOrder): Int16Array {
  const splitter = new FrameSplitter({ codec: "ima-adpcm", channels: 1, frameSamples });
  const out = new Int16Array(frames * frameSamples);
  let written = 0;
  for (let cut = 0; cut < wire.length; cut += 1000) {
    splitter.push(wire.subarray(cut, cut + 1000), (bytes, start, end) => {
      written += decodeBlock(bytes, start + FRAME_HEADER_BYTES, end, 1, order, out, written, frameSamples);
    });
  }
  return out.subarray(0, written);
}

/** Where encoding and decoding first differ from the vector (undefined: nowhere), and the coder's last state. */
export async function codeVector(signal: Signal, order: NibbleOrder) {
  const vector = await fetchBytes(`vectors/${order === "low" ? signal.adpcmLow : signal.adpcmHigh}`);
  const { wire, finalState } = encode(await fetchSamples(`vectors/${signal.pcm}`), signal, order);
  const decoded = decode(vector, signal, order);
  return {
    encoded: firstDifference(wire, vector),
    decoded: firstDifference(decoded, await fetchSamples(`vectors/${signal.decoded}`)),
    finalState,
  };
}

export async function roundTripHandshake(path: string) {
  const bytes = await fetchBytes(path);
  const handshake = parseHandshake(bytes);
  return { handshake, hex: hex(formatHandshake(handshake)) };
}

/** A handshake and `count` PCM frames in one piece, as framed TCP carries them, split again. */
export function roundTripFrames(handshake: Handshake, count: number) {
  const payload = Uint8Array.from({ length: handshake.frameSamples * handshake.channels * 2 }, (_, i) => i);
  const frames = Array.from({ length: count }, (_, seq) => formatFrame("pcm16", seq, payload));
  const wire = concatenate([formatHandshake(handshake), ...frames]);
  const parsed = parseHandshake(wire.subarray(0, HANDSHAKE_BYTES));
  const splitter = new FrameSplitter(parsed);
  const seen: { seq: number; bytes: number; difference: number | undefined }[] = [];
  splitter.push(wire.subarray(HANDSHAKE_BYTES), (bytes, start, end, seq) => {
    const difference = firstDifference(bytes.subarray(start + FRAME_HEADER_BYTES, end), payload);
    seen.push({ seq, bytes: end - start, difference });
  });
  return { seen, buffered: splitter.bufferedBytes, limit: maxFrameBytes(parsed) };
}

/** Samples over the whole range, full scale both ways among them, as signed integers of the format's depth. */
function ramp({ channels, bitsPerSample }: PcmFormat, sampleFrames: number): number[] {
  const top = 2 ** (bitsPerSample - 1) - 1;
  const count = sampleFrames * channels;
  return Array.from(
    { length: count },
    (_, i) => Math.round(((i * 2) / (count - 1) - 1) * top) - (i === 0 ? 1 : 0),
  );
}

function littleEndian(samples: number[], bytesPerSample: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: samples.length * bytesPerSample }, (_, i) => {
    return samples[Math.floor(i / bytesPerSample)] >> (8 * (i % bytesPerSample));
  });
}

function metadataChunks(format: PcmFormat, samples: number, dataBytes: number): Uint8Array<ArrayBuffer> {
  const local = { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 123_000 };
  const origin = { device: "browser", source: "websocket", startUs: 1_767_225_600_123_000, local };
  const software = "browser test";
  return formatMetadata({ ...origin, sampleRate: format.sampleRate, samples, software, gaps: [] }, dataBytes);
}

/** Plays a whole file the way a page does, at the file's own rate so that nothing is resampled. */
async function play(file: ArrayBuffer, { sampleRate, channels }: PcmFormat, sampleFrames: number) {
  const context = new OfflineAudioContext(channels, sampleFrames, sampleRate);
  const source = context.createBufferSource();
  source.buffer = await context.decodeAudioData(file);
  source.connect(context.destination);
  source.start();
  return { played: await context.startRendering(), decodedFrames: source.buffer.length };
}

/** The largest error of the rendered audio in the file's own steps, for the scale below and above zero. */
function largestError(
  played: AudioBuffer,
  samples: number[],
  { channels }: PcmFormat,
  scale: [number, number],
): number {
  const [negative, positive] = scale;
  let largest = 0;
  for (let channel = 0; channel < channels; channel++) {
    played.getChannelData(channel).forEach((value, i) => {
      const sample = Math.round(value * (value < 0 ? negative : positive));
      largest = Math.max(largest, Math.abs(sample - samples[i * channels + channel]));
    });
  }
  return largest;
}

/** Browsers divide by 2^(bits-1), and some by one less where the sample is positive: one of the two must be exact. */
function smallestError(played: AudioBuffer, samples: number[], format: PcmFormat): number {
  const scale = 2 ** (format.bitsPerSample - 1);
  const scales: [number, number][] = [
    [scale, scale],
    [scale, scale - 1],
  ];
  return Math.min(...scales.map((pair) => largestError(played, samples, format, pair)));
}

/** A file of ours, metadata chunks and all, played by the browser's own decoder. */
export async function playWav(format: PcmFormat, sampleFrames: number) {
  const samples = ramp(format, sampleFrames);
  const data = littleEndian(samples, format.bitsPerSample / 8);
  const chunks = metadataChunks(format, sampleFrames, data.length);
  const file = concatenate([formatWavHeader(format, data.length, chunks.length), data, chunks]);
  const header = parseWavHeader(file);
  const device = parseMetadata(file.subarray(file.length - chunks.length))?.device;
  const { played, decodedFrames } = await play(file.buffer, format, sampleFrames);
  return { header, device, decodedFrames, error: smallestError(played, samples, format) };
}

/** Length and path of each of a 16 kHz stream's first segments, cut at every ten seconds of the wall clock. */
export function cutSegments(startUs: number, timeZone: string, count: number) {
  const rule = { sampleRate: 16_000, bytesPerSampleFrame: 2, segmentSeconds: 10, align: "clock" } as const;
  const zone = new TimeZone(timeZone);
  const path = compileTemplate(DEFAULT_TEMPLATES.device);
  const cut: { samples: number; path: string }[] = [];
  for (let us = startUs; cut.length < count; us += (cut[cut.length - 1].samples / rule.sampleRate) * 1e6) {
    const start = zone.local(us);
    const samples = segmentSampleFrames(rule, us, zone.offsetUs(us));
    cut.push({ samples, path: path({ device: "esp32", streamId: 7, source: "websocket", start }) });
  }
  return cut;
}

/** Two seconds of 16-bit mono, the second one silent, as a page would draw them: an amplitude per second. */
export function measureTwoSeconds(sampleRate: number, sample: number) {
  const meter = new LevelMeter(sampleRate, 1, 16);
  const second = new Uint8Array(
    Int16Array.from({ length: sampleRate }, (_, i) => (i % 2 ? sample : -sample)).buffer,
  );
  meter.add(second, 0, second.length);
  meter.addSilence(sampleRate);
  const { peakDbfs, track } = meter.levels();
  return { peakDbfs, amplitudes: Array.from(toAmplitudes(zoom(track, 1).peakDbfs)) };
}
