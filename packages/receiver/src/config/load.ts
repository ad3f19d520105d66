import { existsSync, readFileSync } from "node:fs";
import { parse as parseDotenv } from "dotenv";
import { withoutSecrets } from "../access/token.js";
import { ReceiverError } from "../errors.js";
import { parseConfigFile } from "./config-file.js";
import type { ConfigValues } from "./config-values.js";
import { canonicalKeys } from "./file-keys.js";
import { unknownName } from "./nearest.js";
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

/** Names that a configuration file may have; the first one that is there is read. */
export const FILE_NAMES = [
  "audio-receiver.config.yaml",
  "audio-receiver.config.yml",
  "audio-receiver.config.json",
];

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

/** What is secret stands in `.env` too, and is looked up by who needs it: its `own` variables come first. */
export function adoptDotenv(folder: string, own: NodeJS.ProcessEnv = { ...process.env }): void {
  for (const [name, value] of Object.entries(readDotenv(folder))) process.env[name] = own[name] ?? value;
}

function readConfigFile({ file, folder }: ConfigSources): Layer {
  const name = file ?? FILE_NAMES.find((candidate) => existsSync(`${folder}/${candidate}`));
  if (name === undefined) return () => undefined;
  const path = file ?? `${folder}/${name}`;
  const known = SETTINGS.map(({ key }) => key);
  const { $schema, ...settings } = parseConfigFile(path); // that is for editors
  const values = canonicalKeys(settings, known, path);
  refuseUnknown(Object.keys(values), `${path}: setting`);
  return ({ key }) =>
    values[key] === undefined ? undefined : { value: values[key], source: `file ${name}` };
}

function refuseUnknown(keys: readonly string[], what: string): void {
  const known = SETTINGS.map((setting) => setting.key);
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw invalid(`${what} ${unknownName(unknown, known, "audio-receiver config lists those that are")}`);
}

function checked(setting: Setting, value: unknown, source: string): unknown {
  const result = setting.schema.safeParse(value);
  if (result.success) return result.data;
  const fault = setting.fault?.(value) ?? `${shown(setting, value)} is not allowed`;
  throw invalid(
    `${setting.key} (${source}): ${inOneLine(withoutSecrets(fault))}; allowed is ${setting.allowed}`,
  );
}

function inOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (letter) => JSON.stringify(letter).slice(1, -1));
}

const LONGEST_SHOWN = 200;

function shown({ secret }: Setting, value: unknown): string {
  if (secret) return "what is given";
  if (value === null) return "nothing";
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-setting", message);
}
