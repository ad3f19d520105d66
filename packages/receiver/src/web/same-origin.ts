import type { IncomingHttpHeaders } from "node:http";
import type { Asker } from "../access/forwarded.js";

/**
 * Whether a request that changes something, or a WebSocket, may come from where it does: from our own pages, or from
 * a program. A browser says where from, in `Sec-Fetch-Site` (which no script can set), over plain HTTP in `Origin`
 * alone; a program says neither, and has no login of somebody else to misuse.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, { host }: Pick<Asker, "host">): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const { origin } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
