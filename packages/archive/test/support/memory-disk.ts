import type { FileSystem } from "../../src/disk/file-system.js";

/** How the disk answers one call: all of it, only some bytes of a write, or an error. */
export type Answer = "done" | { readonly written: number } | { readonly code: string };

interface Call {
  readonly kind: "write" | "fsync";
  readonly bytes: number;
  readonly perform: (answer: Answer) => void;
}

type Done = (error: NodeJS.ErrnoException | null, written?: number) => void;

/** A disk with one file, on which calls wait until the test answers them. */
export class MemoryDisk {
  readonly fs: FileSystem;
  /** What the file holds; holes are zeros. */
  content = new Uint8Array(0);
  /** Looks at the file after every change. */
  onChange: () => void = () => undefined;
  readonly #calls: Call[] = [];

  constructor() {
    const calls = {
      write: (_fd: number, bytes: Uint8Array, offset: number, length: number, position: number, done: Done) =>
        this.#write([bytes.subarray(offset, offset + length)], position, done),
      writev: (_fd: number, buffers: Uint8Array[], position: number, done: Done) =>
        this.#write(buffers, position, done),
      fsync: (_fd: number, done: Done) => {
        this.#calls.push({ kind: "fsync", bytes: 0, perform: (answer) => done(errorOf(answer)) });
      },
    };
    this.fs = calls as unknown as FileSystem;
  }

  /** Calls that wait for an answer. */
  get waiting(): readonly Pick<Call, "kind" | "bytes">[] {
    return this.#calls;
  }

  /** Answers the oldest call; false if there is none. */
  answer(answer: Answer = "done"): boolean {
    const call = this.#calls.shift();
    call?.perform(answer);
    return call !== undefined;
  }

  /** Answers all calls, and those that follow from them. */
  answerAll(answer: Answer = "done"): void {
    while (this.answer(answer));
  }

  #write(buffers: readonly Uint8Array[], position: number, done: Done): void {
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const perform = (answer: Answer) => {
      const error = errorOf(answer);
      if (error !== null) return done(error);
      const written =
        typeof answer === "object" && "written" in answer ? Math.min(answer.written, bytes) : bytes;
      this.#store(Buffer.concat(buffers).subarray(0, written), position);
      done(null, written);
    };
    this.#calls.push({ kind: "write", bytes, perform });
  }

  #store(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.content.length) {
      const longer = new Uint8Array(end);
      longer.set(this.content);
      this.content = longer;
    }
    this.content.set(bytes, position);
    this.onChange();
  }
}

function errorOf(answer: Answer): NodeJS.ErrnoException | null {
  if (typeof answer === "string" || !("code" in answer)) return null;
  return Object.assign(new Error(`${answer.code}: no luck`), { code: answer.code });
}
