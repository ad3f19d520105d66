// What may stand in a content security policy: no character of a name ends a source or a directive.
const HOST = /^([A-Za-z0-9._-]{1,255})(:\d{1,5})?$/;

/**
 * Where the microphone page sends its audio to, as the pages' content security policy names it: `ws://host:5096`.
 * Undefined: nowhere, or the page was asked for by an IPv6 address, which such a policy cannot name.
 * @param host as the browser names us, with or without a port
 * @param port of the WebSocket listener; undefined = there is none
 */
export function streamOrigin(
  host: string | undefined,
  port: number | undefined,
  isEncrypted: boolean,
): string | undefined {
  const name = HOST.exec(host ?? "")?.[1];
  if (name === undefined || port === undefined) return undefined;
  return `${isEncrypted ? "wss" : "ws"}://${name}:${port}`;
}
