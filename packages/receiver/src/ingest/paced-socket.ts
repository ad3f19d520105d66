import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { MAX_NAP_TICKS, NAP_TICK_MS, type NapWheel, type Sleeper } from "./nap-wheel.js";

/** The part of a socket's handle that stops and starts the kernel's notifications. */
interface ReadHandle {
  readStart(): void;
  readStop(): void;
}

// Reads this many times faster than the stream's pace are a file being replayed or a backlog: no nap then.
const LIVE_PACE_LIMIT = 2;
// Node reads at most 64 KiB at a time: a nap that lets more than this come would fall behind a fast stream for ever.
const NAP_BYTES = 48 * 1024;
// Somebody listens: 200 ms would be a third of all that lies between a microphone and an ear.
const HEARD_NAP_TICKS = 1;
// What a sender has not sent in this time it may send at once.
const BURST_MS = 1000;

/** How a sender is read. */
export interface Pace {
  /** Reads on: the disk has caught up. */
  release(): void;
  /** Whether somebody hears it now: then it is read more often. */
  isHeard: boolean;
}

/**
 * Reads a socket no more often than is good: a live stream is left alone for up to 200 ms after every read, so that
 * the kernel gathers its frames; a congested one until the disk has caught up. A replayed file is read at full speed.
 */
export class PacedSocket implements Sleeper, Pace {
  isHeard = false;
  readonly socket: Socket;
  readonly #wheel: NapWheel;
  readonly #onChunk: (chunk: Buffer) => void;
  #bytesPerMs = 0;
  #napTicks = 0;
  readonly #maxPace: number;
  /** Until when the bytes read so far would have lasted at the fastest pace allowed. */
  #paidUntilMs = Number.NEGATIVE_INFINITY;
  #napping = false;
  #held = false;
  #ending = false;
  #lastReadMs = performance.now();
  /** TLS hands over every record by itself, a few hundred bytes maybe: one read of the kernel's is many pieces. */
  readonly #inPieces: boolean;
  #piecesBytes = 0;
  #piecesElapsedMs = 0;

  /** @param maxPace times real time at which it is read at most; 0 = no limit */
  constructor(socket: Socket, wheel: NapWheel, maxPace: number, onChunk: (chunk: Buffer) => void) {
    this.socket = socket;
    this.#wheel = wheel;
    this.#maxPace = maxPace;
    this.#onChunk = onChunk;
    this.#inPieces = socket instanceof TLSSocket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  /** Monotonic milliseconds of the last read. */
  get lastReadMs(): number {
    return this.#lastReadMs;
  }

  /** Whether we keep the peer waiting, so that its silence says nothing. */
  get held(): boolean {
    return this.#held;
  }

  /** How many bytes a second a live stream of this kind sends; until it is known, every chunk is read at once. */
  set bytesPerSecond(rate: number) {
    this.#bytesPerMs = rate / 1000;
    this.#napTicks = Math.min(MAX_NAP_TICKS, Math.floor(NAP_BYTES / (this.#bytesPerMs * NAP_TICK_MS)));
  }

  /** Reads nothing more until `release`: the disk is behind. */
  hold(): void {
    this.#held = true;
    this.#stop();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (!this.#napping) this.#start();
  }

  /** From now on nothing is put off: what the peer still has to say is read at once. */
  finishReading(): void {
    this.#ending = true;
    this.#held = false;
    this.wake();
    this.#start();
  }

  wake(): void {
    this.#napping = false;
    if (this.#mustWait(performance.now())) this.#nap(MAX_NAP_TICKS);
    else if (!this.#held) this.#start();
  }

  #read(chunk: Buffer): void {
    const now = performance.now();
    const elapsed = now - this.#lastReadMs;
    this.#lastReadMs = now;
    this.#onChunk(chunk);
    this.#pay(chunk.length, now);
    if (this.#inPieces) this.#gather(chunk.length, elapsed);
    else this.#rest(chunk.length, elapsed);
  }

  // Judged piece by piece, a replayed file would look like a live stream: 64 KiB for every nap.
  #gather(bytes: number, elapsed: number): void {
    if (this.#piecesBytes === 0) {
      this.#piecesElapsedMs = elapsed;
      setImmediate(this.#judgePieces);
    }
    this.#piecesBytes += bytes;
  }

  readonly #judgePieces = () => {
    const bytes = this.#piecesBytes;
    this.#piecesBytes = 0;
    this.#rest(bytes, this.#piecesElapsedMs);
  };

  #rest(bytes: number, elapsed: number): void {
    if (this.#ending || this.#napping || this.socket.destroyed) return;
    if (this.#mustWait(performance.now())) return this.#nap(MAX_NAP_TICKS);
    if (this.#napTicks === 0) return;
    if (bytes > Math.min(NAP_BYTES, LIVE_PACE_LIMIT * this.#bytesPerMs * elapsed)) return;
    this.#nap(this.isHeard ? HEARD_NAP_TICKS : this.#napTicks);
  }

  #pay(bytes: number, nowMs: number): void {
    if (this.#maxPace === 0 || this.#bytesPerMs === 0) return;
    const since = Math.max(this.#paidUntilMs, nowMs - BURST_MS);
    this.#paidUntilMs = since + bytes / (this.#bytesPerMs * this.#maxPace);
  }

  #mustWait(nowMs: number): boolean {
    return !this.#ending && this.#paidUntilMs > nowMs;
  }

  #nap(ticks: number): void {
    this.#napping = true;
    this.#stop();
    this.#wheel.nap(this, ticks);
  }

  #stop(): void {
    const handle = readHandle(this.socket);
    if (handle === undefined) this.socket.pause();
    else handle.readStop();
  }

  #start(): void {
    if (this.socket.destroyed) return;
    const handle = readHandle(this.socket);
    if (handle === undefined) this.socket.resume();
    else handle.readStart();
  }
}

// socket.pause() lets Node read one more chunk into its own buffer, so every nap would still cost a wake per frame
// up to the high-water mark. Where the handle is not what we know, pausing works all the same.
function readHandle(socket: Socket): ReadHandle | undefined {
  const { _handle: handle } = socket as Socket & { _handle?: Partial<ReadHandle> | null };
  if (typeof handle?.readStart !== "function" || typeof handle.readStop !== "function") return undefined;
  return handle as ReadHandle;
}
