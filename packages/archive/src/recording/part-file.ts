import type { FileSystem } from "../disk/file-system.js";
import type { Backlog } from "./backlog.js";
import type { Block, BlockPool } from "./block-pool.js";
import { copyBytes } from "./copy-bytes.js";

/** What a growing file needs from its surroundings. */
export interface PartFileOptions {
  readonly fs: FileSystem;
  readonly pool: BlockPool;
  readonly backlog: Backlog;
  /** Blocks hold whole multiples of this many bytes (a sample frame), so every write ends on one. */
  readonly unitBytes: number;
  /** Bytes in front of the data, and how to make them for a given length of data. */
  readonly header?: { readonly bytes: number; make(dataBytes: number): Uint8Array };
  /** Sees all data once, in order, in whole units, just before it goes to the disk. */
  readonly tap?: (bytes: Uint8Array, start: number, end: number) => void;
  /** Called once, when the disk refuses; the file then takes nothing more. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  /** Every flush ends with an fsync. */
  readonly syncEveryFlush: boolean;
}

interface PendingWrite {
  readonly bytes: Uint8Array;
  readonly position: number;
  /** Goes back to the pool when written. */
  readonly block: Block | undefined;
}

// Linux takes 1024 buffers a writev; a stream's backlog never holds so many.
const WRITES_AT_ONCE = 16;
// Each write wakes a thread, which costs as much as copying a block. Fewer bytes than a stream may always hold, so
// that a congested one still comes to its write; what does not fill up goes with the next flush.
const GATHERED_BLOCKS = 3;

/**
 * One file being written: appended bytes gather in a block, blocks go to the disk one write at a time, and the
 * header follows when `flush` asks for it, always behind the data that it counts.
 */
export class PartFile {
  readonly #options: PartFileOptions;
  readonly #headerBytes: number;
  readonly #blockBytes: number;
  readonly #queue: PendingWrite[] = [];
  #fd: number | undefined;
  #block: Block | undefined;
  #filled = 0;
  #dataBytes = 0;
  #writtenBytes = 0;
  #claimedBytes = 0;
  #endsInHole = false;
  #headerDue = false;
  #hasFinalHeader = false;
  #syncDue = false;
  #busy = false;
  #failed = false;
  #onIdle: (() => void)[] = [];

  constructor(options: PartFileOptions) {
    this.#options = options;
    this.#headerBytes = options.header?.bytes ?? 0;
    this.#blockBytes = options.pool.blockBytes - (options.pool.blockBytes % options.unitBytes);
    if (options.header !== undefined) this.#enqueueAt(options.header.make(0), 0);
  }

