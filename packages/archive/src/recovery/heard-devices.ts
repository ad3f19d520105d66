import type { WallClock } from "../clock.js";
import type { HeardNote } from "../journal/records.js";

/** When a device was last heard. */
export interface Heard {
  /** Monotonic time in microseconds at which its audio ends; before 0 when that was in an earlier run. */
  readonly untilUs: number;
  /** The receiver stopped or crashed while it was sending. */
  readonly live: boolean;
}

/** By what a device is known over its connections; one that gave no name cannot be told from others. */
export function deviceKey(stream: {
  readonly source: string;
  readonly device?: string;
  readonly streamId?: number;
}): string | undefined {
  return stream.device === undefined ? undefined : `${stream.source}/${stream.device}/${stream.streamId}`;
}

// Their notes, 100 bytes each, begin every generation of the journal.
const REMEMBERED_DEVICES = 10_000;

/** Remembers, over restarts, until when each device was heard: what its next audio leaves open is a gap. */
export class HeardDevices {
  readonly #wallClock: WallClock;
  readonly #tell: (note: HeardNote) => void;
  readonly #heard = new Map<string, Heard>();

  constructor(wallClock: WallClock, tell: (note: HeardNote) => void, known: Iterable<HeardNote>) {
    this.#wallClock = wallClock;
    this.#tell = tell;
    for (const { key, endUs, live } of known)
      this.#heard.set(key, { untilUs: wallClock.toMonotonic(endUs), live });
  }

  /**
   * When a device was heard last; undefined: never, or too long ago to be remembered.
   * @param key source, device and stream id: `deviceKey`
   */
  last(key: string): Heard | undefined {
    return this.#heard.get(key);
  }

  /** The device's audio ends at `untilUs`; an earlier end than the one known counts for nothing. */
  remember(key: string, untilUs: number, live: boolean): void {
    const known = this.#heard.get(key);
    if (known !== undefined && known.untilUs > untilUs) return;
    this.#heard.delete(key);
    this.#heard.set(key, { untilUs, live });
    this.#tell(this.#note(key, { untilUs, live }));
    if (this.#heard.size <= REMEMBERED_DEVICES) return;
    const [oldest] = this.#heard.keys();
    this.#heard.delete(oldest);
  }

  /** All that is remembered, for the next generation of the journal. */
  *notes(): Generator<HeardNote> {
    for (const [key, heard] of this.#heard) yield this.#note(key, heard);
  }

  #note(key: string, { untilUs, live }: Heard): HeardNote {
    return { kind: "heard", key, endUs: this.#wallClock.toUtc(untilUs), live };
  }
}
