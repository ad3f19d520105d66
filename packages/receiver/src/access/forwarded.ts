import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { peerAddress, plainAddress } from "../ingest/peer-name.js";
import type { AddressList } from "./address-list.js";

/** Who asks, and under which address it sees us: through the proxies that are trusted, and no others. */
export interface Asker {
  /** Without a port. */
  readonly address: string;
  readonly protocol: "http" | "https";
  /** Host, and port where it is not the usual one; undefined when none was named. */
  readonly host: string | undefined;
  /** What a proxy took away in front of the path: `/audio`, or nothing. */
  readonly prefix: string;
}

const HOST = /^[A-Za-z0-9.:[\]_-]{1,255}$/;
const PREFIX = /^(\/[A-Za-z0-9._~-]+)+$/;

/** Takes `X-Forwarded-…` from trusted proxies; whoever else sends it is believed nothing. */
export function askerOf(request: IncomingMessage, proxies: AddressList): Asker {
  const { socket, headers } = request;
  const address = peerAddress(socket);
  const protocol = "encrypted" in socket ? "https" : "http";
  const own: Asker = { address, protocol, host: headers.host, prefix: "" };
  if (!proxies.includes(address)) return own;
  const said = (name: string) => hopsOf(headers[name]).at(-1) ?? "";
  const prefix = said("x-forwarded-prefix").replace(/\/+$/, "");
  const host = said("x-forwarded-host");
  const scheme = said("x-forwarded-proto").toLowerCase();
  return {
    address: clientOf(address, hopsOf(headers["x-forwarded-for"]), proxies),
    protocol: scheme === "http" || scheme === "https" ? scheme : own.protocol,
    host: HOST.test(host) ? host : own.host,
    prefix: PREFIX.test(prefix) ? prefix : "",
  };
}

// From the right, since each proxy adds whom it saw: whatever stands further left may be made up.
function clientOf(peer: string, hops: readonly string[], proxies: AddressList): string {
  let client = peer;
  for (const hop of [...hops].reverse()) {
    const address = addressIn(hop);
    if (address === undefined) break;
    client = address;
    if (!proxies.includes(address)) break;
  }
  return client;
}

function hopsOf(header: string | readonly string[] | undefined): readonly string[] {
  return String(header ?? "")
    .split(",")
    .map((hop) => hop.trim())
    .filter((hop) => hop !== "");
}

// Some proxies add the port: 192.0.2.7:4711, [2001:db8::7]:4711.
function addressIn(hop: string): string | undefined {
  const [, inBrackets] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop) ?? [];
  const bare = inBrackets ?? (isIP(hop) === 0 ? hop.replace(/:\d{1,5}$/, "") : hop);
  return isIP(bare) === 0 ? undefined : plainAddress(bare);
}
