import { statSync } from "node:fs";
import { mkdir, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { ArchiveError, lockDataDir } from "@audio/archive";
import { type Command, Option } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { carryOut, type ImportRequest, preview } from "../import/carry-out.js";
import { OLD_LAYOUTS, type OldLayout } from "../import/old-names.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Takes over what earlier receivers recorded: 2025-01-08/2025-01-08_1200.wav (or .flac, .opus, .wav.gz), and
kitchen/stream_1_kitchen_20250108_120000.wav with its .bin. Sources are only read, unless --move, and nothing that is
there is overwritten. A second run takes what the first has not. A receiver may record into the data directory meanwhile.

Examples:
  $ audio-receiver import /mnt/old/data/audio --dry-run
  $ audio-receiver import /mnt/old/data/audio --data-dir /data --device kitchen --timezone Europe/Vienna
  $ audio-receiver import /srv/backend/data/received --move

Exit code 1 if a file that should have been taken was not. 130 if it was stopped: the next run goes on.`;

const SETTINGS = ["dataDir", "pathPcm", "pathDevice", "pathAnonymous", "minFreeMb"];
const DEVICE = /^[A-Za-z0-9_-]{1,64}$/;
const WORK_FOLDER = ".import";

interface Flags {
  readonly layout: OldLayout | "auto";
  readonly oldTimezone?: string;
  readonly device?: string;
  readonly move?: boolean;
  readonly link?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addImportCommand(program: Command): void {
  const command = program
    .command("import <sources...>")
    .description("take over recordings of earlier receivers");
  addOptionsFor(command, SETTINGS);
  const timezone = new Option(
    "--timezone <zone>",
    "of the machine that wrote them (default: the receiver's)",
  );
  timezone.attributeName = () => "oldTimezone";
  const layouts = new Option("--layout <layout>", "of the sources")
    .choices(["auto", ...OLD_LAYOUTS])
    .default("auto");
  command
    .addOption(layouts)
    .addOption(timezone)
    .option("--device <name>", "whose recordings they are, where the files do not say")
    .addOption(new Option("--copy", "leave the sources as they are (default)").conflicts(["move", "link"]))
    .addOption(new Option("--move", "remove each old file when its copy was read back").conflicts("link"))
    .option("--link", "make hard links where nothing needs to be changed: takes no room, on one file system")
    .option("--dry-run", "say of every file what would become of it, and do nothing")
    .option("--json", "one object a line, the sums last, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action((sources: string[]) =>
    runImport(sources, valuesOf(effectiveConfig(command)), command.opts<Flags>()),
  );
}

async function runImport(sources: readonly string[], values: ConfigValues, flags: Flags): Promise<void> {
  const { device, layout, oldTimezone = values.timezone } = flags;
  if (device !== undefined && !DEVICE.test(device))
    throw invalid(`--device: "${device}" is not allowed; allowed are 1 … 64 of A-Z a-z 0-9 _ -`);
  const dataDir = resolve(values.dataDir);
  await refuseInside(sources, dataDir);
  const mode = flags.move ? "move" : flags.link ? "link" : "copy";
  const asked = { sources, dataDir, values, mode, layout, oldTimezone, device } as const;
  const request: ImportRequest = { ...asked, isJson: flags.json === true };
  if (flags.dryRun) return preview(request);
  await mkdir(dataDir, { recursive: true });
  refuseForeign(dataDir);
  const workFolder = join(dataDir, WORK_FOLDER);
  const unlock = await lock(workFolder);
  await explained(() => carryOut(request, workFolder)).finally(unlock);
}

/** Recordings in the data directory need no import; those of a folder around it are not to be taken twice. */
async function refuseInside(sources: readonly string[], dataDir: string): Promise<void> {
  const real = await realpath(dataDir).catch(() => dataDir);
  for (const source of sources) {
    const path = await realpath(source).catch(() => resolve(source));
    if (relative(real, path).split(sep)[0] !== "..")
      throw invalid(
        `${source} lies in the data directory ${dataDir}: recordings are known where they are, by audio-receiver reindex; to import them choose another --data-dir`,
      );
  }
}

// What root makes, a service that is not root cannot compress, delete, or put the next file of the day into.
function refuseForeign(dataDir: string): void {
  const { uid } = statSync(dataDir);
  const user = process.getuid?.();
  if (user === undefined || user === uid || user !== 0) return;
  throw new ReceiverError(
    "import-failed",
    `data directory ${dataDir} belongs to user ${uid}, who could not manage what root puts there: run it as that user, with sudo -u '#${uid}'`,
  );
}

async function lock(workFolder: string): Promise<() => Promise<void>> {
  await mkdir(workFolder, { recursive: true });
  return lockDataDir(workFolder).catch((error: unknown) => {
    if (!(error instanceof ArchiveError && error.code === "data-dir-in-use")) throw error;
    const message = `another import into ${dirname(workFolder)} runs: wait for its end`;
    throw new ReceiverError("import-failed", message, { cause: error });
  });
}

async function explained(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const message = `${error.message}; what was taken is there, and the next run goes on`;
    throw new ReceiverError("import-failed", message, { cause: error });
  }
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-setting", message);
}
