import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { changePins, NAMELESS_PIN, type Pin, readPins } from "@audio/archive";
import { sanitizeHwid } from "@audio/protocol";
import { TimeZone } from "@audio/segments";
import type { Command } from "commander";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { addressAsName } from "../ingest/peer-name.js";
import { shownTime } from "../shown-time.js";
import { timeOf } from "../time-of.js";
import { existingDataDir } from "./data-dir.js";
import { table } from "./in-words.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Retention and prune leave every segment alone that reaches into a pinned time. Times are wall time in --timezone
(default: the system's); a date alone is the whole day. A server need not be restarted.

Examples:
  $ audio-receiver pin --device kitchen --from 2026-11-20T18:00 --to 2026-11-20T19:30 --note "the owl"
  $ audio-receiver pin --device kitchen --from 2026-11-20 --to 2026-11-20
  $ audio-receiver pin --list
  $ audio-receiver unpin 3f0a91c2`;

const LONGEST_NOTE = 500;

interface Flags {
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly note?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** Where the pins are, and for people on which clock. */
interface Place {
  readonly dataDir: string;
  readonly zone: TimeZone;
}

export function addPinCommand(program: Command): void {
  const pin = program.command("pin").description("keep a stretch of a device's recordings for good");
  common(pin)
    .option("--device <name>", "of this device; ~ = senders without a name")
    .option("--from <when>", "from here on")
    .option("--to <when>", "up to here")
    .option("--note <text>", "why")
    .option("--list", "show what is pinned")
    .action(() => runPin(placeOf(pin), pin.opts<Flags>()));
}

export function addUnpinCommand(program: Command): void {
  const unpin = program.command("unpin <id>").description("let a pinned stretch go the way of the others");
  common(unpin).action((id: string) => runUnpin(placeOf(unpin), id, unpin.opts<Flags>()));
}

function common(command: Command): Command {
  addOptionsFor(command, ["dataDir", "timezone"]);
  return command.option("--json", "as JSON").addHelpText("after", EXAMPLES);
}

function placeOf(command: Command): Place {
  const values = valuesOf(effectiveConfig(command));
  return { dataDir: existingDataDir(values), zone: new TimeZone(values.timezone) };
}

async function runPin(place: Place, flags: Flags): Promise<void> {
  if (flags.list === true) return show(readPins(place.dataDir), place.zone, flags);
  const pin = pinOf(flags, place.zone);
  await changePins(place.dataDir, (pins) => [...pins, pin]);
  if (flags.json) show([pin], place.zone, flags);
  else process.stdout.write(`pinned as ${pin.id}; audio-receiver unpin ${pin.id} takes it back\n`);
}

async function runUnpin({ dataDir, zone }: Place, id: string, flags: Flags): Promise<void> {
  let gone: readonly Pin[] = [];
  await changePins(dataDir, (pins) => {
    gone = pins.filter((pin) => pin.id === id);
    if (gone.length > 0) return pins.filter((pin) => pin.id !== id);
    throw invalid(`no pin has the id "${id}": audio-receiver pin --list shows those there are`);
  });
  if (flags.json) show(gone, zone, flags);
  else process.stdout.write(`unpinned ${id}\n`);
}

function pinOf({ device, from, to, note }: Flags, zone: TimeZone): Pin {
  if (device === undefined || from === undefined || to === undefined)
    throw invalid("a pin needs --device, --from and --to (or --list)");
  const name = pinnedName(device);
  if (name === undefined) throw invalid(`--device: "${device}" is no device's name`);
  const nowUs = Date.now() * 1000;
  const fromUs = timeOf(from, { option: "--from", zone, nowUs, day: "start" });
  const toUs = timeOf(to, { option: "--to", zone, nowUs, day: "end" });
  if (toUs <= fromUs) throw invalid("--to must be later than --from");
  if (note !== undefined && note.length > LONGEST_NOTE)
    throw invalid(`--note is ${note.length} characters long, at most ${LONGEST_NOTE} are allowed`);
  return { id: randomBytes(4).toString("hex"), device: name, fromUs, toUs, note, createdUs: nowUs };
}

function pinnedName(device: string): string | undefined {
  if (device === NAMELESS_PIN) return device;
  return isIP(device) === 0 ? sanitizeHwid(device) : addressAsName(device);
}

function show(pins: readonly Pin[], zone: TimeZone, { json }: Flags): void {
  if (json) process.stdout.write(`${JSON.stringify(pins, null, 2)}\n`);
  else if (pins.length === 0) process.stdout.write("nothing is pinned\n");
  else
    process.stdout.write(
      table([["id", "device", "from", "to", "note"], ...pins.map((pin) => row(pin, zone))]),
    );
}

function row({ id, device, fromUs, toUs, note }: Pin, zone: TimeZone): string[] {
  return [id, device, shownTime(fromUs, zone), shownTime(toUs, zone), note ?? ""];
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-setting", message);
}
