import { existsSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import {
  FrameSplitter,
  HANDSHAKE_BYTES,
  type Handshake,
  ProtocolError,
  parseHandshake,
  payloadSampleFrames,
  readFrameHeader,
  startsHandshake,
} from "@audio/protocol";
import { parseWavHeader, WAV_HEADER_BYTES } from "@audio/wav";
import { ReceiverError } from "./errors.js";
import { FrameStream } from "./ingest/frame-stream.js";
import type { NibbleOrderSetting } from "./ingest/nibble-order.js";
import { WavOutput } from "./wav-output.js";

/** A `.bin` file that is to become a WAV. */
export interface ConvertOptions {
  /** A `.bin`, finished or torn. */
  readonly file: string;
  /** The WAV to write; must not exist. */
  readonly out: string;
  /** What the file does not say itself. */
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly frameSamples?: number;
  readonly nibbleOrder: NibbleOrderSetting;
}

/** What the WAV holds. */
export interface Converted {
  readonly file: string;
  readonly out: string;
  readonly frames: number;
  /** Sample frames written, silence for lost frames included. */
  readonly samples: number;
  readonly seconds: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly lostFrames: number;
  /** The order used; undefined for PCM. */
  readonly nibbleOrder: "low" | "high" | undefined;
  /** Bytes of a torn last frame, left out. */
  readonly tornBytes: number;
}

const READ_BYTES = 256 * 1024;
const DEFAULT_SAMPLE_RATE = 16_000;
const GAP_FILL_MAX_SECONDS = 60;

/**
 * Turns frames as they were received into a WAV, in constant memory.
 * @throws ReceiverError `invalid-bin`: no such file, no frames, a broken frame in the middle, or `out` exists
 */
export async function convertBin(options: ConvertOptions): Promise<Converted> {
  const input = await openOrExplain(options.file, "r");
  try {
    const { handshake, start } = await formatOf(input, options);
    const output = new WavOutput(await openOrExplain(options.out, "wx"), handshake);
    try {
      return await convert(input, start, handshake, output, options).finally(() => output.close());
    } catch (error) {
      await rm(options.out); // no WAV, and in the way of the next attempt
      throw error;
    }
  } finally {
    await input.close();
  }
}

async function convert(
  input: FileHandle,
  start: number,
  handshake: Handshake,
  output: WavOutput,
  options: ConvertOptions,
): Promise<Converted> {
  const { file, out, nibbleOrder } = options;
  let order: "low" | "high" | undefined;
  const stream = new FrameStream({
    handshake,
    nibbleOrder,
    gapFill: "silence",
    gapFillMaxSeconds: GAP_FILL_MAX_SECONDS,
    nowUs: () => 0,
    onNibbleOrder: (found) => {
      order = found;
    },
    onRestart: () => undefined,
  });
  stream.recorder = output;
  const splitter = new FrameSplitter(handshake);
  await pushAll(
    input,
    start,
    file,
    (chunk) => splitter.push(chunk, (bytes, from, to) => stream.frame(bytes, from, to)),
    output,
  );
  stream.finish();
  await output.finish();
  const { frames, lostFrames } = stream.status;
  const { sampleRate, channels, codec } = handshake;
  const seconds = output.samples / sampleRate;
  const used = codec === "pcm16" ? undefined : nibbleOrder === "auto" ? (order ?? "low") : nibbleOrder;
  return {
    file,
    out,
    frames,
    samples: output.samples,
    seconds,
    sampleRate,
    channels,
    lostFrames,
    nibbleOrder: used,
    tornBytes: splitter.bufferedBytes,
  };
}

async function pushAll(
  input: FileHandle,
  start: number,
  file: string,
  push: (chunk: Buffer) => void,
  output: WavOutput,
): Promise<void> {
  const chunk = Buffer.alloc(READ_BYTES);
  for (let at = start; ; ) {
    const { bytesRead } = await input.read(chunk, 0, READ_BYTES, at);
    if (bytesRead === 0) return;
    explained(`${file}, before byte ${at + bytesRead}`, () => push(chunk.subarray(0, bytesRead)));
    await output.drain();
    at += bytesRead;
  }
}

async function formatOf(
  input: FileHandle,
  options: ConvertOptions,
): Promise<{ handshake: Handshake; start: number }> {
  const head = Buffer.alloc(HANDSHAKE_BYTES);
  await input.read(head, 0, HANDSHAKE_BYTES, 0);
  if (startsHandshake(head)) {
    return { handshake: explained(options.file, () => parseHandshake(head)), start: HANDSHAKE_BYTES };
  }
  const first = readFrameHeader(head, 0);
  if (first === undefined) {
    throw new ReceiverError(
      "invalid-bin",
      `${options.file} begins neither with a handshake nor with an audio frame`,
    );
  }
  const beside = await wavBeside(options.file);
  const { codec, payloadBytes } = first;
  const channels = options.channels ?? beside?.channels ?? 1;
  const sampleRate = options.sampleRate ?? beside?.sampleRate ?? DEFAULT_SAMPLE_RATE;
  const frameSamples =
    options.frameSamples ?? payloadSampleFrames(payloadBytes, { codec, channels, frameSamples: 65_535 });
  return { handshake: { streamId: 0, timestampMs: 0n, sampleRate, channels, codec, frameSamples }, start: 0 };
}

function explained<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ReceiverError("invalid-bin", `${where}: ${error.message}`);
  }
}

async function wavBeside(file: string): Promise<{ sampleRate: number; channels: number } | undefined> {
  const beside = file.replace(/\.bin(\.part)?$/, ".wav$1");
  if (!existsSync(beside)) return undefined;
  const handle = await openOrExplain(beside, "r");
  const head = Buffer.alloc(WAV_HEADER_BYTES);
  try {
    await handle.read(head, 0, WAV_HEADER_BYTES, 0);
    return parseWavHeader(head);
  } finally {
    await handle.close();
  }
}

async function openOrExplain(path: string, flags: "r" | "wx"): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "no such file"
        : code === "EEXIST"
          ? "exists already: choose another --out"
          : message;
    throw new ReceiverError("invalid-bin", `${path}: ${why}`, { cause: error });
  }
}
