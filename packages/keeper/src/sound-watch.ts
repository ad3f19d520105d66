import type { Catalogue, Segment } from "@audio/archive";
import { detectSoundEvents, parseSoundEventState, placeGaps, type SoundEventOptions } from "@audio/levels";

// A segment that begins so much before the end of the last one was measured late: it is no successor of it.
const LATE_US = 2_000_000;

/** Notes what rises above each stream's own background, in the order in which segments come. */
export class SoundWatch {
  readonly #catalogue: Catalogue;
  #options: SoundEventOptions | undefined;

  /** @param options undefined: nothing is noted */
  constructor(catalogue: Catalogue, options: SoundEventOptions | undefined) {
    this.#catalogue = catalogue;
    this.#options = options;
  }

  /** From the next segment on these hold. */
  change(options: SoundEventOptions | undefined): void {
    this.#options = options;
  }

  /** Hears a segment that has just been measured. One that comes late leaves what is known of its stream as it is. */
  hear({ device, streamId, startUs, sampleRate, gaps }: Segment, track: Uint8Array): void {
    if (this.#options === undefined) return;
    const { sounds } = this.#catalogue;
    const known = parseSoundEventState(sounds.state(device, streamId) ?? "");
    const isLate = known !== undefined && startUs < known.endUs - LATE_US;
    const before = isLate ? { ...known, endUs: startUs, event: null } : known;
    const { holes } = placeGaps(startUs, sampleRate, gaps);
    const { events, state } = detectSoundEvents({ startUs, track, holes }, before, this.#options);
    for (const event of events) sounds.put({ device, streamId, ...event });
    if (!isLate) sounds.setState(device, streamId, JSON.stringify(state));
  }
}
