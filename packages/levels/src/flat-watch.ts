/**
 * Tells whether every sample frame of a second is the same. Live audio differs within a few samples, and is not
 * looked at again until the next second.
 */
export class FlatWatch {
  readonly #first: Uint8Array;
  #known = 0;
  #isFlat = true;

  /** @param frameBytes bytes of a sample frame */
  constructor(frameBytes: number) {
    this.#first = new Uint8Array(frameBytes);
  }

  /** Nothing has differed yet in this second. */
  get isFlat(): boolean {
    return this.#isFlat;
  }

  /** @param position bytes of the second before these */
  add(bytes: Uint8Array, start: number, end: number, position: number): void {
    const begun = this.#learn(bytes, start, end, position);
    this.#isFlat = this.#repeats(bytes, begun, end, position + begun - start);
  }

  /** Begins a second. */
  restart(): void {
    this.#known = 0;
    this.#isFlat = true;
  }

  /** Takes what is still missing of the first sample frame; where the next ones begin. */
  #learn(bytes: Uint8Array, start: number, end: number, position: number): number {
    let at = start;
    const phase = position % this.#first.length;
    if (phase !== this.#known) return at;
    while (at < end && this.#known < this.#first.length) this.#first[this.#known++] = bytes[at++];
    return at;
  }

  #repeats(bytes: Uint8Array, start: number, end: number, position: number): boolean {
    const first = this.#first;
    const frameBytes = first.length;
    if (start < end && this.#known < frameBytes) return false; // missing audio has taken half of the first frame
    let phase = position % frameBytes;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== first[phase]) return false;
      phase = phase + 1 === frameBytes ? 0 : phase + 1;
    }
    return true;
  }
}
