import {
  type LocalSegment,
  type LocalSegments,
  type LocalUsage,
  NAMELESS_PIN,
  type Pin,
} from "@audio/archive";

/** UTC, microseconds since the epoch. */
interface Range {
  readonly fromUs: number;
  readonly toUs: number;
}

const PAGE = 64;
// SQLite compares 64-bit integers; these are the ends of what a double counts exactly.
const [FIRST_US, LAST_US] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** What there is of one device that may be deleted, oldest first; what is pinned is not among it. */
export class Shelf {
  readonly device: string | undefined;
  /** Of all its files, the pinned ones too. */
  bytes: number;
  readonly saved: Row;
  readonly unsaved: Row;

  /** @param stays whether a segment is to be left alone for another reason */
  constructor(
    local: LocalSegments,
    { deviceId, device, bytes }: LocalUsage,
    pins: readonly Pin[],
    stays: (segment: LocalSegment) => boolean,
  ) {
    this.device = device;
    this.bytes = bytes;
    const ranges = between(pins.filter((pin) => pin.device === (device ?? NAMELESS_PIN)));
    const row = (isSaved: boolean) => new Row(oldestFirst(local, deviceId, isSaved, ranges, stays));
    this.saved = row(true);
    this.unsaved = row(false);
  }
}

/** Segments in a row, of which the first is known and can be taken. */
export class Row {
  readonly #segments: Iterator<LocalSegment>;
  #first: IteratorResult<LocalSegment> | undefined;

  constructor(segments: Iterator<LocalSegment>) {
    this.#segments = segments;
  }

  get first(): LocalSegment | undefined {
    this.#first ??= this.#segments.next();
    return this.#first.done === true ? undefined : this.#first.value;
  }

  take(): LocalSegment | undefined {
    const { first } = this;
    if (first !== undefined) this.#first = undefined;
    return first;
  }
}

function* oldestFirst(
  local: LocalSegments,
  deviceId: number,
  isSaved: boolean,
  ranges: readonly Range[],
  stays: (segment: LocalSegment) => boolean,
): Generator<LocalSegment> {
  for (const range of ranges) {
    let after: LocalSegment | undefined;
    do {
      const page = local.oldest({ deviceId, isSaved, ...range, after, limit: PAGE });
      // What begins before a pin may reach into it.
      yield* page.filter((segment) => segment.endUs <= range.toUs && !stays(segment));
      after = page.length < PAGE ? undefined : page.at(-1);
    } while (after !== undefined);
  }
}

/** The time between the pins. */
function between(pins: readonly Range[]): Range[] {
  const ranges: Range[] = [];
  let fromUs = FIRST_US;
  for (const pin of [...pins].sort((a, b) => a.fromUs - b.fromUs)) {
    if (pin.fromUs > fromUs) ranges.push({ fromUs, toUs: pin.fromUs });
    fromUs = Math.max(fromUs, pin.toUs);
  }
  return [...ranges, { fromUs, toUs: LAST_US }];
}
