import type { DeviceNow, LevelRow, LiveStream } from "@audio/api";
import type { Archive } from "@audio/archive";
import type { StreamStatus } from "../../stream-status.js";
import { nameOf as deviceNameOf } from "../device-name.js";
import type { EarlierDevices } from "./earlier-devices.js";
import type { LastEnds } from "./last-ends.js";

export interface DevicesNowSources {
  readonly archive: Pick<Archive, "heard" | "trouble">;
  readonly streams: { readonly status: readonly StreamStatus[] };
  readonly ends: Pick<LastEnds, "of">;
  readonly earlier: Pick<EarlierDevices, "look">;
}

const SILENT_US = 5_000_000;
// Of devices that are not connected, those that were heard last: a page shows no more, and names come from strangers.
const MOST_OFFLINE = 1000;

const TROUBLES = {
  "disk-full": "the disk is full: nothing is recorded until there is space again",
  "disk-unavailable": "the disk cannot be written: nothing is recorded until it can be",
  "disk-stalled": "the disk has taken nothing for 5 s: audio waits in memory",
} as const;

/** Every device that is connected, and the others that were heard last, in order of their names. */
export function devicesNow(sources: DevicesNowSources, nowUs: number): DeviceNow[] {
  const live = new Map<string, StreamStatus[]>();
  for (const status of sources.streams.status) {
    const name = nameOf(status);
    const streams = live.get(name);
    if (streams === undefined) live.set(name, [status]);
    else streams.push(status);
  }
  const connected = Array.from(live, ([device, streams]) => liveDevice(sources, device, streams, nowUs));
  return [...connected, ...offlineDevices(sources, live)].sort((a, b) => (a.device < b.device ? -1 : 1));
}

/** Streams from which audio comes. */
export function sendingNow(streams: readonly StreamStatus[], nowUs: number): StreamStatus[] {
  return streams.filter((status) => !isSilent(status, nowUs));
}

/** The last second of a stream; undefined while there is none. */
export function levelRow({ stream, level, endUs, lostFrames }: StreamStatus): LevelRow | undefined {
  if (level === undefined || endUs === undefined) return undefined;
  return [stream.key, tenth(level.peakDbfs), tenth(level.rmsDbfs), endUs, lostFrames];
}

/** Name of a stream's device, as the interface has it. */
export function nameOf({ stream: { device } }: Pick<StreamStatus, "stream">): string {
  return deviceNameOf(device);
}

function liveDevice(
  { archive: { trouble } }: DevicesNowSources,
  device: string,
  streams: readonly StreamStatus[],
  nowUs: number,
): DeviceNow {
  const ends = streams.flatMap(({ endUs }) => endUs ?? []);
  const shown = streams.map((status) => liveStream(status, nowUs));
  const common = { device, lastUs: ends.length === 0 ? null : Math.max(...ends), streams: shown };
  if (trouble !== undefined) return { ...common, state: "not-recorded", why: TROUBLES[trouble] };
  if (streams.every((status) => isSilent(status, nowUs)))
    return { ...common, state: "silent", why: "it is connected, but no audio has come for 5 s" };
  return { ...common, state: "recording", why: null };
}

function liveStream(status: StreamStatus, nowUs: number): LiveStream {
  const { stream, codec, openedUs, endUs, level, samples, frames, lostFrames, repeatedFrames } = status;
  const { key, source, streamId, peer, sampleRate, channels, bitsPerSample } = stream;
  const isHeard = level !== undefined && !isSilent(status, nowUs);
  return {
    key,
    device: nameOf(status),
    streamId,
    source,
    codec,
    peer,
    sampleRate,
    channels,
    bitsPerSample,
    openedUs,
    endUs: endUs ?? null,
    level: isHeard ? { peakDbfs: tenth(level.peakDbfs), rmsDbfs: tenth(level.rmsDbfs) } : null,
    frames,
    samples,
    lostFrames,
    repeatedFrames,
    driftPpm: status.driftPpm === undefined ? null : tenth(status.driftPpm),
  };
}

function isSilent({ openedUs, heardUs }: StreamStatus, nowUs: number): boolean {
  return nowUs - (heardUs ?? openedUs) > SILENT_US;
}

function offlineDevices(
  { archive, ends, earlier }: DevicesNowSources,
  live: ReadonlyMap<string, unknown>,
): DeviceNow[] {
  const { trouble } = archive;
  const last = new Map(earlier.look());
  for (const { key, endUs } of archive.heard.notes()) {
    const device = key.slice(key.indexOf("/") + 1, key.lastIndexOf("/"));
    last.set(device, Math.max(endUs, last.get(device) ?? 0));
  }
  return [...last]
    .filter(([device]) => !live.has(device))
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_OFFLINE)
    .map(([device, lastUs]) => {
      const why = trouble === undefined ? ends.of(device) : TROUBLES[trouble]; // nobody is let in meanwhile
      return { device, state: "offline", why: why ?? null, lastUs, streams: [] };
    });
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
