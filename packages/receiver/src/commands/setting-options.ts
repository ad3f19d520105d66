import { type Command, Option } from "commander";
import { type ConfigEntry, FILE_NAMES, loadConfig } from "../config/load.js";
import { SETTINGS } from "../config/settings-table.js";

/** Gives a command an option for every setting that has a flag, and `--config`. */
export function addSettingOptions(command: Command): void {
  addOptionsFor(
    command,
    SETTINGS.map(({ key }) => key),
  );
}

/** The same for the settings of these names alone. */
export function addOptionsFor(command: Command, keys: readonly string[]): void {
  for (const { flag, key, about, env, fallback } of SETTINGS) {
    if (flag === undefined || !keys.includes(key)) continue;
    const notes = [env.length > 0 ? `env ${env[0]}` : "", shownDefault(fallback)].filter(
      (note) => note !== "",
    );
    const option = new Option(flag, notes.length > 0 ? `${about} (${notes.join(", ")})` : about);
    option.attributeName = () => key;
    command.addOption(option);
  }
  command.option("--config <file>", "settings file (default audio-receiver.config.yaml or .json, if there)");
}

/** The effective configuration of a command that has these options; read anew at each call. */
export function effectiveConfig(command: Command, env: NodeJS.ProcessEnv = process.env): ConfigEntry[] {
  return loadConfig({
    flags: settingFlags(command),
    env,
    folder: process.cwd(),
    file: command.opts<{ config?: string }>().config,
  });
}

/** Files that a command's settings may stand in, there or not. */
export function settingFiles(command: Command): string[] {
  const { config } = command.opts<{ config?: string }>();
  return [".env", ...(config === undefined ? FILE_NAMES : [config])];
}

/** Values of the flags of settings that were given, by key. */
export function settingFlags(command: Command): Record<string, unknown> {
  const options = command.opts();
  const given = SETTINGS.map(({ key }) => key).filter((key) => command.getOptionValueSource(key) === "cli");
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}

function shownDefault(fallback: unknown): string {
  return typeof fallback === "string" || typeof fallback === "number" ? `default ${fallback}` : "";
}
