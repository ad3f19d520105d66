/**
 * What a request path of the WebSocket port means: audio, of a device that is named (1 … 64 of `[A-Za-z0-9_-]`) or
 * not; or messages that come back.
 */
export type Endpoint = { readonly kind: "stream"; readonly hwid?: string } | { readonly kind: "echo" };

const MAX_HWID_CHARACTERS = 64;

/**
 * Makes a device name that is safe as a file name: keeps `[A-Za-z0-9_-]`, turns `:` and `.` into `_`, drops
 * everything else, and cuts at 64. Nothing left: undefined.
 */
export function sanitizeHwid(text: string): string | undefined {
  const name = text.replace(/[:.]/g, "_").replace(/[^A-Za-z0-9_-]/g, "");
  return name === "" ? undefined : name.slice(0, MAX_HWID_CHARACTERS);
}

/**
 * Reads `/ws`, `/ws/{hwid}` or `/ws/echo`, given without a query; the hwid is percent-decoded once, then made safe.
 * Anything else, also a broken escape: undefined.
 */
export function parseEndpoint(path: string): Endpoint | undefined {
  const match = /^\/ws(?:\/([^/]*))?$/.exec(path);
  if (match === null) return undefined;
  const text = percentDecoded(match[1] ?? "");
  if (text === undefined) return undefined;
  if (text === "echo") return { kind: "echo" };
  const hwid = sanitizeHwid(text);
  // What is dropped can leave the reserved word: `e%20cho` becomes `echo`, which is nobody's name.
  if (hwid === undefined || hwid === "echo") return { kind: "stream" };
  return { kind: "stream", hwid };
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // URIError: the escape is broken, so this is no address of ours
  }
}
