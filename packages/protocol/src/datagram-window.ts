import { datagramSequence, datagramTimestampMs, startsStream } from "./datagram.js";

/** Datagrams that may be under way at once: 1.28 s of the usual 20 ms, 200 ms of 3 ms. A power of two. */
export const DATAGRAM_WINDOW = 64;
/** How long one that is missing is waited for: Wi-Fi retries for some 100 ms, wired networks reorder within 1 ms. */
export const DATAGRAM_WINDOW_MS = 200;

const MASK = DATAGRAM_WINDOW - 1;
// What one stream may hold: 64 datagrams of 4 KiB. Usual ones are of 652 bytes.
const MAX_HELD_BYTES = 256 * 1024;
// A device whose uptime is the same again has been reset, and does not send again as soon as this.
const SAME_START_MS = 1000;
// So many old numbers in a row, and nothing else between them, are a sender that began anew and whose start got lost.
const RESTART_RUN = 32;

/**
 * What became of a datagram: `taken` = handed over, now or later; `repeated` = it was there already, or comes too
 * late; `restart` = it does not belong to this stream, its sender began anew.
 */
export type DatagramFate = "taken" | "repeated" | "restart";

/** Takes a datagram in its turn; `lost` = how many are missing just before it. */
export type OnDatagram = (bytes: Uint8Array, lost: number) => void;

/**
 * Puts one stream's datagrams in order: waits a little for those that are missing, drops those that come twice.
 * Sans-IO; the caller tells the time in milliseconds of a clock that never steps. What waits is kept by reference,
 * at most 256 KiB and one datagram.
 */
export class DatagramWindow {
  readonly #onDatagram: OnDatagram;
  #before: { readonly expected: number; readonly untilMs: number } | undefined;
  #slots: (Uint8Array | undefined)[] = [];
  #arrivals: number[] = [];
  #held = 0;
  #heldBytes = 0;
  #oldestMs = 0;
  // "first": nothing came. "joining": no start came, but it may still: all is held. "running": numbers count from #base.
  #state: "first" | "joining" | "running" = "first";
  #expected = 0;
  #highest = 0;
  #base = 0;
  #baseMark = 0;
  #baseTimestampMs = 0;
  #sinceMs = 0;
  #lost = 0;
  #oldRun = { next: -1, length: 0 };

  /**
   * @param onDatagram called during `push`, `expire` and `flush`
   * @param before what came from the same sender until `nowMs`: its stragglers do not belong to this stream
   */
  constructor(onDatagram: OnDatagram, before?: DatagramWindow, nowMs = 0) {
    this.#onDatagram = onDatagram;
    if (before !== undefined) {
      this.#before = { expected: before.expected, untilMs: nowMs + DATAGRAM_WINDOW_MS };
    }
  }

  /** Datagrams that wait for an earlier one. */
  get held(): number {
    return this.#held;
  }

  /** Number of the datagram that is next in line. */
  get expected(): number {
    return this.#expected;
  }

