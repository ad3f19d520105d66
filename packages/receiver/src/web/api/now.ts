import type { ServerInfo } from "@audio/api";
import type { Listener } from "../../ingest/listener.js";
import { proxiedAddress } from "../ingest-address.js";
import type { EventFeed } from "../now/event-feed.js";
import { momentOf, type NowSources, nowFor } from "../now/view.js";
import type { Handlers } from "./handler.js";

export interface NowHandlerSources {
  readonly now: NowSources;
  readonly feed: EventFeed;
  /** What of the server does not change. */
  readonly server: Pick<ServerInfo, "version" | "startedUs" | "timezone" | "catalogue"> & {
    readonly needsToken: boolean;
    readonly isEncrypted: boolean;
    readonly publicUrl: string | undefined;
  };
  /** The ports that are open. */
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly encoders: () => Promise<ServerInfo["encoders"]>;
}

/** What the receiver is, and how things stand. */
export function nowHandlers({ now, feed, server, listeners, encoders }: NowHandlerSources): Handlers {
  const port = (name: string) => listeners.get(name)?.port;
  return {
    "GET /server": async ({ user, http: { asker, place } }) => {
      const { needsToken, isEncrypted, publicUrl, ...fixed } = server;
      const websocket = port("websocket");
      const ingest = {
        websocketPort: websocket ?? null,
        websocketUrl: proxiedAddress(asker, place.base, { port: websocket, isEncrypted, publicUrl }),
        tcpPort: port("tcp") ?? null,
        udpPort: port("udp") ?? null,
        needsToken,
        isEncrypted,
      };
      return { ...fixed, nowUs: Date.now() * 1000, user, ingest, encoders: await encoders() };
    },
    "GET /now": async ({ user }) => nowFor(user, (await momentOf(now)).now),
    "GET /events": async ({ user, http }, reply) => {
      reply.type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no"); // nginx would hold them back
      return http.method === "HEAD" ? reply.send("") : reply.send(await feed.open(user));
    },
  };
}
