import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { formatWavHeader, type PcmFormat, WAV_HEADER_BYTES } from "@audio/wav";
import { writeFully } from "../disk/write-fully.js";
import { exists } from "../recording/finished-names.js";
import { cutFramesFrom } from "../recovery/bin-prefix.js";
import type { SegmentImage, SessionImage, Unfinished } from "./image.js";
import type { Run } from "./records.js";

/** What became of an unfinished segment. */
export interface Redone extends Unfinished {
  /** Absolute path without extension; undefined: it could not even be given a name. */
  readonly stem: string | undefined;
  /** Why the disk did not let it be rewritten. */
  readonly error: Error | undefined;
}

export interface SegmentRewriteOptions {
  readonly session: SessionImage;
  readonly segment: SegmentImage;
  /** Absolute path without extension. */
  readonly stem: string;
  /** Sample frame of the session behind the segment's last. */
  readonly endIndex: number;
}

/** The `.part` files of one segment, being written again from the journal. */
export class SegmentRewrite {
  readonly session: SessionImage;
  readonly #options: SegmentRewriteOptions;
  readonly #format: PcmFormat;
  readonly #frameBytes: number;
  #wav: FileHandle | undefined;
  #bin: FileHandle | undefined;
  #error: Error | undefined;

  constructor(options: SegmentRewriteOptions) {
    const { sampleRate, channels } = options.session.note.format;
    this.session = options.session;
    this.#options = options;
    this.#format = { sampleRate, channels, bitsPerSample: 16 };
    this.#frameBytes = channels * 2;
  }

  /** Whether some of the run belongs here: its audio, or its frames. */
  wants({ index, endIndex, segment }: Run): boolean {
    const { plan } = this.#options.segment;
    return plan.segment === segment || (endIndex > plan.startIndex && index < this.#options.endIndex);
  }

  /** Writes what of the run belongs here; after an error nothing more. */
  write(run: Run, samples: Uint8Array): Promise<void> {
    return this.#attempt(async () => {
      await this.#writeAudio(run, samples);
      await this.#writeFrames(run);
    });
  }

  /** Gives both files their length, and the WAV its header; syncs. */
  async finish(): Promise<Redone> {
    const { session, segment, stem } = this.#options;
    await this.#attempt(() => this.#finishWav());
    await this.#attempt(() => this.#finishBin());
    return { session, segment, stem, error: this.#error };
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.#error !== undefined) return;
    try {
      await work();
    } catch (error) {
      this.#error = error as Error;
      await this.#wav?.close();
      await this.#bin?.close();
    }
  }

  async #writeAudio({ index }: Run, samples: Uint8Array): Promise<void> {
    const { startIndex } = this.#options.segment.plan;
    const first = Math.max(index, startIndex);
    const last = Math.min(index + samples.length / this.#frameBytes, this.#options.endIndex);
    if (last <= first) return;
    const part = samples.subarray((first - index) * this.#frameBytes, (last - index) * this.#frameBytes);
    const wav = await this.#openWav();
    await writeFully(wav, part, WAV_HEADER_BYTES + (first - startIndex) * this.#frameBytes);
  }

  async #writeFrames({ segment, binAt, frames }: Run): Promise<void> {
    if (binAt < 0 || segment !== this.#options.segment.plan.segment) return;
    const bin = await this.#openBin();
    if (bin !== undefined) await writeFully(bin, frames, binAt);
  }

  async #finishWav(): Promise<void> {
    const { segment, endIndex } = this.#options;
    const dataBytes = (endIndex - segment.plan.startIndex) * this.#frameBytes;
    const wav = await this.#openWav();
    await wav.truncate(WAV_HEADER_BYTES + dataBytes);
    await writeFully(wav, formatWavHeader(this.#format, dataBytes), 0);
    await wav.sync();
    await wav.close();
  }

  // Frames behind the last committed one come again, and must not stand there twice.
  async #finishBin(): Promise<void> {
    const bin = this.#bin ?? (await openIfThere(`${this.#options.stem}.bin.part`));
    if (bin === undefined) return;
    await cutFramesFrom(bin, this.session.note.nextSeq);
    await bin.sync();
    await bin.close();
  }

  async #openWav(): Promise<FileHandle> {
    this.#wav ??= await openOrCreate(`${this.#options.stem}.wav.part`);
    return this.#wav;
  }

  // The .bin gets its name before the WAV: where it has it already, it is whole.
  async #openBin(): Promise<FileHandle | undefined> {
    const { stem } = this.#options;
    if (this.#bin !== undefined || (await exists(`${stem}.bin`))) return this.#bin;
    this.#bin = await openOrCreate(`${stem}.bin.part`);
    const { binPreamble } = this.#options.segment.plan;
    if (binPreamble !== undefined) {
      await writeFully(this.#bin, Buffer.from(binPreamble, "base64"), 0);
    }
    return this.#bin;
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  const there = await openIfThere(path);
  if (there !== undefined) return there;
  await mkdir(dirname(path), { recursive: true });
  return open(path, "w+");
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
