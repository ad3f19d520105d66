import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { changeFile } from "./change-file.js";
import { ArchiveError } from "./errors.js";

/** A stretch of a device's recordings that nobody deletes. */
export interface Pin {
  /** 8 hexadecimal digits. */
  readonly id: string;
  readonly device: string;
  /** UTC, microseconds since the epoch: every segment that reaches into it stays. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Why, for people. */
  readonly note: string | undefined;
  /** UTC, microseconds since the epoch. */
  readonly createdUs: number;
}

/** Pins of a data directory, below it. */
export const PINS_FILE = "pins.json";
/** A data directory has no more pins than this. */
export const MOST_PINS = 10_000;
const MOST_BYTES = 16_000_000;

/**
 * Pins of a data directory; without a file none.
 * @throws ArchiveError `invalid-pins`: what they protect is not known then, so nothing may be deleted
 */
export function readPins(dataDir: string): readonly Pin[] {
  const path = join(dataDir, PINS_FILE);
  try {
    if (statSync(path).size > MOST_BYTES) throw new TypeError(`it is larger than ${MOST_BYTES} bytes`);
    return pinsIn(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    const fault = cause instanceof SyntaxError ? "it is no JSON" : (cause as Error).message;
    const advice = "repair it, or move it away; nothing is deleted until then";
    throw new ArchiveError("invalid-pins", `pin file ${path} cannot be used: ${fault}; ${advice}`, { cause });
  }
}

/**
 * Changes the pins in one step: all of it is on disk when this resolves, and no change of another program is undone.
 * @throws ArchiveError `invalid-pins`; whatever `change` throws
 */
export function changePins(dataDir: string, change: (pins: readonly Pin[]) => readonly Pin[]): Promise<void> {
  const content = async () => {
    const pins = change(readPins(dataDir));
    if (pins.length > MOST_PINS) throw tooMany(pins.length);
    return `${JSON.stringify({ version: 1, pins: pins.map(written) }, null, 2)}\n`;
  };
  return changeFile({ path: join(dataDir, PINS_FILE), mode: 0o644, content, refuse: refusal });
}

interface WrittenPin {
  readonly id: string;
  readonly device: string;
  /** ISO 8601, UTC. */
  readonly from: string;
  readonly to: string;
  readonly note?: string;
  readonly created: string;
}

// Whole milliseconds, as ISO times have them; never less than was asked for.
function written({ id, device, fromUs, toUs, note, createdUs }: Pin): WrittenPin {
  const iso = (us: number, round: (value: number) => number) => new Date(round(us / 1000)).toISOString();
  const times = {
    from: iso(fromUs, Math.floor),
    to: iso(toUs, Math.ceil),
    created: iso(createdUs, Math.floor),
  };
  return { id, device, ...times, ...(note !== undefined && { note }) };
}

function pinsIn(file: unknown): Pin[] {
  const { version, pins } = (file ?? {}) as { version?: unknown; pins?: unknown };
  if (version !== 1 || !Array.isArray(pins)) throw new TypeError("it is no list of pins of version 1");
  if (pins.length > MOST_PINS) throw tooMany(pins.length);
  return pins.map(pinFrom);
}

function pinFrom(entry: Partial<WrittenPin> | null, index: number): Pin {
  const { id, device, from, to, note, created } = entry ?? {};
  const [fromUs, toUs, createdUs] = [from, to, created].map((time) => Date.parse(String(time)) * 1000);
  const isPin = typeof id === "string" && typeof device === "string" && fromUs <= toUs;
  if (!isPin || Number.isNaN(createdUs) || !["string", "undefined"].includes(typeof note))
    throw new TypeError(`entry ${index + 1} is no pin`);
  return { id, device, fromUs, toUs, note, createdUs };
}

function tooMany(count: number): ArchiveError {
  return new ArchiveError("invalid-pins", `${count} pins are more than the ${MOST_PINS} that may be`);
}

function refusal(path: string, cause: Error | undefined): ArchiveError {
  const why = cause?.message ?? "another audio-receiver pin is writing it";
  return new ArchiveError("invalid-pins", `pin file cannot be written: ${why} (${path})`, { cause });
}
