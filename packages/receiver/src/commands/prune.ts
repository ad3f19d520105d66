import { statfsSync } from "node:fs";
import { type Catalogue, layoutReader, openCatalogue, readPins, reconcile } from "@audio/archive";
import { readTags } from "@audio/compress";
import {
  deleteSegments,
  isLimiting,
  planRemovals,
  type Refusal,
  type Removal,
  retentionPolicy,
  type Shortage,
} from "@audio/keeper";
import { TimeZone } from "@audio/segments";
import type { Command } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { valuesOf } from "../config/load.js";
import { retentionSettings } from "../config/retention-settings.js";
import { ReceiverError } from "../errors.js";
import { shownTime } from "../shown-time.js";
import { existingDataDir } from "./data-dir.js";
import { bytesInWords, count, tableRow } from "./in-words.js";
import { addSettingOptions, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Does once, by the settings of retention, what a running server does all the time; one may run meanwhile. What is
pinned stays (audio-receiver pin --list).

Examples:
  $ audio-receiver prune --dry-run                                     what would go, and why
  $ audio-receiver prune --dry-run --retention-max-age-days 30
  $ audio-receiver prune --retention-keep-free-mb 5000 --data-dir /data
  $ audio-receiver prune --dry-run --json | jq -s 'map(.bytes // 0) | add'`;

const BATCH = 200;
const WIDTHS = [23, 12, 10, 20];
const SHOWN_REFUSALS = 20;

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Sums {
  readonly byReason: Map<string, { segments: number; bytes: number }>;
  readonly refused: Refusal[];
}

export function addPruneCommand(program: Command): void {
  const command = program.command("prune").description("delete recordings that retention does not want");
  addSettingOptions(command);
  command
    .option("--dry-run", "only say what would go, and why")
    .option("--json", "one object a segment, and one with totals, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => prune(valuesOf(effectiveConfig(command)), command.opts<Flags>()));
}

async function prune(values: ConfigValues, flags: Flags): Promise<void> {
  const dataDir = existingDataDir(values);
  const policy = retentionPolicy(
    retentionSettings(values),
    values.s3Enabled ? { bin: values.s3UploadBin } : undefined,
  );
  if (!isLimiting(policy)) throw nothingToDo();
  const zone = new TimeZone(values.timezone);
  const { pathPcm: pcm, pathDevice: device, pathAnonymous: anonymous } = values;
  const names = layoutReader({ pcm, device, anonymous });
  const catalogue = openCatalogue(dataDir);
  try {
    await reconcile(catalogue, dataDir, { zone, names, readTags });
    const { bavail, bsize } = statfsSync(dataDir);
    const plan = planRemovals({
      policy,
      local: catalogue.local,
      pins: readPins(dataDir),
      nowUs: Date.now() * 1000,
      freeBytes: bavail * bsize,
    });
    const remove = flags.dryRun === true ? () => [] : remover(dataDir, catalogue);
    const { sums, shortages } = carryOut(plan, remove, flags, zone);
    process.stdout.write(flags.json ? totalsAsJson(sums, shortages) : totals(sums, shortages, flags));
    report(sums.refused);
  } finally {
    catalogue.close();
  }
}

function remover(dataDir: string, catalogue: Catalogue) {
  return (removals: readonly Removal[]) =>
    deleteSegments(
      dataDir,
      catalogue,
      removals.map(({ segment }) => segment),
    ).refused;
}

function carryOut(
  plan: Generator<Removal, Shortage[]>,
  remove: (removals: readonly Removal[]) => readonly Refusal[],
  { json }: Flags,
  zone: TimeZone,
): { sums: Sums; shortages: readonly Shortage[] } {
  const sums: Sums = { byReason: new Map(), refused: [] };
  for (;;) {
    const { removals, shortages } = take(plan);
    const refused = remove(removals);
    sums.refused.push(...refused);
    const stuck = new Set(refused.map(({ segment }) => segment));
    for (const removal of removals.filter(({ segment }) => !stuck.has(segment))) {
      const { segments, bytes } = sums.byReason.get(removal.reason) ?? { segments: 0, bytes: 0 };
      sums.byReason.set(removal.reason, { segments: segments + 1, bytes: bytes + removal.segment.bytes });
      process.stdout.write(json ? asJson(removal) : row(removal, zone));
    }
    if (shortages !== undefined) return { sums, shortages };
  }
}

/** The next ones; `shortages` with the last. */
function take(plan: Generator<Removal, Shortage[]>): { removals: Removal[]; shortages?: Shortage[] } {
  const removals: Removal[] = [];
  while (removals.length < BATCH) {
    const next = plan.next();
    if (next.done === true) return { removals, shortages: next.value };
    removals.push(next.value);
  }
  return { removals };
}

function asJson({ segment, reason }: Removal): string {
  const { stem, device, startUs, endUs, bytes, isSaved, forms } = segment;
  const shown = { stem, device: device ?? null, startUs, endUs, bytes, uploaded: isSaved, reason };
  return `${JSON.stringify({ ...shown, forms: forms.map(({ form }) => form) })}\n`;
}

function row({ segment: { stem, startUs, bytes, device }, reason }: Removal, zone: TimeZone): string {
  return tableRow([shownTime(startUs, zone), reason, bytesInWords(bytes), device ?? "-", stem], WIDTHS);
}

function totalsAsJson({ byReason, refused }: Sums, shortages: readonly Shortage[]): string {
  const notDeleted = refused.map(({ path, error }) => ({ path, reason: error.message }));
  return `${JSON.stringify({ totals: Object.fromEntries(byReason), shortages, notDeleted })}\n`;
}

function totals({ byReason }: Sums, shortages: readonly Shortage[], { dryRun }: Flags): string {
  if (byReason.size === 0 && shortages.length === 0) return "nothing to delete\n";
  const verb = dryRun === true ? "would be deleted" : "deleted";
  const lines = [...byReason].map(
    ([reason, { segments, bytes }]) =>
      `${count(segments, "segment")}, ${bytesInWords(bytes)} ${verb}: ${reason}`,
  );
  const short = shortages.map(({ reason, device, bytes, waitsForUpload }) => {
    const limit = device === undefined ? reason : `${reason} of ${device}`;
    const why = waitsForUpload ? "what is left is not uploaded yet" : "what is left is pinned or kept";
    return `${bytesInWords(bytes)} too much for ${limit}: ${why}`;
  });
  const text = [...lines, ...short].map((line) => `${line}\n`).join("");
  return byReason.size > 0 ? `\n${text}` : text;
}

function report(refused: readonly Refusal[]): void {
  if (refused.length === 0) return;
  process.exitCode = 1;
  for (const { path, error } of refused.slice(0, SHOWN_REFUSALS))
    process.stderr.write(`audio-receiver: ${path} cannot be deleted: ${error.message}\n`);
  const more = refused.length - SHOWN_REFUSALS;
  if (more > 0) process.stderr.write(`audio-receiver: and ${count(more, "more file")}\n`);
}

function nothingToDo(): ReceiverError {
  return new ReceiverError(
    "invalid-setting",
    "no limit is configured: give --retention-max-age-days, --retention-max-total-gb or --retention-keep-free-mb, or limits of devices in the settings file",
  );
}
