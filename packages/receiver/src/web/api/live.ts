import { NAMELESS } from "@audio/api";
import type { LiveRooms } from "../../live/live-rooms.js";
import type { Streams } from "../../streams.js";
import { takeUpgrade } from "../upgrades.js";
import { maySee } from "../visibility.js";
import { notFound, WebFailure } from "../web-failure.js";
import type { Handlers } from "./handler.js";

export interface LiveSources {
  readonly streams: Streams;
  readonly rooms: LiveRooms;
}

const RETRY_SECONDS = "10";

/** Streams as they come. */
export function liveHandlers({ streams, rooms }: LiveSources) {
  return {
    "GET /live/{key}": ({ user, params: { key }, http }, reply) => {
      const stream = streams.withKey(key);
      if (stream === undefined || !maySee(user, stream.info.device ?? NAMELESS))
        throw notFound(`no stream ${key} is connected`);
      const full = rooms.fullBecause(key);
      if (full !== undefined) throw new WebFailure(503, full, { "retry-after": RETRY_SECONDS });
      const upgrade = takeUpgrade(http.raw);
      if (upgrade === undefined)
        throw new WebFailure(426, "this address speaks WebSocket", { upgrade: "websocket" });
      reply.hijack();
      rooms.enter(stream, upgrade);
      return reply;
    },
  } satisfies Handlers;
}
