import { dirname } from "node:path";
import { formatWavHeader, type PcmFormat, WAV_HEADER_BYTES } from "@audio/wav";
import type { Backlog } from "./backlog.js";
import { PartFile } from "./part-file.js";
import type { SegmentStore } from "./segment-store.js";

export interface SegmentFilesOptions {
  readonly store: SegmentStore;
  readonly format: PcmFormat;
  readonly backlog: Backlog;
  /** Stands in front of the frames of every `.bin`; empty for none. */
  readonly binPreamble: Uint8Array;
  /** Sees the audio once, in order, in whole sample frames. */
  readonly tap: (bytes: Uint8Array, start: number, end: number) => void;
  /** Called once, when the disk refuses. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  /** The sender is told what is on disk: the files are synced under every policy. */
  readonly acknowledged: boolean;
  /** Called with the path, without extension, once the segment has its name. */
  readonly onNamed: (stem: string) => void;
  /** What must be on disk before anything is written. */
  readonly announced: () => Promise<void>;
  /** What must be on disk before the files get their final names. */
  readonly settled: () => Promise<void>;
}

/** What stands on disk when a segment is finished. */
export interface FinishedFiles {
  readonly path: string;
  readonly bytes: number;
  readonly bin: { readonly path: string; readonly bytes: number } | undefined;
}

const NOTHING = new Uint8Array(0);

/** The files of one segment: `NAME.wav.part`, and `NAME.bin.part` once it holds a frame. */
export class SegmentFiles {
  readonly wav: PartFile;
  readonly #options: SegmentFilesOptions;
  readonly #fds: number[] = [];
  #bin: PartFile | undefined;
  #stem: string | undefined;
  #tried: string | undefined;
  #isAttached = false;
  #failure: Error | undefined;
  #openings: Promise<void> = Promise.resolve();
  #drained: () => void = () => undefined;
  /** Resolves when the operating system has taken everything, or will take nothing more. */
  readonly drained = new Promise<void>((resolve) => {
    this.#drained = resolve;
  });

  constructor(options: SegmentFilesOptions) {
    this.#options = options;
    const { store, format, backlog } = options;
    this.wav = new PartFile({
      fs: store.fs,
      pool: store.wavBlocks,
      backlog,
      unitBytes: (format.channels * format.bitsPerSample) / 8,
      header: { bytes: WAV_HEADER_BYTES, make: (dataBytes) => formatWavHeader(format, dataBytes) },
      tap: options.tap,
      onError: (error) => this.#fail(error),
      syncEveryFlush: store.syncPolicy === "interval",
    });
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Bytes in the `.bin`, what stands in front of its frames included. */
  get binBytes(): number {
    return this.#bin?.dataBytes ?? this.#options.binPreamble.length;
  }

  /** The name that was last tried, an absolute path without extension; it is nobody else's, also when that failed. */
  get tried(): string | undefined {
    return this.#tried;
  }

  /** Path of the finished WAV; undefined while the name is being found. */
  get path(): string | undefined {
    return this.#stem === undefined ? undefined : `${this.#stem}.wav`;
  }

  /** Takes a free name like `name` (below the data directory, without extension) and begins to write. */
  open(name: string): void {
    this.#openings = this.#openings.then(async () => {
      const claimed = await this.#options.store.names.claim(name, (stem) => {
        this.#tried = stem;
      });
      this.#stem = claimed.stem;
      this.#fds.push(claimed.fd);
      this.#options.onNamed(claimed.stem);
      await this.#options.announced();
      this.wav.attach(claimed.fd);
      this.#isAttached = true;
      if (this.#bin !== undefined) await this.#openBin(this.#bin, claimed.stem);
    });
    this.#openings.catch((error: Error) => this.#fail(error));
  }

  /** Appends a frame as it was received to the `.bin`. */
  frame(bytes: Uint8Array, start: number, end: number): void {
    if (this.#failure !== undefined) return;
    this.#bin ??= this.#startBin();
    this.#bin.append(bytes, start, end);
  }

  flush(): void {
    this.wav.flush();
    this.#bin?.flush();
  }

  /** Brings to the disk what the files have taken so far; resolves with false when they cannot. */
  async sync(): Promise<boolean> {
    await this.#openings.catch((error: Error) => this.#fail(error));
    await Promise.all([this.wav.sync(), this.#bin?.sync()]);
    if (this.#failure !== undefined || this.#stem === undefined) return false;
    await this.#options.store.directories.sync(dirname(this.#stem));
    return true;
  }

  /**
   * Writes what is left and `metadata` behind the audio, syncs, renames.
   * @throws the error that `onError` was told
   */
  async finish(metadata: Uint8Array): Promise<FinishedFiles> {
    await this.#openings.catch((error: Error) => this.#fail(error));
    const header = formatWavHeader(this.#options.format, this.wav.dataBytes, metadata.length);
    await Promise.all([this.wav.finish(metadata, header), this.#bin?.finish(NOTHING, NOTHING)]);
    this.#drained();
    await this.#options.settled().catch((error: Error) => this.#fail(error));
    await this.#options.store.completions.run(() => this.#complete());
    const bin =
      this.#bin === undefined ? undefined : { path: `${this.#stem}.bin`, bytes: this.#bin.dataBytes };
    return { path: `${this.#stem}.wav`, bytes: header.length + this.wav.dataBytes + metadata.length, bin };
  }

  get #synced(): boolean {
    return this.#options.acknowledged || this.#options.store.syncPolicy !== "never";
  }

  #startBin(): PartFile {
    const { store, backlog } = this.#options;
    const bin = new PartFile({
      fs: store.fs,
      pool: store.binBlocks,
      backlog,
      unitBytes: 1,
      onError: (error) => this.#fail(error),
      syncEveryFlush: store.syncPolicy === "interval",
    });
    bin.append(this.#options.binPreamble, 0, this.#options.binPreamble.length);
    const stem = this.#stem;
    // Before, `open` is waiting yet, and opens it by itself.
    if (stem !== undefined && this.#isAttached) {
      this.#openings = this.#openings.then(() => this.#openBin(bin, stem));
      this.#openings.catch((error: Error) => this.#fail(error));
    }
    return bin;
  }

  async #openBin(bin: PartFile, stem: string): Promise<void> {
    const { promised, directories, syncPolicy } = this.#options.store;
    const fd = await promised.open(`${stem}.bin.part`, "wx");
    this.#fds.push(fd);
    if (syncPolicy === "interval") await directories.sync(dirname(stem));
    bin.attach(fd);
  }

  async #complete(): Promise<void> {
    await this.#closeAll();
    if (this.#failure !== undefined) throw this.#failure;
    await this.#publish(this.#stem as string);
  }

  async #closeAll(): Promise<void> {
    const { promised } = this.#options.store;
    const sync = this.#synced && this.#failure === undefined;
    await Promise.all(
      this.#fds.splice(0).map(async (fd) => {
        if (sync) await promised.fsync(fd).catch((error: Error) => this.#fail(error));
        await promised.close(fd).catch((error: Error) => this.#fail(error));
      }),
    );
  }

  async #publish(stem: string): Promise<void> {
    const { promised, directories } = this.#options.store;
    try {
      if (this.#bin !== undefined) await promised.rename(`${stem}.bin.part`, `${stem}.bin`);
      await promised.rename(`${stem}.wav.part`, `${stem}.wav`);
      if (this.#synced) await directories.sync(dirname(stem));
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.wav.abandon();
    this.#bin?.abandon();
    this.#options.onError(error);
  }
}
