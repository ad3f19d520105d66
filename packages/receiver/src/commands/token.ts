import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { sanitizeHwid } from "@audio/protocol";
import type { Command } from "commander";
import { changeTokens, listTokens } from "../access/change-tokens.js";
import { hashToken, newToken, TOKEN_PATTERN, withoutSecrets } from "../access/token.js";
import { TOKEN_ID, TOKEN_NAME, type TokenRecord } from "../access/token-file.js";
import { valuesOf } from "../config/load.js";
import { tokensFileOf } from "../config/receiver-settings.js";
import { ReceiverError } from "../errors.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
A receiver asks for tokens when it is started with --auth token. It need not be restarted when they change; the
connections of a revoked one end within seconds.

Examples:
  $ audio-receiver token add kitchen                 a token for any device
  $ audio-receiver token add --device AA:BB:CC       one for this device only, called after it
  $ audio-receiver token list --data-dir /data
  $ audio-receiver token revoke kitchen
  $ audio-stream --wav speech.wav --token art_…      a device shows it like this`;

const SETTINGS = ["dataDir", "tokensFile"];

export function addTokenCommand(program: Command): void {
  const token = program
    .command("token")
    .description("make, list and revoke the tokens that devices show (--auth token)")
    .addHelpText("after", EXAMPLES);
  const add = token
    .command("add [name]")
    .description("make a token, and show it once: only its hash is kept")
    .option("--device <hwid>", "good for this device only; on TCP it also gives the device its name");
  common(add).action((name: string | undefined) => run(add, (path) => addToken(path, name, add.opts())));
  const list = token.command("list").description("the tokens that are good, without the tokens themselves");
  common(list).action(() => run(list, async (path) => shownList(await listTokens(path))));
  const revoke = token.command("revoke <name>").description("end a token, by its name or id");
  common(revoke).action((name: string) => run(revoke, (path) => revokeToken(path, name)));
  for (const command of [add, list, revoke]) command.addHelpText("after", EXAMPLES).exitOverride();
}

/** What a subcommand answers, for programs and for people. */
interface Answer {
  readonly json: object;
  readonly text: string;
}

function common(command: Command): Command {
  addOptionsFor(command, SETTINGS);
  return command.option("--json", "as JSON");
}

async function run(command: Command, work: (path: string) => Promise<Answer>): Promise<void> {
  const { json, text } = await work(resolve(tokensFileOf(valuesOf(effectiveConfig(command)))));
  process.stdout.write(command.opts().json ? `${JSON.stringify(json, null, 2)}\n` : text);
}

async function addToken(path: string, name: string | undefined, flags: { device?: string }): Promise<Answer> {
  const token = newToken();
  const device = flags.device === undefined ? undefined : hwid(flags.device);
  const id = randomBytes(4).toString("hex");
  const called = checkedName(name) ?? device ?? `token-${id}`;
  const record: TokenRecord = {
    id,
    name: called,
    ...(device !== undefined && { device }),
    sha256: hashToken(token),
    created: new Date().toISOString(),
  };
  await changeTokens(path, (tokens) => {
    if (!tokens.some((known) => known.name === called || known.id === id)) return [...tokens, record];
    throw invalid(`a token called ${called} exists already: choose another name, or revoke it first`);
  });
  return {
    json: { ...described(record), token, path },
    text: `${token}\n\nThis is the token ${called}${scope(record)}. It is shown this once: only its hash is kept, in ${path}.\n`,
  };
}

async function revokeToken(path: string, name: string): Promise<Answer> {
  const wanted = TOKEN_PATTERN.test(name) ? hashToken(name) : name; // whoever has the token may name it so
  let revoked: TokenRecord | undefined;
  await changeTokens(path, (tokens) => {
    revoked = tokens.find(({ id, name: called, sha256 }) => [id, called, sha256].includes(wanted));
    if (revoked !== undefined) return tokens.filter((token) => token !== revoked);
    throw invalid(
      `no token is called "${withoutSecrets(name)}": ${tokens.length === 0 ? "there is none" : `there are ${names(tokens)}`}`,
    );
  });
  const gone = revoked as TokenRecord | undefined;
  if (gone === undefined) throw new TypeError("a change is made before it is over");
  return {
    json: { revoked: described(gone), path },
    text: `revoked ${gone.name} (${gone.id})${scope(gone)}; its connections end within seconds\n`,
  };
}

const MOST_NAMES = 20;

function names(tokens: readonly TokenRecord[]): string {
  const shown = tokens.slice(0, MOST_NAMES).map((token) => token.name);
  return shown.join(", ") + (tokens.length > MOST_NAMES ? ` and ${tokens.length - MOST_NAMES} more` : "");
}

function shownList(tokens: readonly TokenRecord[]): Answer {
  const rows = tokens.map(({ id, name, device, created }) => [id, name, device ?? "any device", created]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
  return {
    json: tokens.map(described),
    text: lines.length === 0 ? "no tokens: audio-receiver token add NAME\n" : `${lines.join("\n")}\n`,
  };
}

function described({ id, name, device, created }: TokenRecord): object {
  return { id, name, device: device ?? null, created };
}

function scope({ device }: TokenRecord): string {
  return device === undefined ? "" : ` for device ${device}`;
}

// As the device will be known: AA:BB:CC is AA_BB_CC.
function hwid(text: string): string {
  const found = sanitizeHwid(text);
  if (found !== undefined) return found;
  throw invalid(`--device: "${text}" is not allowed; allowed is a hwid, of which A-Z a-z 0-9 _ - : . count`);
}

function checkedName(name: string | undefined): string | undefined {
  const mistaken = [TOKEN_ID, TOKEN_PATTERN].some((pattern) => pattern.test(name ?? ""));
  if (name === undefined || (TOKEN_NAME.test(name) && !mistaken)) return name;
  throw invalid(
    `name "${withoutSecrets(name)}" is not allowed; allowed are up to 64 of A-Z a-z 0-9 _ . - that look like no id and no token`,
  );
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-setting", message);
}
