import { type Catalogue, layoutReader, openCatalogue, reconcile, type SegmentQuery } from "@audio/archive";
import { readTags } from "@audio/compress";
import { SegmentUpload } from "@audio/keeper";
import { TimeZone } from "@audio/segments";
import { createStore, type Store, type UploadSettings } from "@audio/upload";
import type { Command } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { valuesOf } from "../config/load.js";
import { uploadSettings } from "../config/receiver-settings.js";
import { timeOf } from "../time-of.js";
import { uploadBacklog, waitingForms } from "../upload-backlog.js";
import { existingDataDir } from "./data-dir.js";
import { ProgressLine } from "./progress-line.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";
import { type UploadFlags, UploadReport } from "./upload-report.js";

const EXAMPLES = `
Uploads what lies in the data directory and is not in the store yet, once, the latest first; a server may run meanwhile.
What is there already is not sent again, so it can be stopped and started at any time. The keys of the store come from
the environment, .env or the settings file: audio-receiver config shows what is in effect.

Examples:
  $ audio-receiver upload --dry-run                       what would go, and under which keys
  $ audio-receiver upload --s3-bucket recordings --s3-region eu-central-1
  $ audio-receiver upload --device kitchen --from -7d
  $ audio-receiver upload --json | jq -r 'select(.error) | .path'`;

const SETTINGS = ["dataDir", "timezone", "pathPcm", "pathDevice", "pathAnonymous"];
const S3_SETTINGS = ["s3Provider", "s3Bucket", "s3Region", "s3ServiceUrl", "s3Prefix"];

interface Flags extends UploadFlags {
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addUploadCommand(program: Command): void {
  const command = program.command("upload").description("upload recordings that are not in the S3 store yet");
  addOptionsFor(command, [...SETTINGS, ...S3_SETTINGS]);
  command
    .option("--device <name>", "of this device only")
    .option("--from <when>", "segments that end after this (default: all)")
    .option("--to <when>", "segments that begin before this (default: all)")
    .option("--dry-run", "only say what would be uploaded, and where to")
    .option("--json", "one object a file, and one with totals, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => runUpload(valuesOf(effectiveConfig(command)), command.opts<Flags>()));
}

async function runUpload(values: ConfigValues, flags: Flags): Promise<void> {
  const dataDir = existingDataDir(values);
  const upload = uploadSettings({ ...values, s3Enabled: true, catalogue: true }) as UploadSettings;
  const query = queryOf(flags, new TimeZone(values.timezone));
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const store = createStore(upload.store);
  const catalogue = openCatalogue(dataDir);
  try {
    const work = { values, flags, dataDir, upload, store, catalogue, query, signal: stopping.signal };
    await uploadAll(work);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    process.stderr.write("audio-receiver: stopped; what is uploaded stays, the next time it goes on\n");
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    catalogue.close();
    await store.close();
  }
}

interface Work {
  readonly values: ConfigValues;
  readonly flags: Flags;
  readonly dataDir: string;
  readonly upload: UploadSettings;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly query: SegmentQuery;
  readonly signal: AbortSignal;
}

async function uploadAll(work: Work): Promise<void> {
  const { values, flags, upload, store, catalogue, query, signal } = work;
  if (!flags.dryRun) await store.check(signal);
  await findFiles(work);
  const uploads = new SegmentUpload({ ...work, timezone: values.timezone });
  const report = new UploadReport(flags, store.bucket);
  for (const waiting of waitingForms(catalogue, uploads, query)) {
    report.found(waiting);
    if (flags.dryRun) report.would(waiting, uploads.keyOf(waiting.segment, waiting.form.form));
  }
  const told = {
    onUploaded: report.uploaded.bind(report),
    onFailed: report.failed.bind(report),
    onProgress: report.progress.bind(report),
  };
  const { concurrency } = upload.store;
  try {
    if (!flags.dryRun)
      await uploadBacklog(waitingForms(catalogue, uploads, query), {
        ...{ catalogue, uploads, concurrency, signal },
        ...told,
      });
  } finally {
    report.end();
  }
}

/** So that everything is uploaded that is there, also where no server has run yet. */
async function findFiles({ values, dataDir, catalogue, signal }: Work): Promise<void> {
  const { timezone, pathPcm: pcm, pathDevice: device, pathAnonymous: anonymous } = values;
  const progress = new ProgressLine();
  await reconcile(catalogue, dataDir, {
    zone: new TimeZone(timezone),
    names: layoutReader({ pcm, device, anonymous }),
    readTags,
    signal,
    onProgress: ({ files }) => progress.show(`looking for recordings: ${files} files`),
  }).finally(() => progress.clear());
}

function queryOf({ device, from, to }: Flags, zone: TimeZone): SegmentQuery {
  const nowUs = Date.now() * 1000;
  return {
    device,
    fromUs: from === undefined ? undefined : timeOf(from, { option: "--from", zone, nowUs, day: "start" }),
    toUs: to === undefined ? undefined : timeOf(to, { option: "--to", zone, nowUs, day: "end" }),
  };
}
