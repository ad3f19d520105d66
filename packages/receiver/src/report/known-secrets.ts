import type { Hook, WebhookHook } from "@audio/keeper/settings";
import type { ConfigValues } from "../config/config-values.js";
import { SETTINGS } from "../config/settings-table.js";

/** Where secrets of a receiver stand. */
export interface SecretPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `.env` and the configuration file as they are, whether they can be read as such or not. */
  readonly texts: readonly string[];
  /** undefined: no configuration could be made of them. */
  readonly values: ConfigValues | undefined;
}

const NAME = /pass(word|wd|phrase|$|_)|secret|token|credential|authorization|hash|key/i;
const NOT_SECRET = new Set(
  SETTINGS.filter(({ secret }) => !secret).flatMap(({ key, env }) => [key, ...env].map(plain)),
);
// What is shorter and stands under such a name is rather a word: `auth: token`, `key: id`.
const LEAST_LETTERS = 6;

/** Everything that must not be shown: better too much than too little. */
export function knownSecrets({ env, texts, values }: SecretPlaces): string[] {
  const secrets = [
    ...ofEnvironment(env),
    ...texts.flatMap(ofText),
    ...(values === undefined ? [] : ofValues(values, env)),
  ];
  return [...new Set(secrets)];
}

function ofEnvironment(env: SecretPlaces["env"]): string[] {
  const ours = SETTINGS.filter(({ secret }) => secret).flatMap((setting) => setting.env);
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (ours.includes(name)) return [value];
    return isSecret(name) && value.length >= LEAST_LETTERS ? [value] : [];
  });
}

// Of YAML, JSON and .env alike, also where a mistake keeps them from being read.
function ofText(text: string): string[] {
  return text.split("\n").flatMap((line) =>
    pairsIn(line).flatMap(([name, rest]) => {
      if (!isSecret(name)) return [];
      const value = rest.trim().replace(/,$/, "");
      const quoted = /^(["'])(.*?)\1/.exec(value)?.[2];
      const bare = value.replace(/^["']|\s+#.*$/g, ""); // a quote that is not closed may be the mistake
      return [quoted ?? "", bare, bare.split(/[,}\]]/)[0].trim()].filter(
        (found) => found.length >= LEAST_LETTERS,
      );
    }),
  );
}

/** Every `name: rest` of a line, also those within another's rest. */
function pairsIn(line: string): [name: string, rest: string][] {
  return Array.from(line.matchAll(/["']?([\w.-]+)["']?\s*[:=]\s*(?=(.+)$)/g), ([, name, rest]) => [
    name,
    rest,
  ]);
}

function isSecret(name: string): boolean {
  return NAME.test(name) && !NOT_SECRET.has(plain(name));
}

function plain(name: string): string {
  return name.replaceAll(/[_.:-]/g, "").toLowerCase();
}

function ofValues(values: ConfigValues, env: SecretPlaces["env"]): string[] {
  const set = SETTINGS.filter(({ secret }) => secret).map(({ key }) => values[key as keyof ConfigValues]);
  return [
    ...set.filter((value) => typeof value === "string"),
    ...values.hooks.flatMap((hook) => ofHook(hook, env)),
  ];
}

function ofHook(hook: Hook, env: SecretPlaces["env"]): string[] {
  const named = hook.kind === "command" ? hook.env : nameOfSecret(hook);
  const variables = named.flatMap((name) => env[name] ?? []);
  return [...variables, ...(hook.kind === "command" ? argumentsOf(hook.command) : ofWebhook(hook))];
}

function nameOfSecret({ secret }: WebhookHook): string[] {
  return secret !== undefined && "env" in secret ? [secret.env] : [];
}

function ofWebhook({ secret, headers, url }: WebhookHook): string[] {
  const { pathname, search, searchParams } = new URL(url);
  const parts = [...pathname.split("/"), search.slice(1), ...searchParams.values()].filter(
    (part) => part.length >= LEAST_LETTERS,
  );
  const value = secret !== undefined && "value" in secret ? [secret.value] : [];
  return [...value, ...Object.values(headers), ...parts];
}

// `--key=VALUE`, and VALUE behind `--key`.
function argumentsOf([, ...rest]: readonly string[]): string[] {
  const all = rest.flatMap((argument) => [argument, argument.replace(/^--?[\w-]+=/, "")]);
  return all.filter(
    (text) => text.length >= LEAST_LETTERS && !text.includes("{") && !/^--?[\w-]+$/.test(text),
  );
}
