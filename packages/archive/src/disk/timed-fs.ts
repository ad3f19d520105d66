import { Durations } from "./durations.js";
import type { FileSystem } from "./file-system.js";

/** How the disk does, over all recordings. */
export interface DiskTimings {
  /** One write each, of about a second of a stream. */
  readonly writes: Durations;
  /** One file or folder brought to the disk each. */
  readonly syncs: Durations;
  /** One commit of the journal each, write and sync: what acknowledged senders wait for. */
  readonly commits: Durations;
  /** Bytes that the operating system has taken. */
  readonly writtenBytes: number;
}

/** The same file system, watched: what it costs is a closure for each write of many frames. */
export function timed(fs: FileSystem): { readonly fs: FileSystem; readonly timings: DiskTimings } {
  const timings = {
    writes: new Durations(),
    syncs: new Durations(),
    commits: new Durations(),
    writtenBytes: 0,
  };
  const counted = (done: WriteDone): WriteDone => {
    const begunMs = performance.now();
    return (error, bytes) => {
      timings.writes.add(performance.now() - begunMs);
      if (error === null) timings.writtenBytes += bytes;
      done(error, bytes);
    };
  };
  const write = (fd: number, bytes: Uint8Array, from: number, length: number, at: number, done: WriteDone) =>
    fs.write(fd, bytes, from, length, at, counted(done));
  const writev = (fd: number, buffers: Uint8Array[], at: number, done: WriteDone) =>
    fs.writev(fd, buffers, at, counted(done));
  const fsync = (fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    const begunMs = performance.now();
    fs.fsync(fd, (error) => {
      timings.syncs.add(performance.now() - begunMs);
      done(error);
    });
  };
  return {
    fs: { ...fs, ...({ write, writev, fsync } as Pick<FileSystem, "write" | "writev" | "fsync">) },
    timings,
  };
}

type WriteDone = (error: NodeJS.ErrnoException | null, bytes: number) => void;
