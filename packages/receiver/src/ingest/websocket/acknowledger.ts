import type { AcknowledgedSession } from "@audio/archive";
import { formatAcknowledgement } from "@audio/protocol";
import { binaryFrame } from "./server-frames.js";

// A sender whose frames all came before hears of it at least this often: the protocol promises a second.
const REPEAT_MS = 500;
// One that is kept waiting for the disk is not read, not even its pings: this tells it that we are there.
const PATIENCE_MS = 10_000;
// A disk that takes longer must not keep a connection from being closed.
const LAST_WORD_MS = 2000;

/** Tells one sender what of its session is on disk. */
export class Acknowledger {
  readonly session: AcknowledgedSession;
  readonly #timestampMs: bigint;
  readonly #send: (frame: Buffer) => void;
  #isDue = false;
  #saidMs = Number.NEGATIVE_INFINITY;

  /** @param timestampMs of the handshake, which every acknowledgement carries back */
  constructor(session: AcknowledgedSession, timestampMs: bigint, send: (frame: Buffer) => void) {
    this.session = session;
    this.#timestampMs = timestampMs;
    this.#send = send;
    session.onDurable = this.say;
  }

  /** Audio has arrived: the sender is to hear of it. */
  heard(): void {
    this.#isDue = true;
  }

  /** Says how far the session is on disk. */
  readonly say = (): void => {
    const { nextSeq } = this.session.durable;
    this.#isDue = false;
    this.#saidMs = performance.now();
    this.#send(binaryFrame(formatAcknowledgement({ nextSeq, session: this.#timestampMs })));
  };

  /** Called about twice a second; `isHeld`: the sender is kept waiting. */
  sweep(nowMs: number, isHeld: boolean): void {
    const silentMs = nowMs - this.#saidMs;
    if ((this.#isDue && silentMs >= REPEAT_MS) || (isHeld && silentMs >= PATIENCE_MS)) this.say();
  }

  /** Waits, for a while, until everything that arrived is on disk, says so, and falls silent. */
  async sayLast(): Promise<void> {
    const { session } = this;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_WORD_MS);
    });
    session.hurry();
    // Given up by a journal that closes: what is on disk is said all the same.
    await Promise.race([session.settled().catch(() => undefined), late]);
    clearTimeout(timer);
    this.say();
    this.fallSilent();
  }

  /** Says nothing more by itself; whoever speaks for the session by then goes on. */
  fallSilent(): void {
    if (this.session.onDurable === this.say) this.session.onDurable = () => undefined;
  }
}
