import type { IncomingMessage } from "node:http";
import type { Asker } from "../access/forwarded.js";

/** What an address is to us. */
export interface Place {
  /** Path of the web root as the asker's browser has it: begins and ends with `/`. */
  readonly base: string;
  /**
   * `inside` the web root; `slashless`: the root itself, but for its last `/`; `outside`; `malformed`: no address at all.
   */
  readonly kind: "inside" | "slashless" | "outside" | "malformed";
  /** Path and query below the web root, beginning with `/`; of what is not inside, one that leads nowhere. */
  readonly url: string;
}

// No route begins so.
const NOWHERE = "/-/";
// They are asked at the machine itself, not through the proxy whose path webPath is.
const PROBE = /^\/(healthz|readyz)(\?|$)/;

/**
 * Where an address lies.
 * @param webPath begins and ends with `/`; a proxy may have taken it away in front of `url`, and then says so
 */
export function placeOf(
  { url = "/" }: Pick<IncomingMessage, "url">,
  { prefix }: Pick<Asker, "prefix">,
  webPath: string,
): Place {
  const path = url.replace(/\?.*$/s, "");
  const isTaken = webPath !== "/" && `${prefix}/` === webPath;
  const base = isTaken ? webPath : prefix + webPath;
  if (!isWellFormed(path)) return { base, kind: "malformed", url: NOWHERE };
  if (url.startsWith(webPath)) return { base, kind: "inside", url: url.slice(webPath.length - 1) };
  if (isTaken || PROBE.test(url)) return { base, kind: "inside", url };
  return { base, kind: `${path}/` === webPath ? "slashless" : "outside", url: NOWHERE };
}

function isWellFormed(path: string): boolean {
  try {
    decodeURIComponent(path);
    return path.startsWith("/");
  } catch {
    return false; // URIError: a % that begins no character
  }
}
