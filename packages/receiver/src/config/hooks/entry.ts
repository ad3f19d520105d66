import { isAbsolute } from "node:path";
import { DEFAULT_ATTEMPTS, HOOK_EVENTS, unknownPlaceholder } from "@audio/keeper/settings";
import { z } from "zod";
import { described } from "../described.js";
import { number, whole } from "../setting-kinds.js";

/**
 * One sentence for whatever is wrong with a field, instead of all that its schema has to say.
 * @param about what the field is, for editors
 */
function field<T extends z.ZodType>(
  about: string,
  schema: T,
  allowed: string,
  fault: (value: unknown) => string = () => allowed,
) {
  const reader = z.unknown().transform((value, context): z.output<T> => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    context.addIssue({ code: "custom", message: fault(value) });
    return z.NEVER;
  });
  return described(reader, schema.describe(`${about}; ${allowed}`));
}

const event = z.enum(HOOK_EVENTS);
const on = field(
  "what it is told of",
  z
    .union([event.transform((one) => [one]), z.array(event).min(1)])
    .transform((events) => [...new Set(events)]),
  `must be one or more of ${HOOK_EVENTS.join(", ")}`,
);

const name = field(
  "what the log calls it",
  z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .optional(),
  "must be 1 … 64 of A-Z a-z 0-9 . _ -",
);

const devices = field(
  "only what concerns these devices; all, if not given",
  z.array(z.string().min(1)).min(1).optional(),
  "must be a list of hwid or device names: [kitchen, garden]",
);

const seconds = (high: number, fallback: number) =>
  field(
    `seconds that one attempt may take (default ${fallback})`,
    number(0.1, high).default(fallback),
    `must be a number 0.1 … ${high}`,
  );
const count = (about: string, high: number, fallback: number) =>
  field(
    `${about} (default ${fallback})`,
    whole(1, high).default(fallback),
    `must be a whole number 1 … ${high}`,
  );

const COMMAND =
  'must be a list of the program and its arguments: [sox, "{path}", -n, stat]; no shell reads it';

function commandFault(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return COMMAND;
  const odd = value.findIndex((part) => !argument.safeParse(part).success);
  if (odd >= 0) return `${COMMAND}; number ${odd + 1} of it is no text: put it in quotes`;
  const [program, ...rest] = value.map(String);
  const unknown = rest.map(unknownPlaceholder).find((found) => found !== undefined);
  if (unknown !== undefined) return `has {${unknown}}, which is no placeholder; they stand in docs/hooks.md`;
  if (!isProgram(program))
    return "must begin with a program: its name, to be found on the PATH, or its whole path";
  return COMMAND;
}

// The working directory is the data directory, and nobody means a program in there.
const isProgram = (text = "") =>
  text !== "" && !text.includes("{") && (isAbsolute(text) || !/[\\/]/.test(text));

// YAML makes a number of 16000 and a boolean of true.
const argument = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .refine((text) => text.length <= 4096 && !text.includes("\0"));

const command = field(
  "program and arguments",
  z
    .array(argument)
    .min(1)
    .max(256)
    .refine(([program]) => isProgram(program))
    .refine(([, ...rest]) => rest.every((text) => unknownPlaceholder(text) === undefined))
    .transform((parts) => parts as [string, ...string[]]),
  COMMAND,
  commandFault,
);

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const env = field(
  "variables that the program gets of the receiver's environment",
  z.array(z.string().regex(VARIABLE)).default([]),
  "must be a list of names of environment variables: [API_KEY]",
);

const url = field(
  "address that is told, by POST",
  z
    .string()
    .regex(/^[hH][tT][tT][pP][sS]?:[^@]*/)
    .refine(isAddress),
  "must be an address like https://example.org/hook, without user and password: those go into headers",
);

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "";
}

const secret = field(
  "key of the signature",
  z.string().min(16).max(1024).optional(),
  "must be a text of 16 … 1024 characters",
);
const secretEnv = field(
  "variable that holds the key of the signature",
  z.string().regex(VARIABLE).optional(),
  "must be the name of an environment variable: HOOK_SECRET",
);

const OURS =
  /^(content-(type|length)|host|connection|keep-alive|transfer-encoding|expect|upgrade|te|x-audio-.*)$/i;
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/)
  .refine((text) => !OURS.test(text));
const headers = field(
  "sent along",
  z.record(headerName, z.string().regex(/^[\x20-\x7e]{0,4096}$/)).default({}),
  "must be name: value, in ASCII, without those that the receiver sends itself",
);

const common = { on, name, devices, concurrency: count("deliveries at a time", 16, 1) };

/** A command, as the configuration file says it. */
export const commandEntry = z.strictObject({
  ...common,
  command,
  env,
  timeoutSeconds: seconds(86_400, 60),
  attempts: count("tries, until it is given up", 10_000, DEFAULT_ATTEMPTS.command),
});

/** A webhook, as the configuration file says it. */
export const webhookEntry = z
  .strictObject({
    ...common,
    url,
    secret,
    secretEnv,
    headers,
    timeoutSeconds: seconds(300, 15),
    attempts: count("tries, until it is given up", 10_000, DEFAULT_ATTEMPTS.webhook),
  })
  .refine((entry) => entry.secret === undefined || entry.secretEnv === undefined, {
    error: "has both secret and secretEnv; one of them is enough",
  });
