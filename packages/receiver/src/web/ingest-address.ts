import type { Asker } from "../access/forwarded.js";

/** How streams come in over WebSocket. */
export interface WebSocketIngest {
  /** Of the listener; undefined = there is none. */
  readonly port: number | undefined;
  /** Whether that port itself speaks TLS. */
  readonly isEncrypted: boolean;
  /** Where a proxy takes them for us, as the setting says. */
  readonly publicUrl: string | undefined;
}

/**
 * Where streams go that come by the same proxy as whoever asks: `wss://recorder.example.org/ws`, to which the name of a
 * device may be added. Null: none does, or there is no listener; they go to its port.
 * A page that came over HTTPS through a trusted proxy may not talk to a port of ours that speaks plain text, so only the
 * proxy itself can take its streams: at `ws` below the web root, as the configurations in examples/deploy do.
 * @param base path of the web root as the asker has it: begins and ends with `/`
 */
export function proxiedAddress(
  { host, protocol }: Pick<Asker, "host" | "protocol">,
  base: string,
  { port, isEncrypted, publicUrl }: WebSocketIngest,
): string | null {
  if (port === undefined) return null;
  if (publicUrl !== undefined) return publicUrl;
  return isEncrypted || protocol === "http" || host === undefined ? null : `wss://${host}${base}ws`;
}

// What may stand in a content security policy: no character of a name ends a source or a directive.
const HOST = /^([A-Za-z0-9._-]{1,255})(:\d{1,5})?$/;
const ORIGIN = /^(wss?:\/\/[A-Za-z0-9._-]{1,255}(:\d{1,5})?)\//;

/**
 * Where the microphone page sends its audio to, as the pages' content security policy names it: `ws://host:5096`.
 * Undefined: nowhere, or to an IPv6 address, which such a policy cannot name.
 */
export function streamOrigin(
  asker: Pick<Asker, "host" | "protocol">,
  ingest: WebSocketIngest,
): string | undefined {
  const { port, isEncrypted } = ingest;
  const proxied = proxiedAddress(asker, "/", ingest);
  if (proxied !== null) return ORIGIN.exec(proxied)?.[1];
  const name = HOST.exec(asker.host ?? "")?.[1];
  if (name === undefined || port === undefined) return undefined;
  return `${isEncrypted ? "wss" : "ws"}://${name}:${port}`;
}
