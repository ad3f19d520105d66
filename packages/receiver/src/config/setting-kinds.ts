import { compileTemplate, SegmentsError } from "@audio/segments";
import { z } from "zod";
import { addressFault } from "../access/address-list.js";

/**
 * When a change applies to a receiver that runs: `now`; `new-streams`, while those that are there go on as they are;
 * after a `restart`, because applying it would cut streams.
 */
export type Applies = "now" | "new-streams" | "restart";

/** The same in words, behind "a change applies". */
export const APPLIES: Readonly<Record<Applies, string>> = {
  now: "at once",
  "new-streams": "to new streams",
  restart: "after a restart",
};

/** One thing that can be configured, wherever the value comes from. */
export interface Setting extends SettingKind {
  readonly applies: Applies;
}

/** Settings whose changes apply then. */
export function applying(applies: Applies, ...settings: readonly SettingKind[]): Setting[] {
  return settings.map((setting) => ({ ...setting, applies }));
}

/** A setting, without when its changes apply. */
export interface SettingKind {
  /** Name in the configuration file. */
  readonly key: string;
  /** As commander takes it; undefined: only in the file. */
  readonly flag: string | undefined;
  /** Environment variables, first one wins. */
  readonly env: readonly string[];
  /** Turns text or a value from the file into what is used. */
  readonly schema: z.ZodType;
  /** What `schema` takes, for people. */
  readonly allowed: string;
  readonly fallback: unknown;
  readonly about: string;
  /** What exactly is wrong with a value that `schema` does not take, where `allowed` cannot say it. */
  readonly fault?: (value: unknown) => string | undefined;
  /** Its value is shown nowhere. */
  readonly secret?: true;
  /** The value without its secrets, for people, where it may have some. */
  readonly shown?: (value: unknown) => unknown;
}

/** Numbers of a range, also as text. */
export const number = (low: number, high: number) => orAsText(z.number().min(low).max(high));
/** Whole numbers of a range, also as text. */
export const whole = (low: number, high: number) => orAsText(z.int().min(low).max(high));
/** 0, which stands for no limit, or a number that `schema` takes. */
export const zeroOr = <T extends z.ZodType>(schema: T) =>
  z.union([z.literal(0), z.literal("0").transform(Number), schema]);

// Flags and variables are text, and numbers in files are in quotes now and then.
function orAsText<T extends z.ZodNumber>(plain: T) {
  const asText = z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(plain);
  return z.union([plain, asText]);
}

// What a JSON Schema can say too, which has no flag for it.
function anyCase(words: readonly string[]): RegExp {
  const either = (word: string) =>
    word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  return new RegExp(`^(${words.map(either).join("|")})$`);
}
const spelled = (words: readonly string[], value: boolean) =>
  z
    .string()
    .regex(anyCase(words))
    .transform(() => value);

/** A switch, also in words. */
export const yesNo = z.union([
  z.boolean(),
  spelled(["true", "yes", "1", "on"], true),
  spelled(["false", "no", "0", "off"], false),
]);
/** One of some words, in letters of any size. */
export const oneOf = (words: readonly [string, ...string[]]) =>
  z.union([z.enum(words), z.string().regex(anyCase(words)).toLowerCase().pipe(z.enum(words))]);
export const text = z.string().min(1);
export const host = z.string().regex(/^[A-Za-z0-9.:_-]+$/);

export function port(key: string, flag: string, env: string, fallback: number, about: string): SettingKind {
  return {
    key,
    flag,
    env: [env],
    schema: whole(0, 65_535),
    allowed: "a whole number 0 … 65535 (0 = any free port)",
    fallback,
    about,
  };
}

type Numeric = (
  key: string,
  flag: string,
  env: readonly string[],
  range: readonly [low: number, high: number],
  fallback: number,
  about: string,
) => SettingKind;

/** A setting that takes any number of a range. */
export const numeric: Numeric = numericKind("a number", number);
/** A setting that takes whole numbers of a range. */
export const integer: Numeric = numericKind("a whole number", whole);

function numericKind(what: string, schemaOf: typeof number): Numeric {
  return (key, flag, env, [low, high], fallback, about) => {
    const allowed = `${what} ${low} … ${high}`;
    return { key, flag, env, schema: schemaOf(low, high), allowed, fallback, about };
  };
}

export function choice(
  key: string,
  flag: string,
  env: readonly string[],
  values: readonly string[],
  fallback: string,
  about: string,
): SettingKind {
  return {
    key,
    flag,
    env,
    schema: z.enum(values as [string, ...string[]]),
    allowed: values.join(", "),
    fallback,
    about,
  };
}

export function onOff(
  key: string,
  flag: string,
  env: readonly string[],
  fallback: boolean,
  about: string,
): SettingKind {
  return { key, flag, env, schema: yesNo, allowed: "true or false", fallback, about };
}

export function template(key: string, flag: string, fallback: string, about: string): SettingKind {
  const schema = text
    .regex(/^([\w-]|\{[A-Za-z]+\})([\w.-]|\{[A-Za-z]+\})*(\/([\w-]|\{[A-Za-z]+\})([\w.-]|\{[A-Za-z]+\})*)*$/)
    .refine((value) => accepts(() => compileTemplate(value)));
  const allowed =
    "a relative path of A-Z a-z 0-9 _ - . / and {device} {stream} {source} {date} {yyyy} {MM} {dd} {HH} {mm} {ss}";
  return { key, flag, env: [], schema, allowed, fallback, about };
}

const listed = (value: unknown) =>
  (typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [])
    .map((entry) => String(entry).trim())
    .filter((entry) => entry !== "");

// Their shape, for editors; addressFault knows which there are.
const NETWORK = String.raw`(\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)(\/\d{1,3})?\s*`;
const NETWORKS = new RegExp(String.raw`^\s*(${NETWORK})?(,\s*(${NETWORK})?)*$`);

/** Addresses and networks: a list in the file, separated by commas elsewhere. */
export function networks(key: string, flag: string, env: string, about: string): SettingKind {
  const fault = (value: unknown) =>
    listed(value)
      .map(addressFault)
      .find((found) => found !== undefined);
  return {
    key,
    flag,
    env: [env],
    schema: z
      .union([z.string().regex(NETWORKS), z.array(z.string().regex(NETWORKS))])
      .refine((value) => fault(value) === undefined)
      .transform(listed),
    allowed: "addresses and networks, separated by commas: 10.0.0.7, 192.168.0.0/16, fd00::/8",
    fallback: [],
    about,
    fault,
  };
}

/** A file, which need not be there yet. */
export function path(key: string, flag: string, env: string, about: string): SettingKind {
  // Somebody may put the key itself where its file is meant: a line break tells.
  const schema = text.regex(/^[^\n\r]*$/).optional();
  return { key, flag, env: [env], schema, allowed: "a file", fallback: undefined, about };
}

/** Whether `attempt` takes the value, rather than refuse it as a setting of the segments package. */
export function accepts(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    if (error instanceof SegmentsError) return false;
    throw error;
  }
}
