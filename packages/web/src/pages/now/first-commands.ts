import type { ServerInfo } from "../../server/info.js";

/** What to type for a first sound; undefined where its port is closed. */
export interface FirstCommands {
  readonly stream: string | undefined;
  readonly raw: string | undefined;
  /** Address for a device of one's own. */
  readonly address: string | undefined;
}

/**
 * The commands that make a sound appear, with the receiver's address in them.
 * @param host as the browser reached it: a name, an IPv4 address, or an IPv6 one in brackets
 */
export function firstCommands(
  { websocketPort, websocketUrl, tcpPort, needsToken, isEncrypted }: ServerInfo["ingest"],
  host: string,
): FirstCommands {
  const ownAddress =
    websocketPort === null ? undefined : `${isEncrypted ? "wss" : "ws"}://${host}:${websocketPort}/ws`;
  const address = websocketUrl ?? ownAddress;
  const token = needsToken ? " --token TOKEN" : "";
  const bare = host.replace(/^\[|\]$/g, "");
  const head = needsToken
    ? "{ echo token TOKEN; tail -c +45 examples/data/speech.wav; }"
    : "tail -c +45 examples/data/speech.wav";
  // bash can open a TCP connection, but no encrypted one; a proxy for HTTP takes none at all
  const isRaw = tcpPort !== null && !isEncrypted && websocketUrl === null;
  return {
    stream: address && `npx audio-stream --wav examples/data/speech.wav --url ${address} --realtime${token}`,
    raw: isRaw ? `${head} > /dev/tcp/${bare}/${tcpPort}` : undefined,
    address: address && `${address}/my-first-microphone`,
  };
}
