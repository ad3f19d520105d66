/**
 * Power spectra of real signals: the radix-2 transform of Cooley and Tukey (1965), with the tables of one size made
 * once.
 */
export class Spectrum {
  private readonly cosine: Float64Array;
  private readonly sine: Float64Array;
  private readonly order: Uint32Array;
  private readonly real: Float64Array;
  private readonly imaginary: Float64Array;

  /** @param size samples of a window, a power of two */
  constructor(readonly size: number) {
    const angle = (i: number) => (2 * Math.PI * i) / size;
    this.cosine = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos(angle(i)));
    this.sine = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin(angle(i)));
    const bits = Math.log2(size);
    this.order = Uint32Array.from({ length: size }, (_, i) => reversed(i, bits));
    this.real = new Float64Array(size);
    this.imaginary = new Float64Array(size);
  }

  /** Power of each frequency from 0 to below half of the rate: `size / 2` values, |X|². */
  powers(samples: ArrayLike<number>, out: Float64Array): void {
    const { size, order, real, imaginary } = this;
    for (let i = 0; i < size; i++) real[i] = samples[order[i]];
    imaginary.fill(0);
    for (let half = 1; half < size; half *= 2) this.butterflies(half);
    for (let i = 0; i < size / 2; i++) out[i] = real[i] ** 2 + imaginary[i] ** 2;
  }

  private butterflies(half: number): void {
    const { size, cosine, sine, real, imaginary } = this;
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let i = 0, turn = 0; i < half; i++, turn += stride) {
        const a = start + i;
        const b = a + half;
        const re = real[b] * cosine[turn] + imaginary[b] * sine[turn];
        const im = imaginary[b] * cosine[turn] - real[b] * sine[turn];
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
    }
  }
}

function reversed(value: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((value >> bit) & 1) << (bits - 1 - bit);
  return result;
}
