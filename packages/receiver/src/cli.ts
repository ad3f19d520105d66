import { ArchiveError } from "@audio/archive";
import { CompressError } from "@audio/compress";
import { HookError } from "@audio/keeper";
import { SegmentsError } from "@audio/segments";
import { UploadError } from "@audio/upload/settings";
import { Command, CommanderError } from "commander";
import { addCompressCommand } from "./commands/compress.js";
import { addConfigCommand } from "./commands/config.js";
import { addConvertCommand } from "./commands/convert.js";
import { addDemoCommand } from "./commands/demo.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addExportCommand } from "./commands/export.js";
import { addGapsCommand } from "./commands/gaps.js";
import { addHashPasswordCommand } from "./commands/hash-password.js";
import { addImportCommand } from "./commands/import.js";
import { addLsCommand } from "./commands/ls.js";
import { addPinCommands } from "./commands/pin.js";
import { addPruneCommand } from "./commands/prune.js";
import { addRecoverCommand } from "./commands/recover.js";
import { addReindexCommand } from "./commands/reindex.js";
import { addServeCommand } from "./commands/serve.js";
import { addServiceCommand } from "./commands/service.js";
import { addStatsCommand } from "./commands/stats.js";
import { addTokenCommand } from "./commands/token.js";
import { addTopCommand } from "./commands/top.js";
import { addUploadCommand } from "./commands/upload.js";
import { ReceiverError } from "./errors.js";
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
  $ audio-receiver top                            live streams of a receiver that runs
  $ sudo audio-receiver service install           as a service that starts with the machine`;

const COMMANDS = [
  addServeCommand,
  addDemoCommand,
  addTokenCommand,
  addHashPasswordCommand,
  addConvertCommand,
  addRecoverCommand,
  addLsCommand,
  addStatsCommand,
  addGapsCommand,
  addExportCommand,
  addReindexCommand,
  addImportCommand,
  addCompressCommand,
  addUploadCommand,
  addPruneCommand,
  addPinCommands,
  addConfigCommand,
  addDoctorCommand,
  addServiceCommand,
  addTopCommand,
];

/** Runs the command line; the only place that ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("audio-receiver")
    .description("Records audio that microphones send over WebSocket and TCP.")
    .version(VERSION)
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(--help shows all options)");
  for (const add of COMMANDS) add(program);
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

// Their messages say what to change.
const KNOWN = [ReceiverError, ArchiveError, CompressError, SegmentsError, HookError, UploadError];

// What commander found wrong it has said already.
function reported(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message } = error as Error;
  const known = KNOWN.some((kind) => error instanceof kind);
  process.stderr.write(known ? `audio-receiver: ${message}\n` : `audio-receiver: unexpected: ${message}\n`);
  const mistaken = error instanceof ReceiverError && error.code === "invalid-setting";
  return mistaken || error instanceof SegmentsError || error instanceof HookError ? 2 : 1;
}
