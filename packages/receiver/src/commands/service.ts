import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { ReceiverError } from "../errors.js";
import { installService, serviceStatus, uninstallService } from "../service/install.js";
import { defaultsOf, type Installation, SERVICE, unitOf } from "../service/unit.js";

const EXAMPLES = `
The service runs as a user of its own, may write to its data directory and to nothing else, starts with the machine, is
restarted when it dies or hangs, and takes its settings from /etc/default/audio-receiver.

Examples:
  $ sudo audio-receiver service install                        into this system, recording to /data
  $ sudo audio-receiver service install --data-dir /srv/audio
  $ audio-receiver service print                               the unit, to look at
  $ audio-receiver service status
  $ sudo audio-receiver service uninstall                      recordings stay`;

interface Flags {
  readonly dataDir: string;
  readonly user: string;
  readonly root: string;
}

export function addServiceCommand(program: Command): void {
  const command = program.command("service").description("installs the receiver as a service of systemd");
  command.addHelpText("after", EXAMPLES);
  withInstallation(command.command("install").description("install it, or bring it up to date, and start it"))
    .option("--root <dir>", "into an image: files only, nothing is started", "/")
    .action((flags: Flags) => installService(installationOf(flags), optionsOf(flags)));
  command
    .command("uninstall")
    .description("stop and remove it; recordings and settings stay")
    .option("--root <dir>", "from an image", "/")
    .action((flags: Flags) => uninstallService(optionsOf(flags)));
  command
    .command("status")
    .description("how it does")
    .action(async () => void process.stdout.write(await serviceStatus()));
  withInstallation(command.command("print").description("the unit, and the file of its settings")).action(
    print,
  );
}

function withInstallation(command: Command): Command {
  return command
    .option("--data-dir <dir>", "where it records to", "/data")
    .option("--user <name>", "whom it runs as; made when missing", SERVICE);
}

function print(flags: Flags): void {
  const installation = installationOf(flags);
  process.stdout.write(`${unitOf(installation)}\n# /etc/default/${SERVICE}\n${defaultsOf(installation)}`);
}

function optionsOf({ root }: Pick<Flags, "root">) {
  return { root: resolve(root), say: (line: string) => void process.stdout.write(`${line}\n`) };
}

function installationOf({ dataDir, user }: Flags): Installation {
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(user))
    throw new ReceiverError(
      "invalid-setting",
      `--user: "${user}" is not allowed; allowed are 1 … 31 of a-z 0-9 _ -`,
    );
  if (!/^\/[^\n\r]*$/.test(dataDir))
    throw new ReceiverError(
      "invalid-setting",
      `--data-dir: "${dataDir}" is not allowed; allowed is an absolute path`,
    );
  return { node: process.execPath, program: realpathSync(process.argv[1]), dataDir, user };
}
