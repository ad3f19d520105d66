import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import type { Command } from "commander";
import { withoutSecrets } from "../access/token.js";
import { configJsonSchema } from "../config/json-schema.js";
import { type ConfigEntry, FILE_NAMES } from "../config/load.js";
import { SETTINGS } from "../config/settings-table.js";
import { shownValue } from "../config/shown-value.js";
import { starterFile } from "../config/starter-file.js";
import { ReceiverError } from "../errors.js";
import { addSettingOptions, effectiveConfig } from "./setting-options.js";

export function addConfigCommand(program: Command): void {
  const command = program
    .command("config")
    .description("print the effective configuration, and where each value comes from");
  addSettingOptions(command);
  command.option("--json", "one object per setting, as JSON");
  command.option("--schema", "print the JSON Schema of the settings file, for editors");
  command.option("--init", `write ${FILE_NAMES[0]} with every setting, commented out`);
  command.action(() => {
    const { json, schema, init } = command.opts();
    if (schema) process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    else if (init) writeStarterFile();
    else printSettings(effectiveConfig(command), json === true);
  });
}

function printSettings(effective: readonly ConfigEntry[], asJson: boolean): void {
  const entries = effective.map(masked);
  process.stdout.write(withoutSecrets(asJson ? `${JSON.stringify(entries, null, 2)}\n` : table(entries)));
}

function masked(entry: ConfigEntry): ConfigEntry {
  const setting = SETTINGS.find(({ key }) => key === entry.key);
  return setting === undefined ? entry : { ...entry, value: shownValue(setting, entry.value) };
}

function table(entries: readonly ConfigEntry[]): string {
  const shown = entries.map(({ key, value, source }) => [
    key,
    value === undefined ? "-" : JSON.stringify(value),
    source,
  ]);
  const widths = [0, 1].map((column) => Math.max(...shown.map((row) => row[column].length)));
  return shown
    .map(([key, value, source]) => `${key.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${source}\n`)
    .join("");
}

function writeStarterFile(): void {
  const there = FILE_NAMES.find((name) => existsSync(name));
  if (there !== undefined)
    throw new ReceiverError("invalid-setting", `${there} is here already, and stays as it is`);
  const [name] = FILE_NAMES;
  try {
    writeFileSync(name, starterFile(schemaPath()), { flag: "wx" });
  } catch (error) {
    throw new ReceiverError("invalid-setting", `${name} cannot be written: ${(error as Error).message}`);
  }
  process.stdout.write(`wrote ${name}: every setting, commented out\n`);
}

// As seen from the settings file, when the package is installed beside it.
function schemaPath(): string {
  const path = createRequire(import.meta.url).resolve("@audio/receiver/config.schema.json");
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near.replaceAll("\\", "/");
}
