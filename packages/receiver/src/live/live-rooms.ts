import type { EventEmitter } from "node:events";
import { CLOSE_CODES } from "@audio/protocol";
import { WebSocketServer } from "ws";
import type { ReceiverEvents } from "../events.js";
import type { LiveStream } from "../streams.js";
import type { Upgrade } from "../web/upgrades.js";
import { Audience } from "./audience.js";
import { LiveListener } from "./live-listener.js";

// A page listens to one stream, or to a few: these are for those who forget to close them, and for who means harm.
const MOST_LISTENERS = 128;
const MOST_OF_ONE_STREAM = 32;
const SWEEP_MS = 5000;
// How long listeners may take to answer our goodbye.
const LEAVE_GRACE_MS = 1000;
const LOOK_MS = 20;
const STOPPING = "server stopping";

/** Everybody who listens live, by stream. */
export class LiveRooms {
  // A listener has nothing to say; 125 bytes are the longest ping.
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 125,
    clientTracking: false,
    autoPong: false,
    handleProtocols: () => false,
  });
  readonly #rooms = new Map<number, Audience>();
  #listeners = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(events: EventEmitter<ReceiverEvents>) {
    events.on("stream:close", ({ stream, cause }) => {
      this.#rooms.get(stream.key)?.close(1000, `the stream has ended: ${cause}`);
    });
  }

  /** Everybody, all streams together. */
  get listeners(): number {
    return this.#listeners;
  }

  /** Why nobody more can listen to a stream; undefined when there is room. */
  fullBecause(key: number): string | undefined {
    if (this.#closed) return STOPPING;
    if (this.#listeners >= MOST_LISTENERS)
      return `${MOST_LISTENERS} listeners are connected, the most allowed: try later`;
    if ((this.#rooms.get(key)?.size ?? 0) < MOST_OF_ONE_STREAM) return undefined;
    return `${MOST_OF_ONE_STREAM} listeners hear this stream, the most allowed: try later`;
  }

  /** Makes a request that was let in a listener of the stream. */
  enter(stream: LiveStream, upgrade: Upgrade): void {
    const { request, socket, head } = upgrade;
    this.#server.handleUpgrade(request, socket, head, (client) => {
      const { key } = stream.info;
      const room = this.#rooms.get(key) ?? new Audience(stream);
      this.#rooms.set(key, room);
      const listener = new LiveListener(client, room.format, () => this.#leave(key, room, listener));
      this.#listeners++;
      this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS);
      room.add(listener);
    });
  }

  /** Says goodbye to everybody; who does not answer is cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const room of this.#rooms.values()) room.close(CLOSE_CODES.goingAway, STOPPING);
    const deadline = performance.now() + LEAVE_GRACE_MS;
    while (this.#listeners > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    for (const room of this.#rooms.values()) room.terminate();
  }

  #leave(key: number, room: Audience, listener: LiveListener): void {
    room.remove(listener);
    this.#listeners--;
    if (room.size === 0) this.#rooms.delete(key);
    if (this.#listeners > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const room of this.#rooms.values()) room.sweep(nowMs);
  }
}
