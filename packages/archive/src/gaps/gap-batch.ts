import { type DayOfGap, daysOf, type GapRecord } from "./gap-record.js";

// A device on a bad network has a gap a second. More than this many from one stream between two writes are told as
// one line, so that whoever leaves out every other frame does not fill the disk with lines.
const LINES_PER_STREAM = 4;
// Rounding to whole microseconds leaves as much between two gaps that are one.
const ADJACENT_US = 1000;

/** Lines on their way to the disk. */
export interface TakenLines {
  readonly lines: readonly DayOfGap[];
  readonly sums: ReadonlyMap<string, DayOfGap>;
}

interface RecentLine {
  /** Where it stands among the lines. */
  readonly at: number;
  /** How many lines its stream got since the last `take`. */
  readonly count: number;
}

/**
 * Gaps that wait to be written. Keeps at most `limit` of them apart; beyond that, gaps of one device are added up,
 * and when even those sums become too many, gaps of one source and cause. The lengths always add up to the truth.
 */
export class GapBatch {
  readonly #limit: number;
  #lines: DayOfGap[] = [];
  #sums = new Map<string, DayOfGap>();
  #inFlight = { lines: 0, sums: 0 };
  readonly #recent = new Map<string, RecentLine>();

  /** @param limit lines that are kept apart (default 10 000, about 5 MB) */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** Lines held, those being written included; at most twice the limit and a handful. */
  get size(): number {
    const { lines, sums } = this.#inFlight;
    return this.#lines.length + this.#sums.size + lines + sums;
  }

  add(gap: GapRecord): void {
    const days = [...daysOf(gap)];
    if (days.length === 1) this.#addDay(days[0]);
    else if (this.#hasRoom(days.length)) this.#lines.push(...days);
    else for (const { day, part } of days) this.#addUp({ day, part, whole: part });
  }

  /** Everything that waits, to be written; what comes meanwhile waits for the next time. */
  take(): TakenLines {
    const taken = { lines: this.#lines, sums: this.#sums };
    this.#inFlight = { lines: this.#lines.length, sums: this.#sums.size };
    this.#lines = [];
    this.#sums = new Map();
    this.#recent.clear();
    return taken;
  }

  /** Ends what `take` began; `left` was not written, and waits again. */
  putBack(left: TakenLines): void {
    this.#inFlight = { lines: 0, sums: 0 };
    this.#recent.clear();
    this.#lines = [...left.lines, ...this.#lines];
    const newer = this.#sums;
    this.#sums = new Map(left.sums);
    for (const [key, line] of newer) this.#addTo(key, line);
  }

  #hasRoom(lines: number): boolean {
    return this.#lines.length + this.#inFlight.lines + lines <= this.#limit;
  }

  #addDay(line: DayOfGap): void {
    const key = streamKey(line);
    const recent = this.#recent.get(key);
    const last = recent === undefined ? undefined : this.#lines[recent.at];
    if (recent !== undefined && last !== undefined) {
      if (continues(last, line)) return this.#replace(recent.at, extended(last, line.part));
      if (recent.count >= LINES_PER_STREAM || !this.#hasRoom(1))
        return this.#replace(recent.at, joined(last, line.part));
    }
    if (!this.#hasRoom(1)) return this.#addUp(line);
    this.#recent.set(key, { at: this.#lines.length, count: (recent?.count ?? 0) + 1 });
    this.#lines.push(line);
  }

  #replace(at: number, line: DayOfGap): void {
    this.#lines[at] = line;
  }

  #addUp({ day, part }: DayOfGap): void {
    const { device, source, cause, filled } = part;
    const ofDevice = `${cause}/${filled}/${source}/${day}/${device}`;
    const named = this.#sums.has(ofDevice) || this.#sums.size + this.#inFlight.sums < this.#limit;
    const sum = { ...part, device: named ? device : undefined, streamId: undefined };
    this.#addTo(named ? ofDevice : `${cause}/${filled}/${source}`, { day, part: sum, whole: sum });
  }

  #addTo(key: string, line: DayOfGap): void {
    const sum = this.#sums.get(key);
    this.#sums.set(key, sum === undefined ? line : joined(sum, line.part));
  }
}

function streamKey({ day, part }: DayOfGap): string {
  const { source, device, streamId, sampleRate, cause, filled } = part;
  return `${cause}/${filled}/${source}/${streamId}/${sampleRate}/${day}/${device}`;
}

function continues({ part }: DayOfGap, next: DayOfGap): boolean {
  return part.gaps === 1 && Math.abs(next.part.startUs - part.endUs) <= ADJACENT_US;
}

function extended({ day, part: before }: DayOfGap, { endUs, samples }: GapRecord): DayOfGap {
  const lengthUs = endUs - before.startUs;
  const part = { ...before, endUs, lengthUs, samples: before.samples + samples };
  return { day, part, whole: part };
}

// Of streams with different rates the time counts; samples are then those of the first one's rate.
function joined({ day, part: before }: DayOfGap, gap: GapRecord): DayOfGap {
  const { sampleRate } = before;
  const samples =
    gap.sampleRate === sampleRate ? gap.samples : Math.round((gap.lengthUs * sampleRate) / 1_000_000);
  const part = {
    ...before,
    startUs: Math.min(before.startUs, gap.startUs),
    endUs: Math.max(before.endUs, gap.endUs),
    lengthUs: before.lengthUs + gap.lengthUs,
    samples: before.samples + samples,
    gaps: before.gaps + gap.gaps,
  };
  return { day, part, whole: part };
}
