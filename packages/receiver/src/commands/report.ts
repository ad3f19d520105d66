import { readFile, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { adoptDotenv, type ConfigEntry, FILE_NAMES, loadConfig, valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { knownSecrets } from "../report/known-secrets.js";
import { markdownOf } from "../report/markdown.js";
import { Pseudonyms } from "../report/pseudonyms.js";
import { reportOn, withTexts } from "../report/report.js";
import { Scrubber } from "../report/scrubber.js";
import { type Names, namesOf, type Subject } from "../report/subject.js";
import { addSettingOptions, effectiveConfig, settingFiles, settingFlags } from "./setting-options.js";

const EXAMPLES = `
Takes the settings that serve takes. Passwords, keys, tokens and headers are masked, wherever they stand; with --anonymous
names of devices, users and hosts and all addresses too, the same one always by the same word. Changes nothing, works
beside a receiver that runs and where none does, and is done within about a minute whatever hangs.

Examples:
  $ audio-receiver report --output report.md          to be attached to an issue
  $ audio-receiver report --anonymous --log-lines 0
  $ sudo -u audio-receiver audio-receiver report --data-dir /data > report.md`;

const DEFAULT_LOG_LINES = 200;
const MOST_LOG_LINES = 10_000;

interface Flags {
  readonly output?: string;
  readonly json?: boolean;
  readonly anonymous?: boolean;
  readonly logLines: string;
}

export function addReportCommand(program: Command): void {
  const command = program
    .command("report")
    .description("everything that helps to find a fault, without secrets");
  addSettingOptions(command);
  command
    .option("--output <file>", "into this file, which must not be there yet (default: standard output)")
    .option("--json", "as JSON")
    .option("--anonymous", "other words for names and addresses")
    .option("--log-lines <n>", "so many last lines of the log file", `${DEFAULT_LOG_LINES}`)
    .addHelpText("after", EXAMPLES)
    .action(() => write(command));
}

async function write(command: Command): Promise<void> {
  const { output, json, anonymous, logLines } = command.opts<Flags>();
  const settings = readSettings(command);
  const values = valuesOf(settings.entries);
  const machine = { host: hostname(), user: userInfo().username };
  const names = namesOf(values, machine);
  const dataDir = resolve(values.dataDir);
  const files = settingFiles(command);
  const subject: Subject = {
    ...settings,
    settingFiles: files,
    values,
    dataDir,
    logLines: linesWanted(logLines),
    names,
  };
  const scrubber = await scrubberFor(
    [...files, ...FILE_NAMES],
    settings.configFault === undefined ? values : undefined,
  );
  const found = await reportOn(subject);
  const renamed = anonymous ? renaming(names) : (text: string) => text;
  const clean = (text: string) => scrubber.clean(renamed(text));
  const report = withTexts(found, clean);
  await deliver(json ? `${JSON.stringify(report, null, 2)}\n` : markdownOf(report), output);
}

function renaming(names: Names): (text: string) => string {
  const pseudonyms = new Pseudonyms({ ...names });
  return (text) => pseudonyms.replace(text);
}

function linesWanted(text: string): number {
  const lines = Number(text);
  if (/^\d+$/.test(text) && lines <= MOST_LOG_LINES) return lines;
  const allowed = `a whole number 0 … ${MOST_LOG_LINES}`;
  throw new ReceiverError("invalid-setting", `--log-lines: "${text}" is not allowed; allowed is ${allowed}`);
}

interface Settings {
  readonly entries: readonly ConfigEntry[];
  readonly configFault: string | undefined;
}

// Whoever reports a fault may have one in the configuration: it is told, and the rest is found out without it.
function readSettings(command: Command): Settings {
  try {
    return { entries: effectiveConfig(command), configFault: undefined };
  } catch (error) {
    const configFault = (error as Error).message;
    const flags = settingFlags(command);
    const nowhere = { folder: join(process.cwd(), "\0"), file: undefined };
    for (const sources of [
      { flags, env: process.env },
      { flags, env: {} },
      { flags: {}, env: {} },
    ]) {
      const entries = attempt(() => loadConfig({ ...sources, ...nowhere }));
      if (entries !== undefined) return { entries, configFault };
    }
    throw error;
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // what is wrong is told already
  }
}

async function scrubberFor(files: readonly string[], values: ConfigValues | undefined): Promise<Scrubber> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8").catch(() => "")));
  adoptDotenv(process.cwd());
  return new Scrubber(knownSecrets({ env: process.env, texts, values }));
}

async function deliver(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) return void process.stdout.write(text);
  try {
    await writeFile(output, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const what =
      (error as NodeJS.ErrnoException).code === "EEXIST" ? "is there already" : (error as Error).message;
    throw new ReceiverError("invalid-setting", `--output: ${output}: ${what}: choose another file`);
  }
  process.stderr.write(
    `audio-receiver: ${output} is written: look through it before you show it to others\n`,
  );
}
