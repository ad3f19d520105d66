import { readFileSync } from "node:fs";
import { compileTemplate, TimeZone } from "@audio/segments";
import { parseMetadata, WAV_HEADER_BYTES } from "@audio/wav";
import { type Clock, WallClock } from "../../src/clock.js";
import { DiskWatch } from "../../src/disk/disk-watch.js";
import { type FileSystem, systemFs } from "../../src/disk/file-system.js";
import type { GapEvent, SegmentComplete, SegmentFailed, SegmentOpen, StreamInfo } from "../../src/events.js";
import { createSegmentStore, type SyncPolicy } from "../../src/recording/segment-store.js";
import { StreamRecorder } from "../../src/recording/stream-recorder.js";
import type { StreamRecorderOptions } from "../../src/recording/stream-recorder-options.js";

/** Both clocks at once, moved by the test. */
export class TestClock implements Clock {
  nowUs = 1_000_000;
  /** 2026-11-21T22:01:00Z when the monotonic clock is at 0. */
  wallAheadUs = Date.UTC(2026, 10, 21, 22, 1) * 1000;
  readonly monotonicUs = () => this.nowUs;
  readonly wallUs = () => this.nowUs + this.wallAheadUs;
}

export interface StudioOptions {
  readonly fs?: FileSystem;
  readonly syncPolicy?: SyncPolicy;
  readonly backlogBytes?: number;
}

/** A data directory in which streams are recorded, and all that is told about them. */
export class Studio {
  readonly clock = new TestClock();
  readonly opened: SegmentOpen[] = [];
  readonly completed: SegmentComplete[] = [];
  readonly failed: SegmentFailed[] = [];
  readonly gaps: GapEvent[] = [];
  /** What was told, in order: `open x.wav`, `complete x.wav`, … */
  readonly told: string[] = [];
  readonly disk: DiskWatch;
  readonly store;
  readonly #folder: string;
  readonly #wallClock = new WallClock(this.clock);
  #streams = 0;

  constructor(folder: string, { fs = systemFs, syncPolicy = "never", backlogBytes }: StudioOptions = {}) {
    this.#folder = folder;
    this.store = createSegmentStore({ dataDir: folder, fs, syncPolicy, backlogBytes });
    this.disk = new DiskWatch({
      fs,
      dataDir: folder,
      minFreeBytes: 0,
      minFreeFiles: 0,
      onChange: (trouble) => this.told.push(`disk ${trouble}`),
    });
  }

  record(stream: Partial<StreamInfo> = {}, options: Partial<StreamRecorderOptions> = {}): StreamRecorder {
    const key = ++this.#streams;
    return new StreamRecorder({
      stream: { ...MONO_16, key, ...stream },
      store: this.store,
      disk: this.disk,
      wallClock: this.#wallClock,
      zone: new TimeZone("UTC"),
      template: compileTemplate("{device}/{date}_{HH}{mm}{ss}"),
      segmentSeconds: 10,
      align: "start",
      keepFrames: false,
      binPreamble: new Uint8Array(0),
      software: "studio 1.0",
      listener: this.#listener(),
      onRelief: () => undefined,
      ...options,
    });
  }

  #listener() {
    const name = (path: string | undefined) => path?.slice(this.#folder.length + 1);
    return {
      segmentOpen: (event: SegmentOpen) => {
        this.opened.push(event);
        this.told.push(`open ${name(event.path)}`);
      },
      segmentComplete: (event: SegmentComplete) => {
        this.completed.push(event);
        this.told.push(`complete ${name(event.path)}`);
      },
      segmentFailed: (event: SegmentFailed) => {
        this.failed.push(event);
        this.told.push(`failed ${name(event.path)}: ${event.error.message}`);
      },
      gap: (event: GapEvent) => {
        this.gaps.push(event);
        this.told.push(`gap ${event.samples} ${event.cause}`);
      },
    };
  }
}

export const MONO_16: StreamInfo = {
  key: 0,
  source: "websocket",
  device: "mic",
  streamId: 7,
  peer: "192.0.2.1:4000",
  sampleRate: 1000,
  channels: 1,
  bitsPerSample: 16,
};

/** Bytes that tell where in a stream they come from, never zero. */
export function signal(fromByte: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => 1 + (((fromByte + i) * 31) % 253));
}

/** Audio and metadata of a finished WAV. */
export function readSegment(path: string) {
  const file = readFileSync(path);
  const dataBytes = file.readUInt32LE(40);
  const end = WAV_HEADER_BYTES + dataBytes;
  return {
    bytes: file.length,
    riffBytes: file.readUInt32LE(4),
    audio: file.subarray(WAV_HEADER_BYTES, end),
    metadata: parseMetadata(file.subarray(end)),
  };
}
