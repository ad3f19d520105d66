const PITCH_HZ = [95, 210];
/** First three formants of five vowels, Hz (after Peterson & Barney 1952, men's voices, rounded). */
const VOWELS = [
  [270, 2290, 3010],
  [530, 1840, 2480],
  [730, 1090, 2440],
  [570, 840, 2410],
  [300, 870, 2240],
];
const FORMANT_BANDWIDTHS_HZ = [80, 110, 160];

/**
 * Deterministic speech-like sound, 16-bit mono: pulse-driven vowels, hissed consonants, pauses, room noise.
 * What matters for a codec's speed is that branches cannot be foreseen and that levels change as speech's do.
 * @param {number} seconds
 * @param {number} sampleRate Hz
 */
export function synthesizeSpeech(seconds, sampleRate) {
  const pcm = new Int16Array(seconds * sampleRate);
  const noise = noiseSource(1);
  for (let at = 0, syllable = 0; at < pcm.length; syllable++) {
    const length = Math.floor(sampleRate * (0.09 + 0.12 * (noise() + 0.5)));
    const target = pcm.subarray(at, at + length);
    const kind = noise() + 0.5;
    if (syllable % 11 === 10) hiss(target, noise, 30);
    else if (kind < 0.25) hiss(target, noise, 2500);
    else voice(target, noise, sampleRate, VOWELS[syllable % VOWELS.length]);
    at += length;
  }
  return pcm;
}

/**
 * Numbers in [-0.5, 0.5) from a linear congruential generator (Numerical Recipes' constants).
 * @param {number} seed
 */
function noiseSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000 - 0.5;
  };
}

/**
 * @param {Int16Array} target
 * @param {() => number} noise
 * @param {number} amplitude
 */
function hiss(target, noise, amplitude) {
  for (let i = 0; i < target.length; i++) target[i] = amplitude * fade(i, target.length) * noise() * 2;
}

/**
 * @param {Int16Array} target
 * @param {() => number} noise
 * @param {number} sampleRate
 * @param {readonly number[]} formants
 */
function voice(target, noise, sampleRate, formants) {
  const resonators = formants.map((hz, k) => resonator(hz, FORMANT_BANDWIDTHS_HZ[k], sampleRate));
  const pitch = PITCH_HZ[0] + (PITCH_HZ[1] - PITCH_HZ[0]) * (noise() + 0.5);
  for (let i = 0, phase = 0; i < target.length; i++) {
    phase += pitch / sampleRate;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const excitation = 30_000 * pulse + 300 * noise();
    let sum = 0;
    for (const resonate of resonators) sum += resonate(excitation);
    target[i] = Math.max(-32_768, Math.min(32_767, sum * fade(i, target.length) + 60 * noise()));
  }
}

/**
 * Two-pole resonator with unit peak gain.
 * @param {number} hz
 * @param {number} bandwidthHz
 * @param {number} sampleRate
 */
function resonator(hz, bandwidthHz, sampleRate) {
  const radius = Math.exp((-Math.PI * bandwidthHz) / sampleRate);
  const feedback = 2 * radius * Math.cos((2 * Math.PI * hz) / sampleRate);
  const gain = (1 - radius) * 4;
  let last = 0;
  let beforeLast = 0;
  return (/** @type {number} */ input) => {
    const output = gain * input + feedback * last - radius * radius * beforeLast;
    beforeLast = last;
    last = output;
    return output;
  };
}

/**
 * @param {number} index
 * @param {number} length
 */
function fade(index, length) {
  return Math.sin((Math.PI * (index + 0.5)) / length);
}
