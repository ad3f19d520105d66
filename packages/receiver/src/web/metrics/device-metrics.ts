import type { EventEmitter } from "node:events";
import type { Archive } from "@audio/archive";
import type { Levels, SecondLevel } from "@audio/levels";
import type { ReceiverEvents } from "../../events.js";
import type { StreamStatus } from "../../stream-status.js";
import { type DeviceCount, DeviceCounts } from "./device-counts.js";
import { counter, type Family, gauge, type Sample } from "./family.js";

/** What all without a place of their own are called; no device can have this name. */
const OTHERS = "(other)";

export interface DeviceMetricsOptions {
  readonly events: EventEmitter<ReceiverEvents>;
  readonly archive: Pick<Archive, "heard">;
  /** Devices with metrics of their own. */
  readonly most: number;
  /** UTC, microseconds since the epoch. */
  readonly nowUs: () => number;
}

/** Metrics by device. */
export class DeviceMetrics {
  readonly #options: DeviceMetricsOptions;
  readonly #counts: DeviceCounts;

  constructor(options: DeviceMetricsOptions) {
    const { events, most, nowUs } = options;
    this.#options = options;
    this.#counts = new DeviceCounts(most);
    this.#hearHeard();
    events.on("segment:complete", ({ stream: { device, sampleRate }, startUs, samples, levels }) => {
      if (device === undefined) return;
      const count = this.#counts.heard(device, startUs + (samples / sampleRate) * 1e6, nowUs());
      count.clippedSamples += levels.clippedSamples;
      count.flatSeconds += levels.flatSeconds;
      if (count !== this.#counts.others) count.level = lastSecond(levels) ?? count.level;
    });
    events.on("gap", ({ stream: { device, sampleRate }, startUs, samples }) => {
      if (device === undefined) return;
      this.#counts.heard(device, startUs, nowUs()).gapSeconds += samples / sampleRate;
    });
  }

  /** All families, as things stand with these streams. */
  families(streams: readonly StreamStatus[]): Family[] {
    const live = new Map<string, StreamStatus>();
    for (const status of streams) this.#hearLive(status, live);
    const entries = [...this.#counts.entries];
    const by = (of: (count: DeviceCount, device: string) => number | undefined): Sample[] =>
      entries.flatMap(([device, count]) => {
        const value = of(count, device);
        return value === undefined ? [] : [{ labels: { device }, value }];
      });
    const all = (of: (count: DeviceCount) => number): Sample[] => [
      ...by(of),
      { labels: { device: OTHERS }, value: of(this.#counts.others) },
    ];
    return [
      gauge(
        "device_live",
        "1 while a stream of the device is being recorded",
        by((_, device) => (live.has(device) ? 1 : 0)),
      ),
      gauge(
        "device_last_audio_timestamp_seconds",
        "Unix time up to which audio of the device was received",
        by(({ heardUs }) => heardUs / 1e6),
      ),
      gauge(
        "device_peak_dbfs",
        "Largest sample of the last second measured, dBFS",
        by(({ level }) => level?.peakDbfs),
      ),
      gauge(
        "device_rms_dbfs",
        "RMS of the last second measured, dBFS",
        by(({ level }) => level?.rmsDbfs),
      ),
      counter(
        "device_clipped_samples_total",
        "Samples at full scale, over all channels, in finished segments of the device",
        all(({ clippedSamples }) => clippedSamples),
      ),
      counter(
        "device_flat_seconds_total",
        "Seconds of finished segments in which no sample ever changed: a dead microphone",
        all(({ flatSeconds }) => flatSeconds),
      ),
      counter(
        "device_gap_seconds_total",
        "Audio of the device that is missing",
        all(({ gapSeconds }) => gapSeconds),
      ),
      gauge(
        "device_clock_drift_ratio",
        "Rate of a live device's clock against ours, less 1: 0.00001 = 10 ppm fast",
        by((_, device) => driftOf(live.get(device))),
      ),
    ];
  }

  #hearLive(status: StreamStatus, live: Map<string, StreamStatus>): void {
    const { stream, endUs, level } = status;
    if (stream.device === undefined) return;
    live.set(stream.device, status);
    if (endUs === undefined) return;
    const count = this.#counts.heard(stream.device, endUs, this.#options.nowUs());
    if (count !== this.#counts.others) count.level = level ?? count.level;
  }

  // Of earlier runs, the latest first: they get the places.
  #hearHeard(): void {
    const { archive, nowUs } = this.#options;
    const notes = [...archive.heard.notes()].sort((a, b) => b.endUs - a.endUs);
    for (const { key, endUs } of notes)
      this.#counts.heard(key.slice(key.indexOf("/") + 1, key.lastIndexOf("/")), endUs, nowUs());
  }
}

function lastSecond({ peakDbfs, rmsDbfs }: Levels): SecondLevel | undefined {
  const [peak, rms] = [peakDbfs.at(-1), rmsDbfs.at(-1)];
  return peak === undefined || rms === undefined ? undefined : { peakDbfs: peak, rmsDbfs: rms };
}

function driftOf(status: StreamStatus | undefined): number | undefined {
  return status?.driftPpm === undefined ? undefined : status.driftPpm / 1e6;
}
