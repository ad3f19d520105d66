import { SILENCE_DBFS } from "./decibel.js";
import { readTrack } from "./track.js";

/** What PCM is made of: little-endian, signed, channels interleaved. */
export interface PcmShape {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  /** 16, 24 or 32 */
  readonly bitsPerSample: number;
}

/** How loud a segment is. The last second may be short. */
export interface Levels {
  /** Largest sample of any channel, per second: dBFS (0 = full scale) to a hundredth, floor −120. */
  readonly peakDbfs: readonly number[];
  /** Root mean square over all channels, per second: dBFS (a full-scale sine is −3) to a hundredth, floor −120. */
  readonly rmsDbfs: readonly number[];
  /** Samples, over all channels, whose upper 16 bits are at full scale: 32767, −32767 or −32768. */
  readonly clippedSamples: number;
  /**
   * Whole seconds, at least half of them received, in which no channel's sample ever changed: a dead microphone,
   * or digital silence that was sent.
   */
  readonly flatSeconds: number;
  /** Peak per 100 ms and RMS per second in half dB, 11 bytes per second, for {@link readTrack} and {@link zoom}. */
  readonly track: Uint8Array;
}

/** Loudness of one second: dBFS to a hundredth, floor −120. */
export interface SecondLevel {
  readonly peakDbfs: number;
  readonly rmsDbfs: number;
}

/** Levels in four numbers. */
export interface LevelSummary {
  /** Of all the audio, dBFS to a hundredth, floor −120. */
  readonly peakDbfs: number;
  readonly rmsDbfs: number;
  readonly clippedSamples: number;
  readonly flatSeconds: number;
}

/** What a catalogue keeps of a segment: the numbers and the track. */
export interface SegmentLevels extends LevelSummary {
  readonly track: Uint8Array;
}

/** Peak and RMS of the whole; −120 of no audio at all. */
export function summarize({ peakDbfs, rmsDbfs, clippedSamples, flatSeconds, track }: Levels): SegmentLevels {
  const lastWindows = readTrack(track).peakDbfs.length % 10 || 10;
  let power = 0;
  let weight = 0;
  for (const [second, dbfs] of rmsDbfs.entries()) {
    const windows = second === rmsDbfs.length - 1 ? lastWindows : 10;
    power += windows * 10 ** (dbfs / 10);
    weight += windows;
  }
  const rms = weight === 0 ? SILENCE_DBFS : 10 * Math.log10(power / weight);
  return {
    peakDbfs: peakDbfs.reduce((most, dbfs) => Math.max(most, dbfs), SILENCE_DBFS),
    rmsDbfs: Math.round(rms * 100) / 100 + 0,
    clippedSamples,
    flatSeconds,
    track,
  };
}
