import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  CATALOGUE_FILE,
  type Catalogue,
  openCatalogue,
  type Segment,
  type SegmentQuery,
} from "@audio/archive";
import { type CompressedFormat, type CompressionSettings, findFfmpeg } from "@audio/compress";
import { type CompressStep, compressStep } from "@audio/keeper";
import { TimeZone } from "@audio/segments";
import { type Command, Option } from "commander";
import { type CompressPlan, compressAll, planCompression } from "../compress-all.js";
import { valuesOf } from "../config/load.js";
import { compressionOf } from "../config/receiver-settings.js";
import { shownDuration } from "../shown-time.js";
import { timeOf } from "../time-of.js";
import { existingDataDir } from "./data-dir.js";
import { bytesInWords, count } from "./in-words.js";
import { ProgressLine } from "./progress-line.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Works on what the catalogue knows (audio-receiver reindex), also while a server runs. A recording's WAV is removed
when its FLAC or Opus is verified, unless --keep-original. Stopped at any point, it goes on where it was.

Examples:
  $ audio-receiver compress --dry-run
  $ audio-receiver compress --compress-min-seconds 0 --from 2026-11-01 --to 2026-11-20
  $ audio-receiver compress --format opus --opus-bitrate 32 --device kitchen --to -30d

Exit code 1 if a recording could not be compressed: it stays WAV. 130 if it was stopped.`;

const SETTINGS = [
  "dataDir",
  "timezone",
  "compressMinSeconds",
  "keepOriginal",
  "flacLevel",
  "opusBitrate",
  "compressCpuShare",
  "compressTimeoutSeconds",
];

interface Flags {
  readonly format?: CompressedFormat;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addCompressCommand(program: Command): void {
  const command = program.command("compress").description("make FLAC or Opus of what is there as WAV");
  addOptionsFor(command, SETTINGS);
  command
    .addOption(
      new Option("--format <format>", "of the results (default: as configured, else flac)").choices([
        "flac",
        "opus",
      ]),
    )
    .option("--device <name>", "of this device only")
    .option("--from <when>", "recordings that end after this (default: no limit)")
    .option("--to <when>", "recordings that begin before this (default: no limit)")
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--json", "one object a line, the sums last, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => runCompress(command));
}

async function runCompress(command: Command): Promise<void> {
  const values = valuesOf(effectiveConfig(command));
  const flags = command.opts<Flags>();
  const configured = values.compress === "none" ? "flac" : values.compress;
  const policy = compressionOf(values, flags.format ?? configured);
  const query = queryOf(flags, new TimeZone(values.timezone));
  const dataDir = existingDataDir(values);
  if (!flags.dryRun) await findFfmpeg({ encoders: [policy.format === "flac" ? "flac" : "libopus"] });
  const catalogue = openExisting(dataDir, flags.dryRun === true);
  try {
    await (flags.dryRun ? preview : compress)({
      catalogue,
      dataDir,
      policy,
      query,
      isJson: flags.json === true,
    });
  } finally {
    catalogue.close();
  }
}

function queryOf({ device, from, to }: Flags, zone: TimeZone): SegmentQuery {
  const nowUs = Date.now() * 1000;
  return {
    device,
    fromUs: from === undefined ? undefined : timeOf(from, { option: "--from", zone, nowUs, day: "start" }),
    toUs: to === undefined ? undefined : timeOf(to, { option: "--to", zone, nowUs, day: "end" }),
  };
}

/** An empty one that is made now would say that there is nothing to compress. */
function openExisting(dataDir: string, isDryRun: boolean): Catalogue {
  return openCatalogue(dataDir, { readOnly: isDryRun || !existsSync(join(dataDir, CATALOGUE_FILE)) });
}

interface Job {
  readonly catalogue: Catalogue;
  readonly dataDir: string;
  readonly policy: CompressionSettings;
  readonly query: SegmentQuery;
  readonly isJson: boolean;
}

type Done = Readonly<Record<string, unknown>>;

function stepOf({ catalogue, dataDir, policy }: Job, onDone: (fields: Done) => void): CompressStep {
  const tell = (level: string, _message: string, fields?: Done) => {
    if (level === "info" && fields !== undefined) onDone(fields);
  };
  return compressStep(policy, { catalogue, settings: { dataDir }, tell });
}

const print = (fields: object) => process.stdout.write(`${JSON.stringify(fields)}\n`);

async function preview(job: Job): Promise<void> {
  const { catalogue, policy, query, isJson } = job;
  const plan = planCompression(
    catalogue,
    stepOf(job, () => undefined),
    query,
    ({ stem }, bytes) => {
      if (isJson) print({ outcome: "would-compress", stem, format: policy.format, bytesBefore: bytes });
      else process.stdout.write(`${stem}.wav  ${bytesInWords(bytes)}\n`);
    },
  );
  const { ids, bytes, audioSeconds, left } = plan;
  if (isJson) print({ outcome: "sums", recordings: ids.length, bytesBefore: bytes, audioSeconds, left });
  else process.stdout.write(`would make ${policy.format} of ${inWords(plan)}\n${leftInWords(plan, policy)}`);
}

async function compress(job: Job): Promise<void> {
  const { catalogue, query, isJson } = job;
  const step = stepOf(
    job,
    ({ inAll: _, ...fields }) => isJson && print({ outcome: "compressed", ...fields }),
  );
  const plan = planCompression(catalogue, step, query, () => undefined);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const progress = new ProgressLine();
  let failed = 0;
  const onFailure = ({ stem }: Segment, error: Error) => {
    failed++;
    progress.clear();
    if (isJson) print({ outcome: "failed", stem, reason: error.message });
    else process.stderr.write(`audio-receiver: ${error.message}\n`);
  };
  const onProgress = () =>
    progress.show(`${step.totals.compressed + failed} of ${plan.ids.length}: ${sumsOf(step)}`);
  try {
    await compressAll({ catalogue, step, ids: plan.ids, signal: abort.signal, onFailure, onProgress });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    progress.clear();
    report(job, step, plan, failed);
  }
  if (failed > 0) process.exitCode ??= 1;
}

function report({ policy, isJson }: Job, step: CompressStep, plan: CompressPlan, failed: number): void {
  const { compressed, bytesBefore, bytesAfter, audioSeconds, wallSeconds, timesRealTime } = step.totals;
  if (isJson) {
    const sums = { compressed, failed, bytesBefore, bytesAfter, audioSeconds, wallSeconds, timesRealTime };
    print({ outcome: "sums", ...sums, left: plan.left });
    return;
  }
  const failures = failed === 0 ? "" : `${count(failed, "recording")} stayed as they were, see above\n`;
  process.stdout.write(
    `${policy.format} of ${count(compressed, "recording")}: ${sumsOf(step)}\n${failures}${leftInWords(plan, policy)}`,
  );
}

/** `1.2 GB → 620.0 MB (51.6 %), 310 times real time` */
function sumsOf({ totals }: CompressStep): string {
  const { bytesBefore, bytesAfter, percent, timesRealTime, compressed } = totals;
  if (compressed === 0) return "nothing yet";
  const sizes = `${bytesInWords(bytesBefore)} → ${bytesInWords(bytesAfter)} (${percent.toFixed(1)} %)`;
  return `${sizes}, ${Math.round(timesRealTime)} times real time`;
}

function inWords({ ids, bytes, audioSeconds }: CompressPlan): string {
  return `${count(ids.length, "recording")}, ${shownDuration(audioSeconds * 1e6)}, ${bytesInWords(bytes)}`;
}

function leftInWords({ left }: CompressPlan, { minSeconds }: CompressionSettings): string {
  if (left === 0) return "";
  return `${count(left, "recording")} stay WAV: shorter than ${minSeconds} s (--compress-min-seconds), or kept beside a result\n`;
}
