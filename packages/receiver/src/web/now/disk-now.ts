import type { DiskNow, QueueNow } from "@audio/api";
import type { Archive } from "@audio/archive";
import type { KeeperStatus } from "@audio/keeper";
import type { ReceiverSettings } from "../../settings.js";
import type { StreamStatus } from "../../stream-status.js";

export interface DiskNowSources {
  readonly archive: Pick<Archive, "disk" | "trouble">;
  readonly settings: { readonly now: Pick<ReceiverSettings, "minFreeBytes" | "retention"> };
}

/** The disk, as the recorder saw it within the last second. */
export function diskNow(
  { archive, settings }: DiskNowSources,
  keeper: KeeperStatus | undefined,
  sending: readonly StreamStatus[],
): DiskNow {
  const { freeBytes, totalBytes } = archive.disk;
  const bytesPerSecond = Math.round(keeper?.retention.bytesPerSecond ?? pcmRate(sending));
  const recordedBytes = (keeper?.catalogue.usage ?? []).reduce((sum, { localBytes }) => sum + localBytes, 0);
  const { minFreeBytes, retention } = settings.now;
  const { keepFreeBytes = 0, maxTotalBytes = Number.POSITIVE_INFINITY } = retention;
  const room = freeBytes - Math.max(minFreeBytes, keepFreeBytes);
  return {
    totalBytes: known(totalBytes),
    freeBytes: known(freeBytes),
    keepFreeBytes: minFreeBytes,
    recordedBytes,
    bytesPerSecond,
    hoursLeft: hoursLeft(Math.min(room, maxTotalBytes - recordedBytes), bytesPerSecond),
    trouble: archive.trouble ?? null,
  };
}

function hoursLeft(roomBytes: number, bytesPerSecond: number): number | null {
  if (Number.isNaN(roomBytes) || bytesPerSecond === 0) return null;
  return Math.round((Math.max(0, roomBytes) / bytesPerSecond / 3600) * 10) / 10;
}

// The keeper measures for a minute before it says how fast recordings grow: until then, what the streams bring.
function pcmRate(sending: readonly StreamStatus[]): number {
  return sending.reduce((sum, { stream: { sampleRate, channels, bitsPerSample } }) => {
    return sum + (sampleRate * channels * bitsPerSample) / 8;
  }, 0);
}

function known(bytes: number): number | null {
  return Number.isNaN(bytes) ? null : bytes;
}

/** The keeper's queues; none when it does not answer. */
export function queuesNow(keeper: KeeperStatus | undefined, nowMs: number): QueueNow[] {
  return (keeper?.queues ?? []).map((queue) => {
    const { step, waiting, running, failing, givenUp, isWaiting, oldestMs } = queue;
    const age = oldestMs === null ? null : Math.max(0, nowMs - oldestMs);
    return { step, waiting, running, failing, givenUp, isWaiting, oldestMs: age };
  });
}
