import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  type AudioSources,
  type Catalogue,
  type DeviceSummary,
  openCatalogue,
  planDevice,
  type RangePlan,
  type RangeQuery,
} from "@audio/archive";
import { findFfmpeg } from "@audio/compress";
import { TimeZone } from "@audio/segments";
import { type Command, Option } from "commander";
import { valuesOf } from "../config/load.js";
import { receiverSettings } from "../config/receiver-settings.js";
import { ReceiverError } from "../errors.js";
import { ffmpegCodecs, needsFfmpeg } from "../export/codecs.js";
import { fileNameOf, metadataOf } from "../export/describe-range.js";
import { EXPORT_FORMATS, type ExportFormat, exportRange } from "../export/export-range.js";
import { progressText } from "../export/progress-text.js";
import { StoreReader } from "../export/store-reader.js";
import { summaryObject, summaryText, unreadable } from "../export/summary.js";
import { nameOf, whichDevice } from "../export/which-device.js";
import { shownTime } from "../shown-time.js";
import { timeOf } from "../time-of.js";
import { ProgressLine } from "./progress-line.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Times are wall time in --timezone (default: the system's); a date alone is the whole day.

Examples:
  $ audio-receiver export --device kitchen --from -1h
  $ audio-receiver export --device kitchen --from 2026-11-20T18:00 --to 2026-11-20T18:05 --out evening.wav
  $ audio-receiver export --device kitchen --from 2026-11-20 --to 2026-11-20 --format flac --gaps cut
  $ audio-receiver export --device kitchen --from -10m --out - | ffplay -

Exit code 1 also when something could not be read: the file is there, with silence in its place.`;

interface ExportFlags {
  readonly device?: string;
  readonly from: string;
  readonly to?: string;
  readonly format: ExportFormat;
  readonly gaps: RangePlan["gaps"];
  readonly stream?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addExportCommand(program: Command): void {
  const command = program.command("export").description("a device's audio of a time range, as one file");
  addOptionsFor(command, ["dataDir", "timezone"]);
  command
    .option(
      "--device <name>",
      'of this device ("" = senders without a name; may be left out if there is one)',
    )
    .requiredOption("--from <when>", "first moment")
    .option("--to <when>", "end (default: that of what is recorded)")
    .addOption(new Option("--format <format>", "of the file").choices(EXPORT_FORMATS).default("wav"))
    .addOption(
      new Option("--gaps <as>", "what was not recorded").choices(["silence", "cut"]).default("silence"),
    )
    .option("--stream <id>", "of this stream alone, if the device has several at the same time")
    .option("--out <file>", "where to write, - = standard output (default: named by device and time, here)")
    .option("--force", "replace a file that exists")
    .option("--json", "one object, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => exportCommand(command));
}

async function exportCommand(command: Command): Promise<void> {
  const values = valuesOf(effectiveConfig(command));
  const dataDir = resolve(values.dataDir);
  if (!existsSync(dataDir))
    throw new ReceiverError("invalid-setting", `data directory ${dataDir} does not exist`);
  const zone = new TimeZone(values.timezone);
  const flags = command.opts<ExportFlags>();
  const store = new StoreReader(receiverSettings(values).upload?.store);
  const catalogue = openCatalogue(dataDir, { readOnly: true });
  try {
    const summary = whichDevice(catalogue, flags.device);
    const query = queryOf(flags, zone, summary);
    const plan = planned(catalogue, summary, query, zone);
    const formsOf = async ({ id }: { id: number }) => catalogue.segments.byId(id)?.forms ?? [];
    const sources = { dataDir, formsOf, openRemote: store.openRemote };
    await run({ flags, zone, query, plan, device: summary.device, sources });
  } finally {
    catalogue.close();
    await store.close();
  }
}

function queryOf(
  { from, to, gaps, stream }: ExportFlags,
  zone: TimeZone,
  summary: DeviceSummary,
): RangeQuery {
  const nowUs = Date.now() * 1000;
  const fromUs = timeOf(from, { option: "--from", zone, nowUs, day: "start" });
  const lastUs = Math.max(summary.lastUs, fromUs + 1);
  const toUs = to === undefined ? lastUs : timeOf(to, { option: "--to", zone, nowUs, day: "end" });
  if (fromUs >= toUs) throw new ReceiverError("invalid-setting", `--from ${from} is not before --to ${to}`);
  return { fromUs, toUs, gaps, streamId: stream === undefined ? undefined : streamIdOf(stream) };
}

function streamIdOf(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 0xffff_ffff) return value;
  throw new ReceiverError(
    "invalid-setting",
    `--stream: "${text}" is not allowed; allowed is a number 0 … 4294967295`,
  );
}

function planned(
  catalogue: Catalogue,
  { device, firstUs, lastUs }: DeviceSummary,
  query: RangeQuery,
  zone: TimeZone,
): RangePlan {
  const plan = planDevice(catalogue, device ?? null, query);
  if (plan !== undefined) return plan;
  const [from, to, first, last] = [query.fromUs, query.toUs, firstUs, lastUs].map((us) =>
    shownTime(us, zone),
  );
  const stream = query.streamId === undefined ? "" : `, stream ${query.streamId}`;
  throw new ReceiverError(
    "nothing-recorded",
    `nothing of ${nameOf(device)}${stream} from ${from} to ${to}; there is audio of it from ${first} to ${last}`,
  );
}

interface Run {
  readonly flags: ExportFlags;
  readonly zone: TimeZone;
  readonly query: RangeQuery;
  readonly plan: RangePlan;
  readonly device: string | undefined;
  readonly sources: AudioSources;
}

async function run({ flags, zone, query, plan, device, sources }: Run): Promise<void> {
  const { format, force = false } = flags;
  if (needsFfmpeg(plan, format)) await findFfmpeg(); // says what to do where there is none
  const { decode, encode } = ffmpegCodecs();
  const file = flags.out === "-" ? undefined : (flags.out ?? fileNameOf(device, query, format, zone));
  const metadata = metadataOf(plan, device, zone);
  const progress = new ProgressLine();
  const beganMs = performance.now();
  const { signal, release } = untilInterrupted();
  const onProgress = (samples: number) =>
    progress.show(progressText(samples, plan, performance.now() - beganMs));
  const out = file ?? process.stdout;
  const job = {
    plan,
    metadata,
    sources: { ...sources, decode },
    encode,
    format,
    out,
    force,
    signal,
    onProgress,
  };
  const exported = await exportRange(job).finally(() => {
    release();
    progress.clear();
  });
  const summary = { ...exported, plan, device, file, format };
  const text = flags.json ? `${JSON.stringify(summaryObject(summary))}\n` : summaryText(summary, zone);
  (file === undefined ? process.stderr : process.stdout).write(text);
  if (unreadable(exported.notes) > 0) process.exitCode = 1;
}

// The unfinished file goes before the program does.
function untilInterrupted(): { signal: AbortSignal; release: () => void } {
  const interrupted = new AbortController();
  const stop = () =>
    interrupted.abort(new ReceiverError("export-failed", "interrupted; nothing was written"));
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.once(name, stop);
  const release = () => {
    for (const name of signals) process.off(name, stop);
  };
  return { signal: interrupted.signal, release };
}