  /** Bytes of data appended so far, header not counted. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Bytes of data that the operating system has taken. */
  get writtenBytes(): number {
    return Math.min(this.#writtenBytes, this.#dataBytes);
  }

  /** Gives the file its descriptor; writing begins. */
  attach(fd: number): void {
    this.#fd = fd;
    this.#pump();
  }

  /** Copies bytes[start, end), whole units, behind what is there. */
  append(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end && !this.#failed; ) {
      this.#block ??= this.#options.pool.take();
      const step = Math.min(end - at, this.#blockBytes - this.#filled);
      copyBytes(bytes, at, at + step, this.#block, this.#filled);
      this.commit(step);
      at += step;
    }
  }

  /**
   * Where `bytes` more may be written by the caller itself, in `reserved`, before `commit`: an offset, or −1 when
   * the block has no such room (then `append`).
   */
  reserve(bytes: number): number {
    if (this.#failed) return -1;
    this.#block ??= this.#options.pool.take();
    return this.#filled + bytes <= this.#blockBytes ? this.#filled : -1;
  }

  /** The block that `reserve` gave an offset of. */
  get reserved(): Block {
    return this.#block as Block;
  }

  /** Takes `bytes`, whole units, that were written at the reserved offset. */
  commit(bytes: number): void {
    this.#filled += bytes;
    this.#dataBytes += bytes;
    this.#endsInHole = false;
    this.#options.backlog.add(bytes);
    if (this.#filled === this.#blockBytes) this.#seal();
  }

  /** Leaves `bytes` zeros: a hole in the file, so a long silence costs neither memory nor disk. */
  skip(bytes: number): void {
    if (this.#failed) return;
    this.#seal();
    this.#dataBytes += bytes;
    this.#endsInHole = bytes > 0;
  }

  /** Sends what has gathered to the disk, and the header behind it. */
  flush(): void {
    this.#seal();
    if (this.writtenBytes === this.#dataBytes && this.#claimedBytes === this.#dataBytes) return;
    this.#headerDue = this.#headerBytes > 0 && !this.#hasFinalHeader;
    this.#syncDue ||= this.#options.syncEveryFlush; // one that `sync` waits for stays due
    this.#pump();
  }

  /** Like `flush`, and forces it to the disk; resolves when it is there or the file has failed. */
  sync(): Promise<void> {
    this.flush();
    this.#syncDue = true;
    return this.#drained();
  }

  /**
   * Writes the rest, then `header` over the first one, then `trailer` behind the data: in this order a crash in
   * between leaves no trailer that could be taken for data. Resolves when the operating
   * system has taken it all or the file has failed (`onError` says so).
   */
  finish(trailer: Uint8Array, header: Uint8Array): Promise<void> {
    this.#seal();
    this.#headerDue = false;
    this.#hasFinalHeader = true; // another one would count the trailer as data
    if (!this.#failed) {
      const end = this.#headerBytes + this.#dataBytes;
      if (this.#endsInHole) this.#enqueueAt(new Uint8Array(1), end - 1);
      if (header.length > 0) this.#enqueueAt(header, 0);
      if (trailer.length > 0) this.#enqueueAt(trailer, end);
    }
    return this.#drained();
  }

  /** Ends the file as it is: nothing more is written, memory is given back. */
  abandon(): void {
    this.#failed = true;
    for (const write of this.#queue.splice(0)) this.#release(write);
    if (this.#block !== undefined) {
      this.#release({ bytes: this.#block.bytes.subarray(0, this.#filled), position: 0, block: this.#block });
      this.#block = undefined;
      this.#filled = 0;
    }
    this.#pump();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.#pump();
    });
  }

  #seal(): void {
    const block = this.#block;
    if (block === undefined) return;
    const bytes = block.bytes.subarray(0, this.#filled);
    this.#options.tap?.(bytes, 0, bytes.length);
    this.#queue.push({ bytes, block, position: this.#headerBytes + this.#dataBytes - this.#filled });
    this.#block = undefined;
    this.#filled = 0;
    if (this.#queue.length >= GATHERED_BLOCKS) this.#pump();
  }

  #enqueueAt(bytes: Uint8Array, position: number): void {
    this.#options.backlog.add(bytes.length);
    this.#queue.push({ bytes, position, block: undefined });
  }

  #pump(): void {
    if (this.#busy) return;
    if (this.#failed) return this.#notifyIdle();
    if (this.#fd === undefined) return;
    if (this.#queue.length > 0) this.#writeData(this.#fd);
    else if (this.#headerDue) this.#enqueueHeader();
    else if (this.#syncDue) this.#sync(this.#fd);
    else this.#notifyIdle();
  }

  #notifyIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #writeData(fd: number): void {
    const writes = this.#takeContiguous();
    const { position } = writes[0];
    this.#busy = true;
    const done = (error: NodeJS.ErrnoException | null, written: number) => {
      this.#busy = false;
      if (error === null)
        this.#writtenBytes = Math.max(this.#writtenBytes, position + written - this.#headerBytes);
      if (error === null && !this.#failed) this.#completed(writes, written);
      else this.#fail(error, writes);
    };
    if (writes.length === 1)
      this.#options.fs.write(fd, writes[0].bytes, 0, writes[0].bytes.length, position, done);
    else
      this.#options.fs.writev(
        fd,
        writes.map((write) => write.bytes),
        position,
        done,
      );
  }

  #takeContiguous(): PendingWrite[] {
    const queue = this.#queue;
    let count = 1;
    while (count < queue.length && count < WRITES_AT_ONCE) {
      const before = queue[count - 1];
      if (queue[count].position !== before.position + before.bytes.length) break;
      count++;
    }
    return queue.splice(0, count);
  }

  #completed(writes: PendingWrite[], written: number): void {
    let left = written;
    for (const [i, write] of writes.entries()) {
      if (left < write.bytes.length) {
        this.#requeue(writes.slice(i), left);
        break;
      }
      left -= write.bytes.length;
      this.#release(write);
    }
    this.#pump();
  }

  // A short write (the disk filled up in the middle): the rest is tried again, and fails with the reason.
  #requeue(writes: PendingWrite[], taken: number): void {
    const [first, ...others] = writes;
    const rest = { bytes: first.bytes.subarray(taken), position: first.position + taken, block: first.block };
    this.#options.backlog.remove(taken);
    this.#queue.unshift(rest, ...others);
  }

  #enqueueHeader(): void {
    this.#headerDue = false;
    const { header } = this.#options;
    const claimed = this.#writtenBytes; // whole units: nothing is left of a short write when the queue is empty
    if (header !== undefined && claimed !== this.#claimedBytes) this.#enqueueAt(header.make(claimed), 0);
    this.#claimedBytes = claimed;
    this.#pump();
  }

  #sync(fd: number): void {
    this.#syncDue = false;
    this.#busy = true;
    this.#options.fs.fsync(fd, (error) => {
      this.#busy = false;
      if (error !== null) return this.#fail(error, []);
      this.#pump();
    });
  }

  // Also what a write answers that was on its way when the file was abandoned.
  #fail(error: NodeJS.ErrnoException | null, writes: PendingWrite[]): void {
    for (const write of writes) this.#release(write);
    const isFirst = !this.#failed;
    this.abandon();
    if (isFirst && error !== null) this.#options.onError(error);
  }

  #release(write: PendingWrite): void {
    if (write.block !== undefined) this.#options.pool.give(write.block);
    this.#options.backlog.remove(write.bytes.length);
  }
}
