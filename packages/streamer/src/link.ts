import { type BackoffLimits, backoffMs, FIRST_CONNECTION, RECONNECTION } from "./backoff.js";
import type { Clock } from "./clock.js";
import { Stopped, StreamError } from "./errors.js";
import type { Messages } from "./frames.js";
import type { Connection, Transport } from "./transport/connection.js";

/** What a stream's way to the server is made of. */
export interface LinkOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** In [0, 1), for the backoff's jitter. */
  readonly random: () => number;
  readonly connectTimeoutMs: number;
  /** 0 = for ever. */
  readonly reconnectTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Asked before each attempt: is the server to be asked to acknowledge? */
  readonly acknowledge: () => boolean;
  /** Called with each message from a server that agreed to. */
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Called when a connection ends by itself. */
  readonly onEnd: () => void;
  /** Called before each wait for another attempt to reconnect. */
  readonly onRetry: (reason: string, delayMs: number) => void;
}

/** A server that takes longer to answer one attempt is as good as down. */
const ATTEMPT_MS = 10_000;

/** With less time left another attempt would only end in a timeout, and hide what the last one said. */
const MIN_ATTEMPT_MS = 200;

/** A connection that held so long was a good one: the next break starts from the shortest wait again. */
const STABLE_MS = 10_000;

/** A stream's connection to the server over its whole life: opened once, restored as often as it breaks. */
export class Link {
  private connection: Connection | undefined;
  private connectedMs = 0;
  private attempts = 0;

  constructor(private readonly options: LinkOptions) {}

  /** Why the connection is down; `undefined` while it is up. */
  get ended(): StreamError | undefined {
    return this.connection?.ended;
  }

  /** The server agreed to tell what it has on disk. */
  get acknowledges(): boolean {
    return this.connection?.acknowledges ?? false;
  }

  /** Tries for `connectTimeoutMs`. @throws StreamError `connect-failed` or `server-refused`; Stopped */
  async open(): Promise<void> {
    const { connectTimeoutMs: timeoutMs, transport } = this.options;
    try {
      await this.connectWithin(timeoutMs, FIRST_CONNECTION, () => undefined);
      this.attempts = 0;
    } catch (error) {
      if (!isLost(error)) throw error;
      const message = `cannot connect to ${transport.name} within ${timeoutMs / 1000} s: ${error.message}`;
      throw new StreamError("connect-failed", message, { cause: error });
    }
  }

  /** Tries until it works. @throws StreamError `server-refused`, or `connection-lost` after `reconnectTimeoutMs`; Stopped */
  async reopen(): Promise<void> {
    const { clock, reconnectTimeoutMs, onRetry, transport } = this.options;
    if (this.ended?.code === "server-refused") throw this.ended;
    if (clock.monotonicMs() - this.connectedMs >= STABLE_MS) this.attempts = 0;
    const timeoutMs = reconnectTimeoutMs > 0 ? reconnectTimeoutMs : Number.POSITIVE_INFINITY;
    try {
      await this.pause(this.ended?.message ?? "", RECONNECTION, onRetry);
      await this.connectWithin(timeoutMs, RECONNECTION, onRetry);
    } catch (error) {
      if (!isLost(error)) throw error;
      const message = `lost ${transport.name} and could not reconnect for ${timeoutMs / 1000} s: ${error.message}`;
      throw new StreamError("connection-lost", message, { cause: error });
    }
  }

  /** Hands the messages to the connection; if that is down, they go nowhere. */
  send(messages: Messages): void {
    this.connection?.send(messages);
  }

  /** `undefined` if there is room for another batch, else resolves when there is or when the connection ended. */
  room(): Promise<void> | undefined {
    return this.connection?.room();
  }

  /** Drains, closes and waits for the server to agree. @throws StreamError if it did not */
  async finish(): Promise<void> {
    await this.connection?.finish();
  }

  /** Drops the connection at once, if it is up; `reason` is then what `ended` says. */
  drop(reason: string): void {
    if (this.ended === undefined) this.connection?.destroy(reason);
  }

  private async connectWithin(
    timeoutMs: number,
    limits: BackoffLimits,
    onRetry: LinkOptions["onRetry"],
  ): Promise<void> {
    const { clock } = this.options;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(1, deadlineMs - clock.monotonicMs());
      const failure = await this.attempt(Math.min(leftMs, ATTEMPT_MS));
      if (failure === undefined) return;
      await this.pause(failure.message, limits, onRetry, deadlineMs);
      if (deadlineMs - clock.monotonicMs() < MIN_ATTEMPT_MS) throw failure;
    }
  }

  /** Resolves with why it failed if another attempt may succeed. */
  private async attempt(timeoutMs: number): Promise<StreamError | undefined> {
    const { transport, signal, clock, acknowledge, onMessage, onEnd } = this.options;
    if (signal.aborted) throw new Stopped();
    try {
      this.connection = await transport.connect({
        timeoutMs,
        signal,
        acknowledge: acknowledge(),
        onMessage,
        onEnd,
      });
    } catch (error) {
      if (signal.aborted) throw new Stopped();
      if (isLost(error)) return error;
      throw refusedBy(transport, error);
    }
    this.connectedMs = clock.monotonicMs();
    return undefined;
  }

  private async pause(
    reason: string,
    limits: BackoffLimits,
    onRetry: LinkOptions["onRetry"],
    deadlineMs = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const { clock, random, signal } = this.options;
    const leftMs = deadlineMs - clock.monotonicMs();
    const delayMs = Math.max(0, Math.min(leftMs, backoffMs(this.attempts++, limits, random())));
    onRetry(reason, delayMs);
    await sleep(clock, delayMs, signal);
  }
}

function isLost(error: unknown): error is StreamError {
  return error instanceof StreamError && error.code === "connection-lost";
}

function refusedBy({ name }: Transport, error: unknown): unknown {
  if (!(error instanceof StreamError)) return error;
  return new StreamError(error.code, `${name}: ${error.message}`, { cause: error });
}

function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(new Stopped());
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
