/** What the browser and the receiver allow. */
export interface Circumstances {
  /** Browsers give the microphone to pages over https, and to those from the machine itself. */
  readonly isSecureContext: boolean;
  readonly hasMicrophones: boolean;
  /** `https:` or `http:` */
  readonly protocol: string;
  readonly hostname: string;
  readonly ingest: {
    readonly websocketPort: number | null;
    /** Where a proxy takes streams; null: they go to the port itself. */
    readonly websocketUrl: string | null;
    readonly isEncrypted: boolean;
  };
}

export interface Obstacle {
  readonly what: string;
  /** What to do, one way after the other. */
  readonly ways: readonly string[];
}

/** Why this browser cannot be a microphone as things are; undefined when it can. */
export function obstacleOf(circumstances: Circumstances): Obstacle | undefined {
  const { isSecureContext, hasMicrophones, hostname, ingest } = circumstances;
  if (!isSecureContext)
    return {
      what: `This page came over plain http from ${hostname}, and browsers give the microphone to pages over https only, or to those from localhost.`,
      ways: [
        "Give the receiver a certificate (tlsCert and tlsKey, docs/security.md) and open this page with https.",
        `Or bring it to localhost: ssh -L 8080:localhost:8080 -L ${ingest.websocketPort ?? 5096}:localhost:${ingest.websocketPort ?? 5096} ${hostname}, then open http://localhost:8080/microphone.`,
      ],
    };
  if (!hasMicrophones)
    return {
      what: "This browser has no way to a microphone.",
      ways: ["Use a current Firefox, Chrome, Edge or Safari."],
    };
  if (ingest.websocketPort === null)
    return {
      what: "This receiver takes no streams over WebSocket, and browsers can send by nothing else.",
      ways: ["Start it without --no-ws."],
    };
  return isMixed(circumstances) ? MIXED : undefined;
}

const MIXED: Obstacle = {
  what: "This page came over https, and the receiver's port for devices is not encrypted: browsers connect to encrypted ones only from here.",
  ways: [
    "Let the proxy take streams at /ws, as examples/deploy shows, and name its address in trustProxies (docs/web.md).",
    "Or give the receiver the certificate itself (tlsCert and tlsKey, docs/security.md).",
  ],
};

function isMixed({ protocol, hostname, ingest }: Circumstances): boolean {
  const isEncrypted = ingest.websocketUrl?.startsWith("wss:") ?? ingest.isEncrypted;
  return protocol === "https:" && !isEncrypted && !isLocal(hostname);
}

function isLocal(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

/** Where the stream goes. */
export function streamAddress(
  { hostname, ingest }: Pick<Circumstances, "hostname" | "ingest">,
  name: string,
  token: string,
): string {
  const query = token === "" ? "" : `?token=${encodeURIComponent(token)}`;
  const { websocketUrl, websocketPort, isEncrypted } = ingest;
  const address = websocketUrl ?? `${isEncrypted ? "wss" : "ws"}://${hostname}:${websocketPort}/ws`;
  return `${address}/${encodeURIComponent(name)}${query}`;
}

/** What a browser's refusal to open the microphone means, and what to do. */
export function refusalOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (name === "NotAllowedError")
    return "The microphone was not allowed. Press the sign beside the address, allow the microphone for this page, and start again.";
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return "There is no such microphone. Plug one in, or choose another, and start again.";
  if (name === "NotReadableError")
    return "The microphone is there and cannot be opened: another program may have it. Close that, and start again.";
  return `The microphone cannot be opened: ${message}`;
}
