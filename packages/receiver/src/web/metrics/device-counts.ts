import type { SecondLevel } from "@audio/levels";

/** What is known of one device, or of all that have no place of their own. */
export interface DeviceCount {
  /** UTC, microseconds since the epoch, behind its last audio. */
  heardUs: number;
  level: SecondLevel | undefined;
  clippedSamples: number;
  flatSeconds: number;
  gapSeconds: number;
}

const HOUR_US = 3_600_000_000;
const LOOK_AGAIN_MS = 10_000;

/**
 * Counts by device, for so many of them and no more: names come from whoever may send. When there is no room, a new
 * device gets the place of one that was not heard for an hour, else it is counted with all others.
 */
export class DeviceCounts {
  readonly #most: number;
  readonly #devices = new Map<string, DeviceCount>();
  /** Those that have no place of their own. */
  readonly others = newCount();
  #lookAgainMs = Number.NEGATIVE_INFINITY;

  constructor(most: number) {
    this.#most = most;
  }

  /** Devices with a place of their own. */
  get entries(): IterableIterator<[string, DeviceCount]> {
    return this.#devices.entries();
  }

  /** Where to count for a device, whose audio was received up to `heardUs`, at least. */
  heard(device: string, heardUs: number, nowUs: number): DeviceCount {
    const count = this.#devices.get(device) ?? this.#place(device, nowUs);
    if (count !== this.others) count.heardUs = Math.max(count.heardUs, heardUs);
    return count;
  }

  #place(device: string, nowUs: number): DeviceCount {
    if (!this.#hasRoom(nowUs)) return this.others;
    const count = newCount();
    this.#devices.set(device, count);
    return count;
  }

  #hasRoom(nowUs: number): boolean {
    if (this.#devices.size < this.#most) return true;
    if (performance.now() < this.#lookAgainMs) return false;
    const [oldest, count] = this.#longestUnheard();
    if (oldest !== undefined && nowUs - count.heardUs > HOUR_US) return this.#devices.delete(oldest);
    this.#lookAgainMs = performance.now() + LOOK_AGAIN_MS;
    return false;
  }

  #longestUnheard(): [string | undefined, DeviceCount] {
    let found: [string | undefined, DeviceCount] = [undefined, this.others];
    for (const entry of this.#devices)
      if (found[0] === undefined || entry[1].heardUs < found[1].heardUs) found = entry;
    return found;
  }
}

function newCount(): DeviceCount {
  return { heardUs: 0, level: undefined, clippedSamples: 0, flatSeconds: 0, gapSeconds: 0 };
}
