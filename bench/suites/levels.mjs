import { LevelMeter } from "@audio/levels";
import { synthesizeSpeech } from "../codec/speech.mjs";
import { interleave } from "../harness/rounds.mjs";
import { markdownTable } from "../harness/table.mjs";

const SAMPLE_RATE = 16_000;
const MINUTES = 2;
/** As much as the receiver writes of such a stream at a time. */
const BLOCK_BYTES = 28_800;

/**
 * @typedef {object} Meter
 * @property {string} name
 * @property {() => { add(bytes: Uint8Array, start: number, end: number): void, peaks(): readonly number[] }} open
 */

/** What one writes first: peak and RMS per second, a sample at a time, and nothing else. */
class PlainLoop {
  /** @type {number[]} */
  #peaks = [];
  /** @type {number[]} */
  #rms = [];
  #seen = 0;
  #peak = 0;
  #squares = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {number} start
   * @param {number} end
   */
  add(bytes, start, end) {
    const samples = new Int16Array(bytes.buffer, bytes.byteOffset + start, (end - start) / 2);
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      this.#peak = Math.max(this.#peak, Math.abs(sample));
      this.#squares += sample * sample;
      if (++this.#seen === SAMPLE_RATE) this.#endSecond();
    }
  }

  peaks() {
    return this.#peaks;
  }

  #endSecond() {
    this.#peaks.push(Math.round(2000 * Math.log10(this.#peak / 32_768)) / 100 + 0);
    this.#rms.push(10 * Math.log10(this.#squares / this.#seen / 2 ** 30));
    this.#seen = 0;
    this.#peak = 0;
    this.#squares = 0;
  }
}

/** @type {readonly Meter[]} */
const METERS = [
  {
    name: "@audio/levels",
    open: () => {
      const meter = new LevelMeter(SAMPLE_RATE, 1, 16);
      return {
        add: (bytes, start, end) => meter.add(bytes, start, end),
        peaks: () => meter.levels().peakDbfs,
      };
    },
  },
  { name: "a plain loop: peak and RMS per second", open: () => new PlainLoop() },
];

/**
 * Levels while audio passes, against the least that one could measure.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function levels(options) {
  const speech = synthesizeSpeech(MINUTES * 60, SAMPLE_RATE);
  const bytes = new Uint8Array(speech.buffer, speech.byteOffset, speech.byteLength);
  requireSameResults(bytes);
  const seconds = options.quick ? 0.3 : 1;
  const results = await interleave(METERS, options.rounds, (meter) =>
    nanosecondsPerSample(meter, bytes, seconds),
  );
  const rows = METERS.map((meter) => [meter.name, Math.min(...(results.get(meter) ?? []))]);
  return (
    `### Levels: ${MINUTES} min of speech-like sound, 16 bits, blocks of ${BLOCK_BYTES} bytes, one thread\n\n` +
    `${markdownTable(["", "CPU ns per sample"], rows)}\n\n` +
    `Rounds: ${options.rounds}, interleaved; the fastest. The plain loop measures no peaks of 100 ms, clipped samples or flat seconds.\n`
  );
}

/** @param {Uint8Array} bytes */
function requireSameResults(bytes) {
  const [ours, theirs] = METERS.map((meter) => measure(meter, bytes).peaks().join());
  if (ours !== theirs) throw new Error("@audio/levels measures other peaks than a plain loop");
}

/**
 * @param {Meter} meter
 * @param {Uint8Array} bytes
 */
function measure(meter, bytes) {
  const open = meter.open();
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    open.add(bytes, at, Math.min(bytes.length, at + BLOCK_BYTES));
  }
  return open;
}

/**
 * @param {Meter} meter
 * @param {Uint8Array} bytes
 * @param {number} seconds
 */
function nanosecondsPerSample(meter, bytes, seconds) {
  const startedAt = process.cpuUsage();
  let samples = 0;
  let microseconds = 0;
  do {
    measure(meter, bytes);
    samples += bytes.length / 2;
    const { user, system } = process.cpuUsage(startedAt);
    microseconds = user + system;
  } while (microseconds < seconds * 1e6);
  return (microseconds * 1000) / samples;
}