  /**
   * Takes a valid datagram, whose bytes must stay as they are.
   * @param maxGap how far behind or ahead a number may be before it is a new start, at least `DATAGRAM_WINDOW`
   */
  push(bytes: Uint8Array, nowMs: number, maxGap: number): DatagramFate {
    const sequence = datagramSequence(bytes);
    if (this.#state !== "running") {
      const fate = this.#join(bytes, sequence, nowMs);
      if (fate !== undefined) return fate;
    }
    const distance = (sequence - this.#expected) | 0;
    if (distance === 0 && this.#before === undefined && !startsStream(bytes)) {
      this.#hand(bytes);
      if (this.#held > 0) this.#release();
      return "taken";
    }
    return this.#outOfOrder(bytes, sequence, distance, nowMs, maxGap);
  }

  /** Gives up what has been waited for long enough; to be called every 50 ms or so while something is held. */
  expire(nowMs: number): void {
    while (this.#held > 0 && nowMs - this.#oldestMs >= DATAGRAM_WINDOW_MS) this.#giveUp();
  }

  /** Hands over all that is held: nothing more is waited for. */
  flush(): void {
    while (this.#held > 0) this.#giveUp();
  }

  // Until the first number is certain; undefined = it is now, and the datagram is an ordinary one.
  #join(bytes: Uint8Array, sequence: number, nowMs: number): DatagramFate | undefined {
    if (this.#state === "first") {
      this.#sinceMs = nowMs;
      this.#expected = sequence;
      this.#highest = sequence;
      this.#state = "joining";
    }
    const distance = (sequence - this.#expected) | 0;
    const starts = startsStream(bytes) || (sequence === 0 && distance <= 0);
    const reach = (this.#highest - sequence) | 0;
    const fits = Math.abs(distance) < DATAGRAM_WINDOW && reach < DATAGRAM_WINDOW;
    if (starts && !(fits && distance <= 0)) return "restart";
    if (!fits) {
      if (this.#isStraggler(bytes, sequence, distance, nowMs)) return "repeated";
      this.#run();
      return undefined;
    }
    if (distance < 0) this.#expected = sequence;
    if (reach < 0) this.#highest = sequence;
    const fate = this.#hold(bytes, sequence, nowMs);
    if (starts && this.#state === "joining") this.#run();
    return fate;
  }

  // From here on the lowest number that is held is the stream's first.
  #run(): void {
    this.#state = "running";
    this.#base = this.#expected;
    const first = this.#slots[this.#base & MASK] as Uint8Array;
    this.#baseMark = checksum(first);
    this.#baseTimestampMs = datagramTimestampMs(first);
    this.#release();
  }

  #outOfOrder(
    bytes: Uint8Array,
    sequence: number,
    distance: number,
    nowMs: number,
    maxGap: number,
  ): DatagramFate {
    if (this.#isStart(bytes, sequence, distance)) {
      return this.#isKnownStart(bytes, sequence, nowMs) ? "repeated" : "restart";
    }
    if (this.#isStraggler(bytes, sequence, distance, nowMs)) return "repeated";
    if (Math.abs(distance) > maxGap) return "restart";
    if (distance < 0) return this.#old(sequence, distance);
    this.#makeRoom(sequence);
    if (sequence === this.#expected) {
      this.#hand(bytes);
      this.#release();
      return "taken";
    }
    return this.#hold(bytes, sequence, nowMs);
  }

  // A number 0 that is behind starts anew, unless the stream has come past it by wrapping.
  #isStart(bytes: Uint8Array, sequence: number, distance: number): boolean {
    if (startsStream(bytes)) return true;
    return sequence === 0 && distance < 0 && ((0 - this.#base) | 0) <= 0;
  }

  // The start of this very stream, sent twice by the network or overtaken by what follows it.
  #isKnownStart(bytes: Uint8Array, sequence: number, nowMs: number): boolean {
    const ahead = (this.#base - sequence) | 0;
    if (ahead < 0 || ahead >= DATAGRAM_WINDOW || nowMs - this.#sinceMs > SAME_START_MS) return false;
    if (ahead === 0) return checksum(bytes) === this.#baseMark;
    return !isLater(datagramTimestampMs(bytes), this.#baseTimestampMs);
  }

  // For a moment after a restart, what was under way to the stream before still arrives.
  #isStraggler(bytes: Uint8Array, sequence: number, distance: number, nowMs: number): boolean {
    const before = this.#before;
    if (before === undefined) return false;
    if (nowMs > before.untilMs) {
      this.#before = undefined;
      return false;
    }
    if (Math.abs((sequence - before.expected) | 0) >= DATAGRAM_WINDOW) return false;
    if (distance < 0 || distance >= DATAGRAM_WINDOW) return true;
    return isLater(this.#baseTimestampMs, datagramTimestampMs(bytes));
  }

  #old(sequence: number, distance: number): DatagramFate {
    const run = this.#oldRun;
    run.length = sequence === run.next && distance <= -DATAGRAM_WINDOW ? run.length + 1 : 1;
    run.next = (sequence + 1) >>> 0;
    return run.length < RESTART_RUN ? "repeated" : "restart";
  }

  // Moves on until `sequence` lies inside the window.
  #makeRoom(sequence: number): void {
    const last = (sequence - MASK) >>> 0;
    while (this.#held > 0 && ((last - this.#expected) | 0) > 0) this.#giveUp();
    const skipped = (last - this.#expected) | 0;
    if (skipped <= 0) return;
    this.#lost += skipped;
    this.#expected = last;
  }

  #hold(bytes: Uint8Array, sequence: number, nowMs: number): DatagramFate {
    const slot = sequence & MASK;
    if (this.#slots[slot] !== undefined) return "repeated";
    if (this.#held === 0) this.#oldestMs = nowMs;
    this.#slots[slot] = bytes;
    this.#arrivals[slot] = nowMs;
    this.#held++;
    this.#heldBytes += bytes.length;
    while (this.#heldBytes > MAX_HELD_BYTES) this.#giveUp();
    return "taken";
  }

  // Counts what is missing before the first one held as lost, and goes on with that one.
  #giveUp(): void {
    if (this.#state === "joining") return this.#run();
    let missing = 0;
    while (this.#slots[(this.#expected + missing) & MASK] === undefined) missing++;
    this.#lost += missing;
    this.#expected = (this.#expected + missing) >>> 0;
    this.#release();
  }

  #release(): void {
    while (this.#held > 0) {
      const slot = this.#expected & MASK;
      const bytes = this.#slots[slot];
      if (bytes === undefined) return this.#findOldest();
      this.#slots[slot] = undefined;
      this.#held--;
      this.#heldBytes -= bytes.length;
      this.#hand(bytes);
    }
  }

  #findOldest(): void {
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < DATAGRAM_WINDOW; slot++) {
      if (this.#slots[slot] !== undefined) this.#oldestMs = Math.min(this.#oldestMs, this.#arrivals[slot]);
    }
  }

  #hand(bytes: Uint8Array): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.#expected = (this.#expected + 1) >>> 0;
    this.#oldRun.length = 0;
    this.#onDatagram(bytes, lost);
  }
}

/** Whether `a` lies after `b`, both milliseconds that wrap at 2³². */
function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

// FNV-1a, 32 bits: tells a datagram from its successor at the same number without keeping it.
function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i], 0x01000193);
  return sum;
}
