import { formatWavHeader, type PcmFormat, WAV_HEADER_BYTES } from "@audio/wav";
import { expect } from "vitest";
import { Backlog, SharedBacklog } from "../../src/recording/backlog.js";
import { BlockPool } from "../../src/recording/block-pool.js";
import { PartFile } from "../../src/recording/part-file.js";
import { MemoryDisk } from "./memory-disk.js";

export const BLOCK_BYTES = 64;
export const FORMAT: PcmFormat = { sampleRate: 16_000, channels: 3, bitsPerSample: 16 };
export const UNIT = 6;

/** One file on a disk that the test drives, and what should be in it. */
export class Scene {
  readonly disk = new MemoryDisk();
  readonly shared = new SharedBacklog(1_000_000);
  readonly backlog = new Backlog(1_000_000, this.shared, () => undefined);
  readonly pool = new BlockPool(BLOCK_BYTES, 8);
  readonly expected: number[] = [];
  readonly tapped: number[] = [];
  readonly appended: number[] = [];
  readonly errors: string[] = [];
  readonly file: PartFile;

  constructor(syncEveryFlush = false) {
    this.file = new PartFile({
      fs: this.disk.fs,
      pool: this.pool,
      backlog: this.backlog,
      unitBytes: UNIT,
      header: { bytes: WAV_HEADER_BYTES, make: (dataBytes) => formatWavHeader(FORMAT, dataBytes) },
      tap: (bytes, start, end) => this.tapped.push(...bytes.subarray(start, end)),
      onError: (error) => this.errors.push(error.message),
      syncEveryFlush,
    });
  }

  audio(units: number): Uint8Array {
    const bytes = Uint8Array.from({ length: units * UNIT }, (_, i) => 1 + ((this.appended.length + i) % 255));
    this.appended.push(...bytes);
    this.expected.push(...bytes);
    return bytes;
  }

  append(units: number): void {
    const bytes = this.audio(units);
    this.file.append(bytes, 0, bytes.length);
  }

  /** Writes in place where there is room, as a decoder does. */
  reserve(units: number): void {
    const at = this.file.reserve(units * UNIT);
    if (at < 0) return this.append(units);
    this.file.reserved.bytes.set(this.audio(units), at);
    this.file.commit(units * UNIT);
  }

  skip(units: number): void {
    for (let i = 0; i < units * UNIT; i++) this.expected.push(0);
    this.file.skip(units * UNIT);
  }

  /** What a player, or recovery after a crash, would find at this moment. */
  expectPlayable(): void {
    const { content } = this.disk;
    if (content.length < WAV_HEADER_BYTES) return;
    expect(this.claimedBytes).toBeLessThanOrEqual(content.length - WAV_HEADER_BYTES);
    const claimed = content.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + this.claimedBytes);
    expect(Buffer.compare(claimed, Uint8Array.from(this.expected.slice(0, claimed.length)))).toBe(0);
  }

  /** Audio that the file's header counts. */
  get claimedBytes(): number {
    return Buffer.from(this.disk.content.buffer).readUInt32LE(40);
  }

  /** Finishes; the promise is awaited after the disk has answered. */
  finish(trailer: Uint8Array): Promise<void> {
    return this.file.finish(trailer, formatWavHeader(FORMAT, this.file.dataBytes, trailer.length));
  }
}
