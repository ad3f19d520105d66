import { once } from "node:events";
import type { LiveFormat } from "@audio/api";
import { type ClientOptions, WebSocket } from "ws";
import type { Goodbye } from "./stream-client.js";
import { basic, type TestReceiver, WEB_PASSWORD } from "./test-receiver.js";
import { until } from "./waiting.js";

const LOGIN = { authorization: basic("admin", WEB_PASSWORD) };

/** Somebody who hears a stream live, and keeps it all. */
export class TestListener implements Disposable {
  readonly formats: LiveFormat[] = [];
  readonly frames: Buffer[] = [];
  /** Monotonic milliseconds of each frame's arrival. */
  readonly arrivedMs: number[] = [];
  readonly closed: Promise<Goodbye>;

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("error", () => socket.terminate());
    socket.on("message", (message: Buffer, isBinary) => {
      if (!isBinary) return void this.formats.push(JSON.parse(message.toString()) as LiveFormat);
      this.frames.push(message);
      this.arrivedMs.push(performance.now());
    });
  }

  /** Listens to the first stream that is connected, or that of `key`. */
  static async join(server: TestReceiver, key?: number, options: ClientOptions = {}): Promise<TestListener> {
    const wanted = key ?? (await until("a stream", () => server.opened[0])).stream.key;
    const listener = new TestListener(dial(server, `/live/${wanted}`, options));
    await once(listener.socket, "open");
    return listener;
  }

  /** All that was heard. */
  get bytes(): Buffer {
    return Buffer.concat(this.frames);
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Why a listener is not let in: the status, and what is said. */
export async function refusalOf(
  server: TestReceiver,
  path: string,
  options: ClientOptions = {},
): Promise<{ status: number | undefined; text: string }> {
  const socket = dial(server, path, options);
  socket.on("error", () => undefined);
  const [request, response] = await once(socket, "unexpected-response");
  let text = "";
  for await (const chunk of response) text += chunk;
  request.destroy();
  return { status: response.statusCode, text };
}

function dial(server: TestReceiver, path: string, options: ClientOptions): WebSocket {
  const url = server.web(`/api/v1${path}`).replace("http", "ws");
  return new WebSocket(url, { perMessageDeflate: false, headers: LOGIN, ...options });
}
