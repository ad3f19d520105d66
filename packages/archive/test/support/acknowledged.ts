import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeBlock } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, formatFrame, formatHandshake } from "@audio/protocol";
import { compileTemplate, TimeZone } from "@audio/segments";
import fc from "fast-check";
import type { AcknowledgedSession, Archive, SessionFormat, StreamRecorder } from "../../src/index.js";
import type { TestClock } from "./studio.js";
import { readSegment } from "./studio.js";
import { filesBelow } from "./temporary.js";

export const RATE = 8000;

/** Everything one acknowledged device is ever going to send. */
export interface Take {
  readonly format: SessionFormat;
  readonly order: "low" | "high";
  readonly keepFrames: boolean;
  readonly binPreamble: Uint8Array;
  readonly gapFill: "silence" | "none";
  readonly frames: readonly { readonly seq: number; readonly message: Uint8Array }[];
}

const frameSpecs = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 100 }),
    isFull: fc.boolean(),
    lost: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
  }),
  { minLength: 5, maxLength: 60 },
);

/** Takes of any codec and channels, with short frames, and with numbers that never came. */
export const takes: fc.Arbitrary<Take> = fc
  .record({
    codec: fc.constantFrom("pcm16", "ima-adpcm"),
    channels: fc.constantFrom(1, 2),
    order: fc.constantFrom("low", "high"),
    keepFrames: fc.boolean(),
    hasPreamble: fc.boolean(),
    gapFill: fc.constantFrom("silence", "none"),
    specs: frameSpecs,
  })
  .map(({ codec, channels, hasPreamble, specs, ...take }) => {
    const format = { codec, channels, frameSamples: 160, sampleRate: RATE } as const;
    let seq = -1;
    const frames = specs.map(({ size, isFull, lost }) => {
      seq += 1 + lost;
      const payload =
        codec === "pcm16"
          ? pcm(seq, isFull ? 160 : size, channels)
          : adpcm(seq, isFull ? 160 : size, channels);
      return { seq, message: formatFrame(codec, seq, payload) };
    });
    return { ...take, format, frames, binPreamble: hasPreamble ? HANDSHAKE : new Uint8Array(0) } as Take;
  });

const HANDSHAKE = formatHandshake({
  streamId: 7,
  sampleRate: RATE,
  channels: 1,
  codec: "pcm16",
  frameSamples: 160,
  timestampMs: 0n,
});

function pcm(seq: number, sampleFrames: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: sampleFrames * channels * 2 }, (_, i) => 1 + ((seq * 37 + i * 31) % 253));
}

function adpcm(seq: number, sampleFrames: number, channels: number): Uint8Array {
  const dataBytes = channels === 1 ? Math.ceil(sampleFrames / 2) : Math.ceil(sampleFrames / 8) * 8;
  const headers = Array.from({ length: channels }, (_, i) => [seq % 251, (seq + i) % 100, (seq * 7) % 89, 0]);
  const nibbles = Array.from({ length: dataBytes }, (_, i) => (seq * 53 + i * 41) % 256);
  return Uint8Array.from([...headers.flat(), ...nibbles]);
}

function decoded({ format, order }: Take, message: Uint8Array): Buffer {
  if (format.codec === "pcm16") return Buffer.from(message.subarray(FRAME_HEADER_BYTES));
  const channels = format.channels as 1 | 2;
  const samples = new Int16Array(format.frameSamples * channels);
  const length = decodeBlock(
    message,
    FRAME_HEADER_BYTES,
    message.length,
    channels,
    order,
    samples,
    0,
    format.frameSamples,
  );
  return Buffer.from(samples.buffer, 0, length * channels * 2);
}

/** What all WAVs of the take together must hold. */
export function expectedAudio(take: Take): Buffer {
  const { channels, frameSamples } = take.format;
  let expected = 0;
  const pieces = take.frames.flatMap(({ seq, message }) => {
    const lost = take.gapFill === "silence" ? seq - expected : 0;
    expected = seq + 1;
    return [Buffer.alloc(lost * frameSamples * channels * 2), decoded(take, message)];
  });
  return Buffer.concat(pieces);
}

