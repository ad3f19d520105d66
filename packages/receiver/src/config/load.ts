import { existsSync, readFileSync } from "node:fs";
import { parse as parseDotenv } from "dotenv";
import { parse as parseYaml } from "yaml";
import { withoutSecrets } from "../access/token.js";
import { ReceiverError } from "../errors.js";
import { canonicalKeys } from "./file-keys.js";
import type { ConfigValues } from "./receiver-settings.js";
import type { Setting } from "./setting-kinds.js";
import { SETTINGS } from "./settings-table.js";

/** Where a value came from, in the words of its user. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  /** `flag --ws-port`, `environment WS_PORT`, `.env WS_PORT`, `file audio-receiver.config.yaml`, `default` */
  readonly source: string;
}

export interface ConfigSources {
  /** Values of flags that were given, by key. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder in which `.env` and the configuration file are looked for. */
  readonly folder: string;
  /** Configuration file named by the user. */
  readonly file: string | undefined;
}

const FILE_NAMES = ["audio-receiver.config.yaml", "audio-receiver.config.yml", "audio-receiver.config.json"];

/**
 * The effective configuration: flag, else environment, else `.env`, else file, else default.
 * @throws ReceiverError `invalid-setting`: one line naming the setting, the value and what is allowed
 */
export function loadConfig(sources: ConfigSources): ConfigEntry[] {
  const file = readConfigFile(sources);
  const layers = [
    flagLayer(sources),
    envLayer("environment", sources.env),
    envLayer(".env", readDotenv(sources.folder)),
  ];
  return SETTINGS.map((setting) => effective(setting, [...layers, file]));
}

/**
 * Options of a program that embeds the receiver, completed with the defaults.
 * @throws ReceiverError `invalid-setting`
 */
export function resolveOptions(options: Readonly<Record<string, unknown>>): ConfigValues {
  refuseUnknown(Object.keys(options), "option");
  const layer: Layer = ({ key }) =>
    options[key] === undefined ? undefined : { value: options[key], source: "option" };
  return valuesOf(SETTINGS.map((setting) => effective(setting, [layer])));
}

/** The values alone. */
export function valuesOf(entries: readonly ConfigEntry[]): ConfigValues {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value])) as unknown as ConfigValues;
}

function effective(setting: Setting, layers: readonly Layer[]): ConfigEntry {
  const found = layers.map((layer) => layer(setting)).find((entry) => entry !== undefined);
  if (found === undefined) return { key: setting.key, value: setting.fallback, source: "default" };
  return { key: setting.key, source: found.source, value: checked(setting, found.value, found.source) };
}

type Layer = (setting: Setting) => { value: unknown; source: string } | undefined;

function flagLayer({ flags }: ConfigSources): Layer {
  return ({ key, flag }) => {
    const value = flags[key];
    return value === undefined ? undefined : { value, source: `flag ${flag?.split(" ")[0]}` };
  };
}

function envLayer(name: string, env: Readonly<Record<string, string | undefined>>): Layer {
  return (setting) => {
    const variable = setting.env.find((candidate) => env[candidate] !== undefined && env[candidate] !== "");
    return variable === undefined ? undefined : { value: env[variable], source: `${name} ${variable}` };
  };
}

function readDotenv(folder: string): Record<string, string> {
  const path = `${folder}/.env`;
  return existsSync(path) ? parseDotenv(readFileSync(path)) : {};
}

/** What is secret stands in `.env` too, and is looked up by who needs it: variables of the process come first. */
export function adoptDotenv(folder: string): void {
  for (const [name, value] of Object.entries(readDotenv(folder))) process.env[name] ??= value;
}

function readConfigFile({ file, folder }: ConfigSources): Layer {
  const name = file ?? FILE_NAMES.find((candidate) => existsSync(`${folder}/${candidate}`));
  if (name === undefined) return () => undefined;
  const path = file ?? `${folder}/${name}`;
  const known = SETTINGS.map(({ key }) => key);
  const values = canonicalKeys(parseConfigFile(path), known, path);
  refuseUnknown(Object.keys(values), `${path}: setting`);
  return ({ key }) =>
    values[key] === undefined ? undefined : { value: values[key], source: `file ${name}` };
}

function refuseUnknown(keys: readonly string[], what: string): void {
  const known = SETTINGS.map((setting) => setting.key);
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw invalid(`${what} "${unknown}" is not known; known are ${known.join(", ")}`);
}

// YAML contains JSON, so one parser reads both.
function parseConfigFile(path: string): Record<string, unknown> {
  let values: unknown;
  try {
    values = parseYaml(readFileSync(path, "utf8"));
  } catch (error) {
    throw invalid(`${path}: ${(error as Error).message.split("\n")[0]}`);
  }
  if (values === null || values === undefined) return {};
  if (typeof values !== "object" || Array.isArray(values))
    throw invalid(`${path}: expected settings as "name: value"`);
  return values as Record<string, unknown>;
}

function checked(setting: Setting, value: unknown, source: string): unknown {
  const result = setting.schema.safeParse(value);
  if (result.success) return result.data;
  const shown = setting.secret
    ? "what is given"
    : typeof value === "string"
      ? `"${value}"`
      : JSON.stringify(value);
  const fault = setting.fault?.(value) ?? `${shown} is not allowed`;
  throw invalid(`${setting.key} (${source}): ${withoutSecrets(fault)}; allowed is ${setting.allowed}`);
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-setting", message);
}
