import { findFfmpeg } from "../ffmpeg.js";
import type { Settings } from "../options.js";
import { type ByteSource, openFile } from "./bytes.js";
import { openFfmpeg } from "./ffmpeg.js";
import { type PcmSource, rawPcm } from "./pcm.js";
import { checkSameFormat, type OpenSource } from "./playlist.js";
import { openStdin } from "./stdin.js";
import { readWav } from "./wav.js";

/** What every stream plays. */
export interface Inputs {
  readonly items: readonly OpenSource[];
  /** Seconds of audio of one pass; `undefined` if unknown before it was read. */
  readonly seconds: number | undefined;
}

/** Flat out, a read of 64 KiB costs nothing beside its frames. */
const CHUNK_BYTES = 65_536;

/**
 * At real-time pace 16 KiB are half a second of 16 kHz mono. With many streams the buffers add up: smaller pieces take
 * 1000 of them from 460 to 290 MB.
 */
const SMALL_CHUNK_BYTES = 16_384;
const MANY_STREAMS = 64;

/**
 * Turns the options into things to open, and looks into every file so that a wrong one is known before anything is sent.
 *
 * @throws StreamError `input-unreadable`, `input-mismatch`, `ffmpeg-missing`
 */
export async function prepareInputs(settings: Settings): Promise<Inputs> {
  const { source, ffmpeg, files = [] } = settings;
  if (source !== undefined) return { items: [source], seconds: undefined };
  if (ffmpeg !== undefined) {
    const command = await findFfmpeg();
    return { items: ffmpeg.map((input) => () => openFfmpeg(command, input)), seconds: undefined };
  }
  const items = files.map((file) => () => openInput(file, settings));
  return { items, seconds: files.includes("-") ? undefined : await inspect(items) };
}

async function openInput(file: string, { raw, realtime, streams }: Settings): Promise<PcmSource> {
  const chunkBytes = realtime || streams > MANY_STREAMS ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
  const bytes: ByteSource = file === "-" ? openStdin() : await openFile(file, chunkBytes);
  return raw === undefined ? readWav(bytes) : rawPcm(bytes, raw);
}

async function inspect(items: readonly OpenSource[]): Promise<number | undefined> {
  let first: PcmSource | undefined;
  let seconds: number | undefined = 0;
  for (const open of items) {
    const source = await open();
    await source.close();
    first ??= source;
    checkSameFormat(first, source);
    const { sampleFrames, sampleRate } = source;
    seconds =
      seconds === undefined || sampleFrames === undefined ? undefined : seconds + sampleFrames / sampleRate;
  }
  return seconds;
}
