import type { Client } from "@audio/api/client";
import type { Command } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { clientFor, webRootOf } from "../top/running-receiver.js";
import { screenOf } from "../top/screen.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Asks the web port of a receiver that runs, once a second, and draws what it says. Logs in as WEB_UI_USERNAME (admin)
with WEB_UI_PASSWORD; where that was made at the first start, set the variable to what was shown then. q or Ctrl-C ends.

Examples:
  $ WEB_UI_PASSWORD=… audio-receiver top
  $ audio-receiver top --url https://recorder.example/audio/
  $ audio-receiver top --json | jq -c '.devices[] | [.device, .state]'     once, for scripts`;

const EVERY_MS = 1000;

interface Flags {
  readonly url?: string;
  readonly json?: boolean;
  readonly once?: boolean;
}

export function addTopCommand(program: Command): void {
  const command = program.command("top").description("live streams, disk and queues of a receiver that runs");
  addOptionsFor(command, ["webPort", "webPath", "webUsername", "host", "tlsCert", "readyFile"]);
  command
    .option("--url <address>", "its web port (default: the one on this machine)")
    .option("--once", "draw once; so where there is no terminal")
    .option("--json", "once, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action(() => watch(valuesOf(effectiveConfig(command)), command.opts<Flags>()));
}

async function watch(values: ConfigValues, { url, json, once }: Flags): Promise<void> {
  const client = await clientOf(values, url);
  const first = await ask(client);
  const out = process.stdout;
  if (json) return void out.write(`${JSON.stringify(first)}\n`);
  const size = () => ({
    rows: out.rows ?? Number.POSITIVE_INFINITY,
    columns: out.columns ?? Number.POSITIVE_INFINITY,
  });
  if (once || !out.isTTY) return void out.write(`${screenOf(first, size())}\n`);
  await live(async () => screenOf(await ask(client), size()));
}

async function clientOf(values: ConfigValues, url: string | undefined): Promise<Client> {
  const root = url ?? (await webRootOf(values));
  if (!URL.canParse(root) || !/^https?:/.test(root))
    throw new ReceiverError(
      "invalid-setting",
      `--url: "${root}" is not allowed; allowed is http://HOST:PORT/ or https://…`,
    );
  return clientFor(values, root);
}

async function ask(client: Client) {
  try {
    return await client.call("GET /now", {});
  } catch (error) {
    const { message } = error as Error;
    throw new ReceiverError("not-reachable", `${client.address("GET /now", {})}: ${message}`, {
      cause: error,
    });
  }
}

const ENDING_KEYS = [3, 27, 113]; // Ctrl-C, Escape, q
const OTHER_SCREEN = "\u001b[?1049h\u001b[?25l";
const FIRST_SCREEN = "\u001b[?25h\u001b[?1049l";
const FROM_THE_TOP = "\u001b[H";
const CLEAR_REST = "\u001b[J";
const CLEAR_LINE = "\u001b[K";

/** Draws on a screen of its own until somebody ends it; a receiver that does not answer for once is told there. */
async function live(draw: () => Promise<string>): Promise<void> {
  const { stdin, stdout } = process;
  const ended = new AbortController();
  const end = () => ended.abort();
  const onKey = ([code]: Buffer) => void (ENDING_KEYS.includes(code) && end());
  process.once("SIGINT", end).once("SIGTERM", end);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", onKey).resume();
  stdout.write(OTHER_SCREEN);
  try {
    while (!ended.signal.aborted) {
      const text = await draw().catch((error: Error) => error.message);
      stdout.write(FROM_THE_TOP + text.replaceAll("\n", `${CLEAR_LINE}\n`) + CLEAR_LINE + CLEAR_REST);
      await pause(ended.signal);
    }
  } finally {
    stdout.write(FIRST_SCREEN);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.off("data", onKey).pause();
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, EVERY_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
