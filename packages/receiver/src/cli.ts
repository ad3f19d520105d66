import { Command, CommanderError } from "commander";
import { VERSION } from "./software.js";

const EXAMPLES = `
Examples:
  $ audio-receiver serve                          record into ./data
  $ audio-receiver serve --data-dir /data --host 127.0.0.1
  $ audio-receiver demo                           the same, with simulated devices
  $ audio-receiver token add kitchen              a token for a device, for serve --auth token
  $ audio-receiver convert stream_7.bin           frames as received → WAV
  $ audio-receiver ls                             what was recorded
  $ audio-receiver stats                          how much, of whom, and how long the disk lasts
  $ audio-receiver gaps                           what is missing, when, and why
  $ audio-receiver export --from -1h              the last hour of a device, as one file
  $ audio-receiver reindex                        build the catalogue anew from the recordings
  $ audio-receiver import /mnt/old/audio          take over recordings of earlier receivers
  $ audio-receiver compress                       make FLAC of the WAV files that are there
  $ audio-receiver upload --dry-run               what is not in the S3 store yet
  $ audio-receiver prune --dry-run                what retention would delete, and why
  $ audio-receiver config                         what is in effect, and why
  $ audio-receiver doctor                         what is missing for all that to work
  $ audio-receiver report                         all that helps to find a fault, without secrets
  $ audio-receiver top                            live streams of a receiver that runs
  $ sudo audio-receiver service install           as a service that starts with the machine`;

// Loaded when it is asked for: the web server alone takes longer to load than most commands run.
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import("./commands/serve.js")).addServeCommand,
  demo: async () => (await import("./commands/demo.js")).addDemoCommand,
  token: async () => (await import("./commands/token.js")).addTokenCommand,
  "hash-password": async () => (await import("./commands/hash-password.js")).addHashPasswordCommand,
  convert: async () => (await import("./commands/convert.js")).addConvertCommand,
  recover: async () => (await import("./commands/recover.js")).addRecoverCommand,
  ls: async () => (await import("./commands/ls.js")).addLsCommand,
  stats: async () => (await import("./commands/stats.js")).addStatsCommand,
  gaps: async () => (await import("./commands/gaps.js")).addGapsCommand,
  export: async () => (await import("./commands/export.js")).addExportCommand,
  reindex: async () => (await import("./commands/reindex.js")).addReindexCommand,
  import: async () => (await import("./commands/import.js")).addImportCommand,
  compress: async () => (await import("./commands/compress.js")).addCompressCommand,
  upload: async () => (await import("./commands/upload.js")).addUploadCommand,
  prune: async () => (await import("./commands/prune.js")).addPruneCommand,
  pin: async () => (await import("./commands/pin.js")).addPinCommand,
  unpin: async () => (await import("./commands/pin.js")).addUnpinCommand,
  config: async () => (await import("./commands/config.js")).addConfigCommand,
  doctor: async () => (await import("./commands/doctor.js")).addDoctorCommand,
  report: async () => (await import("./commands/report.js")).addReportCommand,
  service: async () => (await import("./commands/service.js")).addServiceCommand,
  top: async () => (await import("./commands/top.js")).addTopCommand,
};

/** Runs the command line; the only place that ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("audio-receiver")
    .description("Records audio that microphones send over WebSocket and TCP.")
    .version(VERSION)
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(--help shows all options)");
  for (const load of asked(argv[2])) (await load())(program);
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])])
    command.exitOverride();
  process.stdout.on("error", leaveUnread);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = reported(error);
  }
}

// Whoever reads has seen enough, as `head` does: the rest is for nobody. A server records on.
function leaveUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** The command of that name; all of them where help, or a guess at what was meant, has to know them. */
function asked(name = "") {
  if (name === "--version") return [];
  return Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
}

// Their messages say what to change. By name, as their packages are loaded by who needs them.
const KNOWN = ["ReceiverError", "ArchiveError", "CompressError", "SegmentsError", "HookError", "UploadError"];

// What commander found wrong it has said already.
function reported(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { name, message, code } = error as Error & { code?: unknown };
  const known = KNOWN.includes(name);
  process.stderr.write(known ? `audio-receiver: ${message}\n` : `audio-receiver: unexpected: ${message}\n`);
  const mistaken = name === "ReceiverError" && code === "invalid-setting";
  return mistaken || name === "SegmentsError" || name === "HookError" ? 2 : 1;
}
