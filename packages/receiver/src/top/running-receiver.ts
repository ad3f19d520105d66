import { readFile } from "node:fs/promises";
import { type Client, createClient } from "@audio/api/client";
import type { ConfigValues } from "../config/config-values.js";
import { ReceiverError } from "../errors.js";

type WebValues = Pick<
  ConfigValues,
  "webPort" | "webPath" | "host" | "webUsername" | "webPassword" | "tlsCert" | "readyFile"
>;

/**
 * The address of the web port of a receiver on this machine: what its ready file says, else the settings.
 * @throws ReceiverError `invalid-setting` when neither knows the port
 */
export async function webRootOf({ webPort, webPath, host, tlsCert, readyFile }: WebValues): Promise<string> {
  const told = readyFile === undefined ? undefined : await addressIn(readyFile);
  if (told !== undefined) return told.endsWith("/") ? told : `${told}/`;
  if (webPort === 0)
    throw new ReceiverError(
      "invalid-setting",
      "webPort is 0, any free one: which one it is stands in the file of --ready-file alone",
    );
  const name = ["0.0.0.0", "::", ""].includes(host) ? "127.0.0.1" : host;
  const bracketed = name.includes(":") ? `[${name}]` : name;
  return `http${tlsCert === undefined ? "" : "s"}://${bracketed}:${webPort}${webPath}`;
}

async function addressIn(readyFile: string): Promise<string | undefined> {
  const text = await readFile(readyFile, "utf8").catch(() => "{}"); // none, and the settings are to be believed
  const { web } = JSON.parse(text) as { web?: string | null };
  return web ?? undefined;
}

/**
 * Headers that log in to the web port.
 * @throws ReceiverError `invalid-setting` when there is no password
 */
export function loginFor({ webUsername, webPassword }: WebValues): { readonly authorization: string } {
  if (webPassword === undefined)
    throw new ReceiverError(
      "invalid-setting",
      "WEB_UI_PASSWORD is not set: it takes that to log in to the web port",
    );
  return { authorization: `Basic ${Buffer.from(`${webUsername}:${webPassword}`).toString("base64")}` };
}

/** Asks a receiver that runs, as one who may. */
export function clientFor(values: WebValues, root: string): Client {
  return createClient(root, loginFor(values));
}