/** What all `.bin`s together must hold, without what stands in front of each. */
export function expectedFrames({ frames, keepFrames }: Take): Buffer {
  return keepFrames ? Buffer.concat(frames.map(({ message }) => message)) : Buffer.alloc(0);
}

/** One connection of an acknowledged device: sends what its session does not have yet. */
export class Connection {
  readonly session: AcknowledgedSession;
  readonly recorder: StreamRecorder;
  readonly #take: Take;
  readonly #archive: Archive;
  readonly #clock: TestClock;
  #expected: number;
  #at: number;

  constructor(archive: Archive, clock: TestClock, device: string, take: Take, segmentSeconds = 0.1) {
    this.#archive = archive;
    this.#clock = clock;
    this.#take = take;
    const { channels } = take.format;
    this.session = archive.session(device, take.format);
    this.session.order = take.order;
    this.recorder = archive.record({
      stream: {
        key: 1,
        source: "websocket",
        device,
        streamId: 7,
        peer: "192.0.2.1:4000",
        sampleRate: RATE,
        channels,
        bitsPerSample: 16,
      },
      zone: new TimeZone("UTC"),
      template: compileTemplate("{device}/{date}_{HH}{mm}{ss}"),
      segmentSeconds,
      align: "start",
      keepFrames: take.keepFrames,
      binPreamble: take.binPreamble,
      software: "test",
      session: this.session,
      onRelief: () => undefined,
    });
    this.#expected = this.session.recorded.nextSeq;
    this.#at = take.frames.findIndex(({ seq }) => seq >= this.#expected);
    if (this.#at < 0) this.#at = take.frames.length;
  }

  get left(): number {
    return this.#take.frames.length - this.#at;
  }

  /** Hands over the next frames, as one read would bring them; live, so the clock moves on. */
  send(count: number): void {
    const frames = this.#take.frames.slice(this.#at, this.#at + count);
    this.#at += frames.length;
    const before = this.recorder.samples;
    this.recorder.begin(this.#clock.nowUs);
    for (const { seq, message } of frames) this.#frame(seq, message);
    this.recorder.end(this.#clock.nowUs);
    this.#clock.nowUs += Math.round(((this.recorder.samples - before) * 1_000_000) / RATE);
  }

  /** Resolves when everything sent is on disk. */
  async commit(): Promise<void> {
    this.session.hurry();
    await this.session.settled();
  }

  async finish(): Promise<void> {
    this.session.hurry();
    await this.#archive.finish(this.recorder);
  }

  #frame(seq: number, message: Uint8Array): void {
    const { gapFill, format, order } = this.#take;
    const lost = (seq - this.#expected) * format.frameSamples;
    if (lost > 0 && gapFill === "silence") this.recorder.silence(lost, "lost-frames");
    else if (lost > 0) this.recorder.omit(lost, "lost-frames");
    this.#expected = seq + 1;
    this.recorder.frame(message, 0, message.length, order);
    const audio = decoded(this.#take, message);
    this.recorder.write(audio, 0, audio.length);
  }
}

/** Finished files of a device, in natural order. */
export function finishedOf(dataDir: string, device: string, extension: string): string[] {
  const natural = new Intl.Collator("en", { numeric: true });
  const stem = (path: string) => path.slice(0, -extension.length);
  return filesBelow(dataDir)
    .filter((path) => path.startsWith(`${device}/`) && path.endsWith(extension))
    .sort((a, b) => natural.compare(stem(a), stem(b)));
}

export function audioIn(dataDir: string, device: string): Buffer {
  return Buffer.concat(
    finishedOf(dataDir, device, ".wav").map((path) => readSegment(join(dataDir, path)).audio),
  );
}

export function framesIn(dataDir: string, device: string, { binPreamble }: Take): Buffer {
  const files = finishedOf(dataDir, device, ".bin").map((path) => readFileSync(join(dataDir, path)));
  for (const file of files) {
    if (!file.subarray(0, binPreamble.length).equals(binPreamble))
      throw new Error("a .bin lacks its handshake");
  }
  return Buffer.concat(files.map((file) => file.subarray(binPreamble.length)));
}
