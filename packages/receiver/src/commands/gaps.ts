import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type GapQuery, type GapRecord, queryGaps } from "@audio/archive";
import { GAP_CAUSES, type GapCause, TimeZone } from "@audio/segments";
import { type Command, Option } from "commander";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { shownDuration, shownTime } from "../shown-time.js";
import { timeOf } from "../time-of.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Times are wall time in --timezone (default: the system's); a date alone is the whole day.

Examples:
  $ audio-receiver gaps                                   the last 24 hours, in ./data
  $ audio-receiver gaps --device kitchen --from -7d
  $ audio-receiver gaps --from 2026-11-20 --to 2026-11-20 --data-dir /data
  $ audio-receiver gaps --cause disk-full --from 2026-11-20T18:00 --json | jq .samples`;

interface GapOptions {
  readonly device?: string;
  readonly from: string;
  readonly to?: string;
  readonly cause?: GapCause;
  readonly json?: boolean;
}

export function addGapsCommand(program: Command): void {
  const command = program.command("gaps").description("what is missing of the recordings, when, and why");
  addOptionsFor(command, ["dataDir", "timezone"]);
  command
    .option("--device <name>", "of this device only")
    .option("--from <when>", "gaps that end after this", "-24h")
    .option("--to <when>", "gaps that begin before this (default: no limit)")
    .addOption(new Option("--cause <cause>", "of this cause only").choices(GAP_CAUSES))
    .option("--json", "one object a line, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => printGaps(command));
}

async function printGaps(command: Command): Promise<void> {
  const values = valuesOf(effectiveConfig(command));
  const dataDir = resolve(values.dataDir);
  if (!existsSync(dataDir))
    throw new ReceiverError("invalid-setting", `data directory ${dataDir} does not exist`);
  const zone = new TimeZone(values.timezone);
  const options = command.opts<GapOptions>();
  const gaps = queryGaps(dataDir, queryOf(options, zone));
  for await (const text of options.json ? asJson(gaps) : asTable(gaps, zone)) process.stdout.write(text);
}

function queryOf({ device, from, to, cause }: GapOptions, zone: TimeZone): GapQuery {
  const nowUs = Date.now() * 1000;
  return {
    device,
    cause,
    fromUs: timeOf(from, { option: "--from", zone, nowUs, day: "start" }),
    toUs: to === undefined ? undefined : timeOf(to, { option: "--to", zone, nowUs, day: "end" }),
    onGarbage: (path, lines) =>
      process.stderr.write(`audio-receiver: ${path}: ${lines} lines are no gaps, skipped\n`),
  };
}

async function* asJson(gaps: AsyncIterable<GapRecord>): AsyncGenerator<string> {
  for await (const gap of gaps) yield `${JSON.stringify(gap)}\n`;
}

async function* asTable(gaps: AsyncIterable<GapRecord>, zone: TimeZone): AsyncGenerator<string> {
  const sums = new Map<GapCause, { gaps: number; us: number }>();
  for await (const gap of gaps) {
    if (sums.size === 0) yield row(["when", "how long", "cause", "in the file", "device"]);
    yield row([
      shownTime(gap.startUs, zone),
      lengthOf(gap),
      gap.cause,
      gap.filled ? "silence" : "-",
      who(gap),
    ]);
    const sum = sums.get(gap.cause) ?? { gaps: 0, us: 0 };
    sums.set(gap.cause, { gaps: sum.gaps + gap.gaps, us: sum.us + gap.lengthUs });
  }
  yield sums.size === 0 ? "no gaps\n" : "\n";
  for (const [cause, { gaps: count, us }] of sums)
    yield `${count} ${count === 1 ? "gap" : "gaps"}, ${shownDuration(us)} in all: ${cause}\n`;
}

const WIDTHS = [23, 20, 14, 11, 0];

function row(cells: readonly string[]): string {
  return `${cells
    .map((cell, i) => cell.padEnd(WIDTHS[i]))
    .join("  ")
    .trimEnd()}\n`;
}

function lengthOf({ lengthUs, gaps, startUs, endUs }: GapRecord): string {
  if (gaps === 1) return shownDuration(lengthUs);
  return `${shownDuration(lengthUs)} of ${shownDuration(endUs - startUs)}`;
}

function who({ device, streamId, source }: GapRecord): string {
  const stream = streamId === undefined ? "several streams" : `stream ${streamId}`;
  return device === undefined ? `(${source}, ${stream})` : `${device} (${stream})`;
}
