import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";

export interface Goodbye {
  readonly code: number;
  readonly reason: string;
}

/** A well-behaved device: the `ws` library. */
export class StreamClient implements Disposable {
  /** How the connection ended. */
  readonly closed: Promise<Goodbye>;

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("error", () => socket.terminate());
  }

  /** @param subprotocols offered with the upgrade */
  static async connect(
    url: string,
    options: ClientOptions = {},
    subprotocols: string[] = [],
  ): Promise<StreamClient> {
    const socket = new WebSocket(url, subprotocols, { perMessageDeflate: false, ...options });
    const client = new StreamClient(socket);
    await once(client.socket, "open");
    return client;
  }

  send(...messages: readonly (Uint8Array | string)[]): this {
    for (const message of messages) this.socket.send(message);
    return this;
  }

  close(code = 1000): Promise<Goodbye> {
    this.socket.close(code);
    return this.closed;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Opens a stream, sends these messages (the first is the handshake), says goodbye. */
export async function play(url: string, messages: readonly (Uint8Array | string)[]): Promise<Goodbye> {
  using client = await StreamClient.connect(url);
  return await client.send(...messages).close();
}

/** Opens a stream, sends these messages, and waits for the server to close it. */
export async function provoke(url: string, messages: readonly (Uint8Array | string)[]): Promise<Goodbye> {
  using client = await StreamClient.connect(url);
  return await client.send(...messages).closed;
}
