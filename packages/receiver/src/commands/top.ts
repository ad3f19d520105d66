import type { Now } from "@audio/api";
import type { Client } from "@audio/api/client";
import type { Command } from "commander";
import type { ConfigValues } from "../config/config-values.js";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { terminalSize, watchLive } from "../top/live-screen.js";
import { clientFor, webRootOf } from "../top/running-receiver.js";
import { screenOf } from "../top/screen.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Asks the web port of a receiver that runs, once a second, and draws what it says. Logs in as WEB_UI_USERNAME (admin)
with WEB_UI_PASSWORD; where that was made at the first start, set the variable to what was shown then. Arrows,
page up and down scroll; q or Ctrl-C ends.

Examples:
  $ WEB_UI_PASSWORD=… audio-receiver top
  $ audio-receiver top --url https://recorder.example/audio/
  $ audio-receiver top --json | jq -c '.devices[] | [.device, .state]'     once, for scripts`;

const LONGEST_ANSWER_MS = 5000;

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
  if (once || !out.isTTY) return void out.write(`${screenOf(first, terminalSize())}\n`);
  await watchLive(first, (signal) => ask(client, signal));
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

async function ask(
  client: Client,
  signal: AbortSignal = AbortSignal.timeout(LONGEST_ANSWER_MS),
): Promise<Now> {
  try {
    return await client.call("GET /now", { signal });
  } catch (error) {
    const { message } = error as Error;
    throw new ReceiverError("not-reachable", `${client.address("GET /now", {})}: ${message}`, {
      cause: error,
    });
  }
}
