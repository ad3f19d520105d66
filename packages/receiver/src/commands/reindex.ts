import {
  type Catalogue,
  type FileFault,
  ingestLedger,
  isBroken,
  type LedgerSums,
  layoutReader,
  openCatalogue,
  type ReconcileSums,
  reconcile,
  setAsideDatabase,
} from "@audio/archive";
import { readTags } from "@audio/compress";
import { TimeZone } from "@audio/segments";
import type { UploadSettings } from "@audio/upload";
import type { Command } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { valuesOf } from "../config/load.js";
import { existingDataDir } from "./data-dir.js";
import { bytesInWords, count } from "./in-words.js";
import { ProgressLine } from "./progress-line.js";
import { type BucketWork, bucketOf, bucketReport, reindexBucket } from "./reindex-bucket.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
The recordings are the truth: whatever the catalogue says of them is read from the files again. What they do not say
(levels) stays; of what is new, the server measures it. A server may run meanwhile. Files without metadata are known by their names, whose times are in
--timezone. Where recordings are uploaded (S3_ENABLED), the bucket is searched too: a request for every thousand objects,
and one for each that is not known.

Examples:
  $ audio-receiver reindex --data-dir /data
  $ audio-receiver reindex --json | jq .added
  $ audio-receiver reindex --no-bucket           only the files
  $ audio-receiver reindex --accept-missing      after whole folders were removed on purpose`;

const S3_SETTINGS = ["s3Provider", "s3Bucket", "s3Region", "s3ServiceUrl", "s3Prefix"];
const SHOWN_FAULTS = 20;
const MOST_FAULTS = 1000;

interface Flags {
  readonly acceptMissing?: boolean;
  readonly bucket?: boolean;
  readonly json?: boolean;
}

interface Reindexed extends ReconcileSums {
  readonly gaps: LedgerSums;
  /** The first 1000. */
  readonly broken: readonly FileFault[];
}

interface Work extends BucketWork {
  readonly flags: Flags;
  readonly upload: UploadSettings | undefined;
}

export function addReindexCommand(program: Command): void {
  const command = program.command("reindex").description("build the catalogue from the recordings");
  addOptionsFor(command, ["dataDir", "timezone", "pathPcm", "pathDevice", "pathAnonymous", ...S3_SETTINGS]);
  command
    .option(
      "--accept-missing",
      "forget recordings whose folders are gone or empty (is their disk mounted?), or whose bucket is",
    )
    .option("--bucket", "search the bucket too, also while uploading is off (default: where S3_ENABLED)")
    .option("--no-bucket", "only the files")
    .option("--json", "what was found and done, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => runReindex(valuesOf(effectiveConfig(command)), command.opts<Flags>()));
}

async function runReindex(values: ConfigValues, flags: Flags): Promise<void> {
  const dataDir = existingDataDir(values);
  const upload = bucketOf(values, flags.bucket);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const catalogue = openOrBuild(dataDir);
  try {
    const { acceptMissing } = flags;
    await reindexAll({ catalogue, dataDir, values, flags, upload, acceptMissing, signal: abort.signal });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    process.stderr.write("audio-receiver: stopped; what was found until now is in the catalogue\n");
    process.exitCode = 130;
  } finally {
    catalogue.close();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

// The files first, and said: a bucket that cannot be reached takes nothing of that back.
async function reindexAll(work: Work): Promise<void> {
  const { catalogue, dataDir, values, flags, upload, signal } = work;
  const done = await reindex(catalogue, dataDir, values, { ...flags, signal });
  const segments = () => catalogue.devices.summaries().reduce((sum, device) => sum + device.segments, 0);
  if (!flags.json) process.stdout.write(report(dataDir, segments(), done));
  const bucket = upload && (await reindexBucket(upload, work));
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ dataDir, segments: segments(), ...done, bucket }, null, 2)}\n`);
  else if (bucket !== undefined)
    process.stdout.write(`${bucketReport(bucket).join("\n")}\n${count(segments(), "segment")} in all\n`);
}

function openOrBuild(dataDir: string): Catalogue {
  try {
    return openCatalogue(dataDir);
  } catch (error) {
    if (!isBroken(error)) throw error;
    const aside = setAsideDatabase(dataDir);
    process.stderr.write(
      `audio-receiver: the catalogue is damaged: it is built anew, the old one is ${aside}\n`,
    );
    return openCatalogue(dataDir);
  }
}

async function reindex(
  catalogue: Catalogue,
  dataDir: string,
  { timezone, pathPcm, pathDevice, pathAnonymous, s3Enabled }: ConfigValues,
  { acceptMissing, signal }: Flags & { signal: AbortSignal },
): Promise<Reindexed> {
  const progress = new ProgressLine();
  const broken: FileFault[] = [];
  const nowMs = Date.now();
  const steps = s3Enabled ? ["measure", "upload"] : ["measure"];
  const sums = await reconcile(catalogue, dataDir, {
    zone: new TimeZone(timezone),
    names: layoutReader({ pcm: pathPcm, device: pathDevice, anonymous: pathAnonymous }),
    readTags,
    all: true,
    reread: true,
    acceptMissing,
    signal,
    // As a server that builds its catalogue anew: levels and a copy in the store, when one runs; nobody is told.
    onAdded: (id) => {
      for (const step of steps) catalogue.jobs.addFor(id, step, nowMs, nowMs, true);
    },
    onFault: (fault) => {
      if (broken.push(fault) > MOST_FAULTS) broken.pop();
    },
    onProgress: ({ files, folders, added }) =>
      progress.show(`${count(files, "file")} in ${count(folders, "folder")}, ${added} new`),
  }).finally(() => progress.clear());
  return { ...sums, gaps: await ingestLedger(catalogue, dataDir, { signal }), broken };
}

function report(dataDir: string, segments: number, done: Reindexed): string {
  const { files, bytes, folders, added, changed, gone, foreign, faults, gaps, broken } = done;
  const lines = [
    `${dataDir}: ${count(segments, "segment")} in the catalogue`,
    `read   ${count(files, "file")}, ${bytesInWords(bytes)}, in ${count(folders, "folder")}`,
    `new    ${count(added, "segment")}, ${changed} with other files than before, ${gone} with files that are gone`,
    `gaps   ${count(gaps.gaps, "line")} read`,
  ];
  if (foreign > 0) lines.push(`others ${count(foreign, "file")} that are no recordings of a receiver`);
  if (faults > 0) lines.push(`broken ${count(faults, "file or folder", "files and folders")}:`);
  lines.push(...broken.slice(0, SHOWN_FAULTS).map(({ path, reason }) => `       ${path}: ${reason}`));
  if (faults > SHOWN_FAULTS) lines.push(`       … and ${faults - SHOWN_FAULTS} more (--json lists them)`);
  return `${lines.join("\n")}\n`;
}
