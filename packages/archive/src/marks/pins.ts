import { changeMarks, isoTime, type MarkKind, readMarks, timeFrom } from "./mark-file.js";

/** A stretch of a device's recordings that nobody deletes. */
export interface Pin {
  /** 8 hexadecimal digits. */
  readonly id: string;
  /** Its name; `~` = all senders that gave none. */
  readonly device: string;
  /** UTC, microseconds since the epoch: every segment that reaches into it stays. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Why, for people. */
  readonly note: string | undefined;
  /** UTC, microseconds since the epoch. */
  readonly createdUs: number;
}

/** What a pin calls all senders that gave no name. */
export const NAMELESS_PIN = "~";
/** Pins of a data directory, below it. */
export const PINS_FILE = "pins.json";
/** A data directory has no more pins than this. */
export const MOST_PINS = 10_000;

/** How pins are kept. */
export const PINS: MarkKind<Pin> = {
  file: PINS_FILE,
  code: "invalid-pins",
  list: "pins",
  one: "pin",
  most: MOST_PINS,
  mostBytes: 16_000_000,
  advice: "; nothing is deleted until then",
  // Whole milliseconds, as ISO times have them; never less than was asked for.
  written: ({ id, device, fromUs, toUs, note, createdUs }) => ({
    id,
    device,
    from: isoTime(fromUs),
    to: isoTime(toUs, Math.ceil),
    created: isoTime(createdUs),
    ...(note !== undefined && { note }),
  }),
  read({ id, device, from, to, note, created }) {
    const [fromUs, toUs, createdUs] = [from, to, created].map(timeFrom);
    const isPin = typeof id === "string" && typeof device === "string" && fromUs <= toUs;
    const hasNote = typeof note === "string" || note === undefined;
    if (!isPin || Number.isNaN(createdUs) || !hasNote) return undefined;
    return { id, device, fromUs, toUs, note, createdUs };
  },
};

/**
 * Pins of a data directory; without a file none.
 * @throws ArchiveError `invalid-pins`: what they protect is not known then, so nothing may be deleted
 */
export function readPins(dataDir: string): readonly Pin[] {
  return readMarks(dataDir, PINS);
}

/**
 * Changes the pins in one step: all of it is on disk when this resolves, and no change of another program is undone.
 * @returns what is pinned now
 * @throws ArchiveError `invalid-pins`; whatever `change` throws
 */
export function changePins(
  dataDir: string,
  change: (pins: readonly Pin[]) => readonly Pin[],
): Promise<readonly Pin[]> {
  return changeMarks(dataDir, PINS, change);
}
