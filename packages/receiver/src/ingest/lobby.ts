import type { Server, Socket } from "node:net";
import type { PeerRefused } from "../events.js";
import { peerName } from "./peer-name.js";

type ListenerName = PeerRefused["listener"];

/**
 * Connections of all ports that have not said yet what they want: no TLS handshake, no request, no first byte of
 * audio. There is room for so many; when one more comes, the one that has waited longest goes. So a flood of silent
 * connections costs a fixed amount of memory and shuts nobody out who speaks at once.
 */
export class Lobby {
  readonly #seats: () => number;
  readonly #onEvicted: (peer: string, listener: ListenerName) => void;
  /** By both ends of the connection: a TLS socket and the plain one below it are the same. */
  readonly #guests = new Map<string, { readonly socket: Socket; readonly listener: ListenerName }>();
  readonly #waiting = new Set<string>();

  /** @param seats how many there are now */
  constructor(seats: () => number, onEvicted: (peer: string, listener: ListenerName) => void) {
    this.#seats = seats;
    this.#onEvicted = onEvicted;
  }

  /** Connections that wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Lets every connection of a server wait here, from its very beginning on. */
  guard(server: Server, listener: ListenerName): void {
    server.prependListener("connection", (socket: Socket) => this.#arrive(socket, listener));
  }

  /** It has said what it wants. */
  leave(socket: Socket): void {
    this.#waiting.delete(keyOf(socket));
  }

  /** It has got what it wanted, and may want more. */
  waitAgain(socket: Socket): void {
    const key = keyOf(socket);
    if (this.#guests.has(key)) this.#wait(key);
  }

  /** Ends whoever still waits at a port that closes. */
  dismiss(listener: ListenerName): void {
    for (const [key, guest] of this.#guests)
      if (guest.listener === listener && this.#waiting.has(key)) guest.socket.destroy();
  }

  #arrive(socket: Socket, listener: ListenerName): void {
    const key = keyOf(socket);
    const guest = { socket, listener };
    this.#guests.set(key, guest);
    socket.once("close", () => {
      if (this.#guests.get(key) !== guest) return; // the same ends were used again
      this.#guests.delete(key);
      this.#waiting.delete(key);
    });
    this.#wait(key);
  }

  #wait(key: string): void {
    this.#waiting.delete(key);
    this.#waiting.add(key);
    while (this.#waiting.size > this.#seats()) this.#evictLongest();
  }

  #evictLongest(): void {
    const [longest] = this.#waiting;
    this.#waiting.delete(longest);
    const guest = this.#guests.get(longest);
    if (guest === undefined) return;
    this.#onEvicted(peerName(guest.socket), guest.listener);
    guest.socket.destroy();
  }
}

function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
