import type { StreamError } from "../errors.js";
import type { Messages } from "../frames.js";

/** One live connection of one stream. What came in the way is in `ended`; nothing but `finish` rejects. */
export interface Connection {
  /** Hands the messages to the socket; on a connection that has ended they go nowhere. */
  send(messages: Messages): void;
  /** `undefined` if there is room for another batch, else a promise that resolves when there is or when it ended. */
  room(): Promise<void> | undefined;
  /** Why the connection ended before `finish`: `server-refused` is final, `connection-lost` may be mended. */
  readonly ended: StreamError | undefined;
  /** The server agreed to tell what it has on disk. */
  readonly acknowledges: boolean;
  /** Sends what is left, says goodbye and waits for the peer to agree; rejects with why it did not. */
  finish(): Promise<void>;
  /** Drops the connection at once; `reason` is then what `ended` says. */
  destroy(reason?: string): void;
}

/** One attempt to connect. */
export interface Attempt {
  readonly timeoutMs: number;
  /** Gives the attempt up. */
  readonly signal: AbortSignal;
  /** Ask the server to acknowledge. */
  readonly acknowledge: boolean;
  /** Called with each message from a server that agreed; the bytes are the callee's. */
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Called once if the connection ends by itself. */
  readonly onEnd: () => void;
}

/** Opens connections to one destination; rejects with StreamError `connection-lost` or `server-refused`. */
export interface Transport {
  /** The destination, for messages. */
  readonly name: string;
  connect(attempt: Attempt): Promise<Connection>;
}

/**
 * Bytes that may wait in a socket's own queue before the stream is held back. Two batches: one is on its way while
 * the next is being encoded.
 */
export const SEND_WINDOW_BYTES = 131_072;

/** How long a peer may take to close its side after everything was sent; it may still be working off its backlog. */
export const CLOSE_TIMEOUT_MS = 60_000;

/** A place where at most one caller waits. */
export class Gate {
  private release: (() => void) | undefined;

  /** Resolves at the next `open`. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  open(): void {
    this.release?.();
    this.release = undefined;
  }
}
