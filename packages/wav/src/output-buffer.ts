/** One growing Int16Array lent again and again, so that a steady stream allocates no sample memory. */
export class OutputBuffer {
  #samples = new Int16Array(0);

  /** The first `length` samples, to be overwritten; earlier loans become invalid. */
  reserve(length: number): Int16Array<ArrayBuffer> {
    // Doubling keeps slowly growing requests from copying each time
    if (length > this.#samples.length) {
      this.#samples = new Int16Array(Math.max(length, this.#samples.length * 2));
    }
    return this.#samples.subarray(0, length);
  }
}
