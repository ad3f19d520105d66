import { type Run, runsOf } from "../gaps.js";
import type { Stretch } from "../level-grid.js";
import { byteDbfs, countWindows, isHeard, peakAt, rmsOf, WINDOW_US, WINDOWS_PER_SECOND } from "../track.js";
import { Background, firstBackground } from "./background.js";
import { completeOptions, type SoundEventOptions } from "./options.js";
import type { OpenSound, SoundEventState } from "./state.js";

/** A stretch in which a device heard more than its usual background. */
export interface SoundEvent {
  /** UTC, microseconds since the epoch, of its first loud window; to 100 ms. */
  readonly startUs: number;
  /** Behind its last loud window. */
  readonly endUs: number;
  /** Its loudest sample, dBFS to half a dB. */
  readonly peakDbfs: number;
  /** Peak of 100 ms that the device's background had when the event began, dBFS to a tenth. */
  readonly backgroundDbfs: number;
  /** Its loudest window above the background of the moment, dB to a tenth. */
  readonly score: number;
  /** The mean of all its loud windows above the background, dB to a tenth. */
  readonly meanDb: number;
  /** False while it may go on: the next segment tells it again, with the same start. */
  readonly ended: boolean;
}

/** What a segment adds. */
export interface SoundEventsFound {
  readonly events: SoundEvent[];
  /** For the stream's next segment. */
  readonly state: SoundEventState;
}

/** The second's RMS must rise as well: a single click is a peak, but hardly any energy. */
const RMS_RISE_DB = 2;

/** What is as loud as the threshold counts at any gain, whichever way a level is rounded. */
const EPSILON_DB = 1e-6;

/** A loud window belongs to one that was so long before, unless both are part of an event already. */
const CLICK_US = 300_000;

/** A segment that begins so much before the last one's end is not its successor: a clock was set, or it came late. */
const OVERLAP_US = 2_000_000;

/**
 * Finds the sounds of a segment that rise above the device's own background. Segments of a stream come in their order,
 * each with the state that the one before has left.
 *
 * @param state undefined for the first segment of a stream
 * @throws RangeError for an option out of range, LevelsError `invalid-track`
 */
export function detectSoundEvents(
  segment: Stretch,
  state: SoundEventState | undefined,
  options: SoundEventOptions = {},
): SoundEventsFound {
  const detection = new Detection(segment, state, completeOptions(options));
  return detection.run();
}

class Detection {
  readonly #segment: Stretch;
  readonly #options: Required<SoundEventOptions>;
  readonly #background: Background | undefined;
  readonly #events: SoundEvent[] = [];
  #open: OpenSound | undefined;

  constructor(segment: Stretch, state: SoundEventState | undefined, options: Required<SoundEventOptions>) {
    const { startUs, track } = segment;
    this.#segment = segment;
    this.#options = options;
    this.#open = state?.event ?? undefined;
    const awayUs = state === undefined ? Number.POSITIVE_INFINITY : startUs - state.endUs;
    const isKnown = awayUs <= options.forgetSeconds * 1_000_000;
    const background = (isKnown ? state?.background : null) ?? firstBackground(track, options);
    this.#background = background === null ? undefined : new Background(background, options);
    if (awayUs < -OVERLAP_US) this.#end();
  }

  run(): SoundEventsFound {
    const { startUs, track, holes = [] } = this.#segment;
    const runs = runsOf(startUs, countWindows(track), holes);
    for (const run of runs) this.#hearRun(run);
    const endUs = runs.reduce((_, run) => run.startUs + (run.to - run.from) * WINDOW_US, startUs);
    this.#endIfOver(endUs);
    if (this.#open !== undefined) this.#tell(this.#open, false);
    const background = this.#background?.state ?? null;
    return { events: this.#events, state: { version: 1, endUs, background, event: this.#open ?? null } };
  }

  #hearRun({ from, to, startUs }: Run): void {
    const { track } = this.#segment;
    for (let window = from; window < to; window++) {
      const nowUs = startUs + (window - from) * WINDOW_US;
      this.#endIfOver(nowUs);
      if (isHeard(track, window))
        this.#hear(nowUs, byteDbfs(track[peakAt(window)]), byteDbfs(track[rmsOf(window)]));
    }
  }

  #hear(nowUs: number, peakDbfs: number, rmsDbfs: number): void {
    const background = this.#background;
    if (background === undefined) return;
    const { thresholdDb, floorDbfs } = this.#options;
    const aboveDb = peakDbfs - background.peakDbfs;
    const isLoud =
      aboveDb > thresholdDb - EPSILON_DB && rmsDbfs - background.rmsDbfs > RMS_RISE_DB - EPSILON_DB;
    if (isLoud) this.#extend(nowUs, peakDbfs, aboveDb, background.peakDbfs);
    background.follow(Math.max(floorDbfs, peakDbfs), Math.max(floorDbfs, rmsDbfs));
  }

  #extend(nowUs: number, peakDbfs: number, aboveDb: number, backgroundDbfs: number): void {
    const open = this.#isClickBefore(nowUs) ? undefined : this.#open;
    this.#open = {
      startUs: open?.startUs ?? nowUs,
      endUs: nowUs + WINDOW_US,
      peakDbfs: Math.max(open?.peakDbfs ?? peakDbfs, peakDbfs),
      backgroundDbfs: open?.backgroundDbfs ?? backgroundDbfs,
      loudWindows: (open?.loudWindows ?? 0) + 1,
      mostDb: Math.max(open?.mostDb ?? aboveDb, aboveDb),
      sumDb: (open?.sumDb ?? 0) + aboveDb,
    };
  }

  /** What is open is too short for an event and alone, as the tick of a clock: the event begins after it. */
  #isClickBefore(nowUs: number): boolean {
    const open = this.#open;
    return open !== undefined && !this.#isLongEnough(open) && nowUs - open.endUs > CLICK_US;
  }

  #isLongEnough({ loudWindows }: OpenSound): boolean {
    return loudWindows >= Math.round(this.#options.minSeconds * WINDOWS_PER_SECOND);
  }

  #endIfOver(nowUs: number): void {
    if (this.#open === undefined) return;
    const { holdSeconds, maxSeconds } = this.#options;
    const { startUs, endUs } = this.#open;
    if (nowUs - endUs >= holdSeconds * 1_000_000 || nowUs - startUs >= maxSeconds * 1_000_000) this.#end();
  }

  #end(): void {
    if (this.#open !== undefined) this.#tell(this.#open, true);
    this.#open = undefined;
  }

  /** Tells of an event, unless it is too short to be one. */
  #tell(sound: OpenSound, ended: boolean): void {
    if (!this.#isLongEnough(sound)) return;
    const { startUs, endUs, peakDbfs, backgroundDbfs, loudWindows, mostDb, sumDb } = sound;
    const meanDb = tenths(sumDb / loudWindows);
    const score = tenths(mostDb);
    this.#events.push({
      startUs,
      endUs,
      peakDbfs,
      backgroundDbfs: tenths(backgroundDbfs),
      score,
      meanDb,
      ended,
    });
  }
}

function tenths(db: number): number {
  return Math.round(db * 10) / 10 + 0;
}
