import { type Catalogue, FORMS, openCatalogue, type Segment, type SegmentQuery } from "@audio/archive";
import { TimeZone } from "@audio/segments";
import type { Command } from "commander";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { shownDuration, shownTime } from "../shown-time.js";
import { timeOf } from "../time-of.js";
import { existingDataDir } from "./data-dir.js";
import { bytesInWords, count, tableRow } from "./in-words.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Times are wall time in --timezone (default: the system's); a date alone is the whole day. Forms: "flac" is a file,
"flac+s3" a file that is stored remotely too, "s3:flac" one that is there alone.

Examples:
  $ audio-receiver ls                                     the last 24 hours, in ./data
  $ audio-receiver ls --device kitchen --from 2026-11-20 --to 2026-11-20
  $ audio-receiver ls --from -1h --json | jq -r .stem`;

const MOST = 1_000_000;

interface Flags {
  readonly device?: string;
  readonly from: string;
  readonly to?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export function addLsCommand(program: Command): void {
  const command = program.command("ls").description("what was recorded: segments, their files and levels");
  addOptionsFor(command, ["dataDir", "timezone"]);
  command
    .option("--device <name>", "of this device only")
    .option("--from <when>", "segments that end after this", "-24h")
    .option("--to <when>", "segments that begin before this (default: no limit)")
    .option("--limit <n>", "the latest so many", "1000")
    .option("--json", "one object a line, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => {
    const values = valuesOf(effectiveConfig(command));
    const zone = new TimeZone(values.timezone);
    const flags = command.opts<Flags>();
    const limit = limitOf(flags.limit);
    const query = queryOf(flags, zone);
    const catalogue = openCatalogue(existingDataDir(values), { readOnly: true });
    try {
      list(catalogue, { ...query, limit }, zone, flags.json === true);
    } finally {
      catalogue.close();
    }
  });
}

function queryOf({ device, from, to }: Flags, zone: TimeZone): SegmentQuery {
  const nowUs = Date.now() * 1000;
  return {
    device,
    fromUs: timeOf(from, { option: "--from", zone, nowUs, day: "start" }),
    toUs: to === undefined ? undefined : timeOf(to, { option: "--to", zone, nowUs, day: "end" }),
  };
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MOST) return limit;
  throw new ReceiverError("invalid-setting", `--limit: "${text}" is not allowed; allowed is 1 … ${MOST}`);
}

function list(
  catalogue: Catalogue,
  query: SegmentQuery & { limit: number },
  zone: TimeZone,
  isJson: boolean,
): void {
  // One more tells whether there are more.
  const found = catalogue.segments.list({ ...query, limit: query.limit + 1, descending: true });
  const shown = found.slice(0, query.limit).reverse();
  for (const segment of shown) {
    if (!isJson && segment === shown[0]) process.stdout.write(tableRow(HEADER, WIDTHS));
    process.stdout.write(isJson ? `${JSON.stringify(segment)}\n` : rowOf(segment, zone));
  }
  if (!isJson) process.stdout.write(totals(shown, found.length > shown.length));
}

const HEADER = ["start", "length", "device", "stream", "forms", "size", "peak", "gaps"];
const WIDTHS = [23, 10, 16, 10, 14, 9, 11, 0];

function rowOf(segment: Segment, zone: TimeZone): string {
  const { startUs, endUs, device = "-", streamId, forms, levels, gaps } = segment;
  const cells = [shownTime(startUs, zone), shownDuration(endUs - startUs), device, `${streamId}`];
  const peak = levels === undefined ? "-" : `${levels.peakDbfs.toFixed(1)} dBFS`;
  const size = bytesInWords(localBytes(segment));
  return tableRow(
    [...cells, inOrder(forms).map(inWords).join(" "), size, peak, `${gaps.length || ""}`],
    WIDTHS,
  );
}

function inOrder(forms: Segment["forms"]): Segment["forms"] {
  return [...forms].sort((a, b) => FORMS.indexOf(a.form) - FORMS.indexOf(b.form));
}

function inWords({ form, local, remote }: Segment["forms"][number]): string {
  if (remote === undefined) return form;
  return local ? `${form}+s3` : `s3:${form}`;
}

function localBytes({ forms }: Segment): number {
  return forms.reduce((sum, { local, bytes }) => sum + (local ? bytes : 0), 0);
}

function totals(segments: readonly Segment[], isMore: boolean): string {
  if (segments.length === 0) return "no recordings\n";
  const us = segments.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const bytes = segments.reduce((sum, segment) => sum + localBytes(segment), 0);
  const more = isMore ? "; there are more before them (--limit)" : "";
  return `\n${count(segments.length, "segment")}, ${shownDuration(us)}, ${bytesInWords(bytes)}${more}\n`;
}
