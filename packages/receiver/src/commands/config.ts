import type { Command } from "commander";
import { withoutSecrets } from "../access/token.js";
import type { ConfigEntry } from "../config/load.js";
import { SETTINGS } from "../config/settings-table.js";
import { addSettingOptions, effectiveConfig } from "./setting-options.js";

export function addConfigCommand(program: Command): void {
  const command = program
    .command("config")
    .description("print the effective configuration, and where each value comes from");
  addSettingOptions(command);
  command.option("--json", "one object per setting, as JSON");
  command.action(() => {
    const entries = effectiveConfig(command).map(masked);
    const text = command.opts().json ? `${JSON.stringify(entries, null, 2)}\n` : table(entries);
    process.stdout.write(withoutSecrets(text));
  });
}

function masked(entry: ConfigEntry): ConfigEntry {
  const setting = SETTINGS.find(({ key }) => key === entry.key);
  if (setting?.shown !== undefined) return { ...entry, value: setting.shown(entry.value) };
  return setting?.secret && entry.value !== undefined ? { ...entry, value: "***" } : entry;
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
