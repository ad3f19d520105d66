import { connect as connectSocket, type Socket } from "node:net";
import { reasonOf, StreamError } from "../errors.js";
import type { Messages } from "../frames.js";
import {
  type Attempt,
  CLOSE_TIMEOUT_MS,
  type Connection,
  Gate,
  SEND_WINDOW_BYTES,
  type Transport,
} from "./connection.js";

/** Where a receiver listens for raw PCM. */
export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

/** A transport that writes the batches' bytes, and before them a line with the token, if there is one. */
export function tcpTransport(target: TcpTarget, token?: string): Transport {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return { name: `tcp://${host}:${target.port}`, connect: (attempt) => connect(target, token, attempt) };
}

function connect(
  { host, port }: TcpTarget,
  token: string | undefined,
  { timeoutMs, signal, onEnd }: Attempt,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, noDelay: true, keepAlive: true });
    const giveUp = () => socket.destroy(new Error("given up"));
    const tooLate = () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(tooLate, timeoutMs);
    const settle = (action: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      action();
    };
    signal.addEventListener("abort", giveUp, { once: true });
    if (token !== undefined) socket.write(`token ${token}\n`);
    socket.once("connect", () => settle(() => resolve(new TcpConnection(socket, onEnd))));
    socket.on("error", (error) => {
      settle(() => reject(new StreamError("connection-lost", reasonOf(error), { cause: error })));
    });
  });
}

class TcpConnection implements Connection {
  ended: StreamError | undefined;
  readonly acknowledges = false;
  private readonly gate = new Gate();
  private readonly closed = new Gate();
  private closing = false;
  private failure: string | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly onEnd: () => void,
  ) {
    socket.on("error", (error) => {
      this.failure = reasonOf(error);
    });
    socket.on("drain", () => this.gate.open());
    socket.once("close", () => this.close());
    // Nothing is expected from the peer, but its FIN is only seen by a socket that reads.
    socket.resume();
  }

  send({ bytes }: Messages): void {
    if (this.ended === undefined) this.socket.write(bytes);
  }

  room(): Promise<void> | undefined {
    const full = this.ended === undefined && this.socket.writableLength >= SEND_WINDOW_BYTES;
    return full ? this.gate.wait() : undefined;
  }

  async finish(): Promise<void> {
    if (this.ended === undefined) {
      const closed = this.closed.wait();
      this.closing = true;
      this.socket.end(() => this.limitWait());
      await closed;
    }
    if (this.ended !== undefined) throw this.ended;
  }

  destroy(reason?: string): void {
    this.failure ??= reason;
    this.socket.destroy();
  }

  /** From the moment our side is closed, which is when everything has left. */
  private limitWait(): void {
    const tooLate = () => {
      this.socket.destroy(new Error(`the peer did not close its side within ${CLOSE_TIMEOUT_MS / 1000} s`));
    };
    const timer = setTimeout(tooLate, CLOSE_TIMEOUT_MS);
    this.socket.once("close", () => clearTimeout(timer));
  }

  private close(): void {
    const agreed = this.closing && this.failure === undefined;
    if (!agreed)
      this.ended = new StreamError("connection-lost", this.failure ?? "server closed the connection");
    this.gate.open();
    this.closed.open();
    this.onEnd();
  }
}
