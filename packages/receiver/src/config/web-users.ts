import { z } from "zod";
import { PASSWORD_HASH, parsePasswordHash } from "../access/password-hash.js";
import type { WebUser } from "../access/web-login.js";
import { described } from "./described.js";
import { faultOf } from "./fault-of.js";

const MOST_USERS = 200;
const MOST_DEVICES = 1000;

/** A user as one writes it (docs/web.md); `role` is listener, and `devices` all, unless told otherwise. */
export interface WebUserOptions {
  readonly name: string;
  /** What `audio-receiver hash-password` prints. */
  readonly passwordHash: string;
  readonly role?: "admin" | "listener";
  /** Names, or beginnings followed by `*`; `~` = senders without a name. */
  readonly devices?: readonly string[];
}

const NAME = "must be up to 64 letters without a colon";
const HASH = "must be what audio-receiver hash-password prints";
const ROLE = "must be admin or listener";
const DEVICES = `must be a list of up to ${MOST_DEVICES} names of devices, or of their beginnings: [kitchen, barn-*]`;

const entry = z.strictObject(
  {
    name: z
      .string(NAME)
      .regex(/^[^:\p{Cc}]{1,64}$/u, NAME)
      .describe("user name, unlike all others"),
    passwordHash: z
      .string(HASH)
      .regex(PASSWORD_HASH, HASH)
      .describe("what audio-receiver hash-password prints"),
    role: z
      .enum(["admin", "listener"], ROLE)
      .default("listener")
      .describe("admin: may change and delete; listener: may see and hear"),
    devices: z
      .array(z.string(DEVICES).regex(/^([A-Za-z0-9_-]{0,64}\*|[A-Za-z0-9_-]{1,64}|~)$/, DEVICES), DEVICES)
      .min(1, DEVICES)
      .max(MOST_DEVICES, DEVICES)
      .optional()
      .describe(
        "names of devices, or beginnings followed by *; ~ = senders without a name; all, if not given",
      ),
  },
  "must be name: …, passwordHash: …, and may have role: … and devices: […]",
);

/** Turns the list of the configuration file into users. */
export const webUserList = described(
  z.unknown().transform((value, context): readonly WebUser[] => {
    const read = readList(value);
    if (typeof read !== "string") return read;
    context.addIssue({ code: "custom", message: read });
    return z.NEVER;
  }),
  z.array(entry).max(MOST_USERS),
);

/** What is wrong with a list of users, without their hashes. */
export function webUserListFault(value: unknown): string | undefined {
  const read = readList(value);
  return typeof read === "string" ? read : undefined;
}

/** Users for the eyes of people: without their hashes. */
export function webUsersWithoutSecrets(value: unknown): unknown {
  return (value as readonly WebUser[]).map(({ user }) => ({ ...user, passwordHash: "***" }));
}

/** The users, or what is wrong with the first one that has something wrong. */
function readList(value: unknown): readonly WebUser[] | string {
  if (!Array.isArray(value)) return "users are a list: begin each with a dash";
  if (value.length > MOST_USERS) return `${value.length} users are too many, ${MOST_USERS} are allowed`;
  const users: WebUser[] = [];
  for (const [index, item] of value.entries()) {
    const { success, data, error } = entry.safeParse(item);
    if (!success) return `number ${index + 1}: ${faultOf(error, Object.keys(entry.shape))}`;
    const { name, role, devices = null } = data;
    if (users.some(({ user }) => user.name === name))
      return `number ${index + 1}: another user is called ${name}`;
    users.push({ user: { name, role, devices }, secret: parsePasswordHash(data.passwordHash) });
  }
  return users;
}
