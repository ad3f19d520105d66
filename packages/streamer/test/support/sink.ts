import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { checkFrame, FRAME_HEADER_BYTES, type Handshake, parseHandshake } from "@audio/protocol";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

/** What one connection sent; every message is checked as a receiver would check it. */
export class ReceivedStream {
  handshake: Handshake | undefined;
  readonly payloads: Uint8Array[] = [];
  readonly sequences: number[] = [];
  readonly arrivalsMs: number[] = [];
  messageBytes = 0;
  readonly closed: Promise<number>;

  constructor(
    readonly request: IncomingMessage,
    readonly socket: WebSocket,
  ) {
    socket.on("message", (message: Buffer) => this.take(message));
    this.closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
  }

  /** All payloads, joined. */
  get audio(): Buffer {
    return Buffer.concat(this.payloads);
  }

  private take(message: Buffer): void {
    this.messageBytes += message.length;
    this.arrivalsMs.push(performance.now());
    if (this.handshake === undefined) {
      this.handshake = parseHandshake(message);
      return;
    }
    const index = this.payloads.length;
    this.sequences.push(checkFrame(message, 0, message.length, this.handshake, index));
    this.payloads.push(new Uint8Array(message.subarray(FRAME_HEADER_BYTES)));
  }
}

interface SinkOptions {
  /** Default: a free one. */
  port?: number;
  onStream?: (stream: ReceivedStream) => void;
  /** HTTP status to answer instead of the upgrade. */
  refuse?: () => number | undefined;
  /** The subprotocol to agree to; by default none, as an older receiver. */
  subprotocol?: () => string | undefined;
}

export interface WebSocketSink {
  readonly url: string;
  readonly port: number;
  readonly streams: ReceivedStream[];
  /** Resolves when so many connections have been made since the start. */
  connections(count: number): Promise<void>;
  /** Drops every connection without a close frame and stops listening. */
  kill(): Promise<void>;
}

/** A sink for the running test. */
export async function sinkFor(options: SinkOptions = {}): Promise<WebSocketSink> {
  const sink = await listenWebSocket(options);
  onTestFinished(() => sink.kill());
  return sink;
}

/** A `ws` server on 127.0.0.1. */
async function listenWebSocket(options: SinkOptions): Promise<WebSocketSink> {
  const server = createServer();
  const handleProtocols = () => options.subprotocol?.() ?? false;
  const endpoint = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols });
  const streams: ReceivedStream[] = [];
  server.on("upgrade", (request, socket, head) => {
    const status = options.refuse?.();
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    endpoint.handleUpgrade(request, socket, head, (connection) => {
      const stream = new ReceivedStream(request, connection);
      streams.push(stream);
      options.onStream?.(stream);
      server.emit("stream");
    });
  });
  const port = await listen(server, options.port);
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    port,
    streams,
    connections: async (count) => {
      while (streams.length < count) await once(server, "stream");
    },
    kill: async () => {
      for (const { socket } of streams) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface TcpSink {
  readonly target: string;
  readonly port: number;
  readonly connections: { socket: Socket; chunks: Buffer[] }[];
  close(): Promise<void>;
}

/** A TCP server for the running test, on a free port; it keeps what every connection sends. */
export async function tcpSinkFor(onConnection?: (socket: Socket) => void): Promise<TcpSink> {
  const sink = await listenTcp(onConnection);
  onTestFinished(() => sink.close());
  return sink;
}

async function listenTcp(onConnection?: (socket: Socket) => void): Promise<TcpSink> {
  const connections: TcpSink["connections"] = [];
  const server = createTcpServer((socket) => {
    const chunks: Buffer[] = [];
    connections.push({ socket, chunks });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => socket.destroy());
    onConnection?.(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    port,
    connections,
    close: async () => {
      for (const { socket } of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
