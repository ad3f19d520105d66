import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Hook, HookEventName } from "@audio/keeper/settings";
import { z } from "zod";
import { described } from "../described.js";
import { faultOf } from "../fault-of.js";
import { commandEntry, webhookEntry } from "./entry.js";

const MAX_HOOKS = 64;

/** What commands and webhooks of the configuration file have in common. */
interface HookEntry {
  readonly on: HookEventName | readonly HookEventName[];
  readonly name?: string;
  readonly devices?: readonly string[];
  readonly timeoutSeconds?: number;
  readonly concurrency?: number;
  readonly attempts?: number;
}

/** A hook as one writes it (docs/hooks.md); what is not given has its default. */
export type HookOptions =
  | (HookEntry & { readonly command: readonly string[]; readonly env?: readonly string[] })
  | (HookEntry & {
      readonly url: string;
      readonly secret?: string;
      readonly secretEnv?: string;
      readonly headers?: Readonly<Record<string, string>>;
    });

/** Turns the list of the configuration file into hooks, each with a name. */
export const hookList = described(
  z.unknown().transform((value, context): Hook[] => {
    const read = readList(value);
    if (typeof read !== "string") return read;
    context.addIssue({ code: "custom", message: read });
    return z.NEVER;
  }),
  z.array(z.union([commandEntry, webhookEntry])).max(MAX_HOOKS),
);

/** What is wrong with a list of hooks, without what may be secret in it. */
export function hookListFault(value: unknown): string | undefined {
  const read = readList(value);
  return typeof read === "string" ? read : undefined;
}

/** A list of hooks for the eyes of people: without secrets, and without what often is one. */
export function hooksWithoutSecrets(value: unknown): unknown {
  return (value as readonly Hook[]).map((hook) => {
    if (hook.kind === "command") return hook;
    const { secret, headers, url } = hook;
    const hidden = Object.fromEntries(Object.keys(headers).map((name) => [name, "***"]));
    const shownSecret = secret !== undefined && "value" in secret ? { value: "***" } : secret;
    return { ...hook, url: shownUrl(url), headers: hidden, secret: shownSecret };
  });
}

// The path of many a webhook is its password.
function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return pathname === "/" && search === "" ? url : `${origin}/***`;
}

/** The hooks, or what is wrong with the first one that has something wrong. */
function readList(value: unknown): Hook[] | string {
  if (!Array.isArray(value)) return "hooks are a list: begin each with a dash";
  if (value.length > MAX_HOOKS) return `${value.length} hooks are too many, ${MAX_HOOKS} are allowed`;
  const hooks: Hook[] = [];
  for (const [index, entry] of value.entries()) {
    const hook = readEntry(entry);
    if (typeof hook === "string") return `number ${index + 1}: ${hook}`;
    if (hooks.some(({ name }) => name === hook.name))
      return `number ${index + 1}: another hook is called ${hook.name}, or says the same`;
    hooks.push(hook);
  }
  return hooks;
}

function readEntry(entry: unknown): Hook | string {
  if (typeof entry !== "object" || entry === null) return "must be on: …, and command: … or url: …";
  if ("command" in entry === "url" in entry) return "must have a command or a url, one of them";
  if ("command" in entry) {
    const result = commandEntry.safeParse(complete(entry, commandEntry));
    return result.success ? commandHook(result.data) : faultOf(result.error, Object.keys(commandEntry.shape));
  }
  const result = webhookEntry.safeParse(complete(entry, webhookEntry));
  return result.success ? webhook(result.data) : faultOf(result.error, Object.keys(webhookEntry.shape));
}

// zod finds a missing key before the field can say what should stand there.
function complete(entry: object, { shape }: { shape: object }): object {
  return { ...Object.fromEntries(Object.keys(shape).map((key) => [key, undefined])), ...entry };
}

function commandHook({ name, ...entry }: z.output<typeof commandEntry>): Hook {
  const [program] = entry.command;
  return { ...entry, kind: "command", name: name ?? nameOf(basename(program), entry.command, entry) };
}

function webhook({ name, secret, secretEnv, ...entry }: z.output<typeof webhookEntry>): Hook {
  const key =
    secret !== undefined ? { value: secret } : secretEnv !== undefined ? { env: secretEnv } : undefined;
  const { hostname } = new URL(entry.url);
  return { ...entry, kind: "webhook", secret: key, name: name ?? nameOf(hostname, entry.url, entry) };
}

/** The same as long as the hook does the same: what waits for it finds it after a restart. */
function nameOf(about: string, target: unknown, { on, devices }: Pick<Hook, "on" | "devices">): string {
  const identity = JSON.stringify([target, [...on].sort(), [...(devices ?? [])].sort()]);
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  return `${about.replace(/[^A-Za-z0-9.-]/g, "_").slice(0, 40)}-${hash}`;
}
