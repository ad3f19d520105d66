import { type Command, Option } from "commander";
import { type ConfigEntry, loadConfig } from "../config/load.js";
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

/** The effective configuration of a command that has these options. */
export function effectiveConfig(command: Command): ConfigEntry[] {
  const options = command.opts();
  const given = Object.keys(options).filter((key) => command.getOptionValueSource(key) === "cli");
  const flags = Object.fromEntries(given.filter((key) => key !== "config").map((key) => [key, options[key]]));
  return loadConfig({
    flags,
    env: process.env,
    folder: process.cwd(),
    file: options.config as string | undefined,
  });
}

function shownDefault(fallback: unknown): string {
  return typeof fallback === "string" || typeof fallback === "number" ? `default ${fallback}` : "";
}
