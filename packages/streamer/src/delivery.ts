import { Acknowledgement, unknownFrame } from "./acknowledgement.js";
import type { Clock } from "./clock.js";
import { reasonOf, StreamError } from "./errors.js";
import type { FrameBatch, Messages } from "./frames.js";
import { Link, type LinkOptions } from "./link.js";
import { Outstanding } from "./outstanding.js";
import { StallWatch } from "./stall-watch.js";
import type { StreamStatus } from "./status.js";
import { Gate } from "./transport/connection.js";

/** What a connection begins with. */
export interface Greeting {
  readonly handshake: Messages;
  /** What the server's acknowledgements must echo. */
  readonly session: bigint;
}

/** How one stream's frames get to the server. */
export interface DeliveryOptions extends Omit<LinkOptions, "acknowledge" | "onMessage" | "onEnd"> {
  /** Ask the server to acknowledge; one that does not is served without. */
  readonly acknowledge: boolean;
  /** Memory for frames that are not acknowledged yet. */
  readonly ackBufferBytes: number;
  /** Frames come when they come: the oldest are dropped where others would have to wait. */
  readonly live: boolean;
  /** Asked on each new connection; `undefined` if nothing precedes the frames. */
  readonly greet: (acknowledging: boolean) => Greeting | undefined;
  /** Called when `failure` is set. */
  readonly onFailure: () => void;
  /** Something to tell about a stream that goes on. */
  readonly onNotice: (message: string) => void;
}

/** Without an acknowledgement for so long the user is told, and at the end another connection is tried. */
const STALL_NOTICE_MS = 30_000;
const STALL_AT_END_MS = 60_000;

/** How long a stop waits for what was sent and for the goodbye of a server that may not be reading. */
const STOP_TIMEOUT_MS = 3_000;

/**
 * Brings one stream's frames to the server, across as many connections as it takes. Frames that the server did not
 * acknowledge yet are kept and sent again on the next connection; with a server that does not acknowledge they are
 * forgotten when they were handed to the socket.
 */
export class Delivery {
  /** Why it is over before everything was delivered. */
  failure: unknown;
  private readonly link: Link;
  private readonly clock: Clock;
  private readonly outstanding = new Outstanding();
  private readonly watch: StallWatch;
  private readonly changed = new Gate();
  private phase: "down" | "resuming" | "up" | "closing" = "down";
  private readonly acknowledgement: Acknowledgement;
  private waitsForRoom = false;
  private ending = false;

  constructor(
    private readonly options: DeliveryOptions,
    private readonly status: StreamStatus,
  ) {
    this.clock = options.clock;
    this.acknowledgement = new Acknowledgement(options.acknowledge, options.clock);
    this.watch = new StallWatch(options.clock, (stalledMs) => this.lookAfterStall(stalledMs));
    this.link = new Link({
      ...options,
      acknowledge: () => this.acknowledging,
      onMessage: (bytes) => this.takeMessage(bytes),
      onEnd: () => this.connectionEnded(),
    });
  }

  /** Samples per channel that wait to be sent to a server that does not acknowledge. */
  get waitingSampleFrames(): number {
    return this.outstanding.sampleFrames;
  }

  /** Everything has left; if the server acknowledges: is on its disk. */
  get delivered(): boolean {
    const { acknowledged, end, hasUnsent } = this.outstanding;
    return this.acknowledging ? this.phase === "up" && acknowledged === end : !hasUnsent;
  }

  /** Makes the first connection. @throws StreamError `connect-failed` or `server-refused`; Stopped */
  async open(): Promise<void> {
    await this.link.open();
    this.connected();
  }

  /** Takes a batch. Unless `live`, wait for `room` before the next. */
  push(batch: FrameBatch): void {
    const { outstanding, acknowledging } = this;
    const { live, ackBufferBytes } = this.options;
    if (acknowledging && outstanding.end === outstanding.acknowledged) this.watch.progress();
    outstanding.push(batch);
    this.pump();
    if (live && acknowledging) outstanding.trim(ackBufferBytes);
    if (live && !acknowledging && this.phase !== "up") outstanding.clear();
    this.report();
  }

  /** `undefined` if there is room for another batch, else resolves when there may be. */
  room(): Promise<void> | undefined {
    return this.full ? this.changed.wait() : undefined;
  }

  /** Resolves when `delivered` may have become true. No batch follows any more. */
  progress(): Promise<void> {
    this.ending = true;
    return this.changed.wait();
  }

  /** Says goodbye. @throws StreamError if the server did not agree and frames may be lost */
  async close(): Promise<void> {
    this.phase = "closing";
    this.watch.stop();
    try {
      await this.link.finish();
    } catch (error) {
      // What is on disk stays there, however the connection ends.
      const harmless = this.acknowledging && error instanceof StreamError && error.code === "connection-lost";
      if (!harmless) throw error;
    }
  }

  /** Delivers what it has and closes, as far as a server allows in 3 s that may not be listening; never rejects. */
  async stop(): Promise<void> {
    let timeLeft = true;
    const cancel = this.clock.after(STOP_TIMEOUT_MS, () => {
      timeLeft = false;
      this.link.drop("stopped");
      this.changed.open();
    });
    this.ending = true;
    while (timeLeft && this.failure === undefined && this.phase === "up" && !this.delivered) {
      await this.changed.wait();
    }
    this.acknowledgement.stopExpecting();
    await this.close().catch((error) => this.link.drop(reasonOf(error)));
    cancel();
  }

  private get acknowledging(): boolean {
    return this.acknowledgement.on;
  }

  private get full(): boolean {
    const { outstanding, acknowledging } = this;
    const { live, ackBufferBytes } = this.options;
    if (live && acknowledging) return false;
    return outstanding.hasUnsent || (acknowledging && outstanding.bytes >= ackBufferBytes);
  }

  private connected(): void {
    if (this.phase === "closing") return this.link.drop("stopped");
    if (this.link.ended !== undefined) return this.restore();
    const { outstanding, acknowledgement } = this;
    acknowledgement.agree(this.link.acknowledges, outstanding.end - outstanding.acknowledged);
    if (!this.acknowledging && this.options.live) outstanding.clear();
    const greeting = this.options.greet(this.acknowledging);
    if (greeting !== undefined) this.greet(greeting);
    if (!this.acknowledging) this.goOn();
  }

  private greet({ handshake, session }: Greeting): void {
    this.status.bytes += handshake.bytes.length;
    this.link.send(handshake);
    if (!this.acknowledging) return;
    this.phase = "resuming";
    this.acknowledgement.expect(session, {
      unable: () => this.goOnWithout(),
      late: (reason) => this.link.drop(reason),
    });
  }

  private goOnWithout(): void {
    this.options.onNotice(
      "the server agreed to acknowledge but does not: going on without, as with --no-ack",
    );
    this.goOn();
  }

  private goOn(): void {
    this.phase = "up";
    this.status.state = "streaming";
    this.status.acknowledged = this.acknowledging;
    this.pump();
    this.report();
    this.changed.open();
  }

  private connectionEnded(): void {
    if (this.phase === "down" || this.phase === "closing" || this.failure !== undefined) return;
    this.acknowledgement.stopExpecting();
    this.restore();
  }

  private restore(): void {
    this.phase = "down";
    this.status.state = "reconnecting";
    this.changed.open();
    this.link
      .reopen()
      .then(() => this.connected())
      .catch((error) => this.fail(error));
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.acknowledgement.stopExpecting();
    this.options.onFailure();
    this.changed.open();
  }

  /** Hands over what the socket has room for. */
  private pump(): void {
    const { outstanding, link } = this;
    while (this.phase === "up" && outstanding.hasUnsent && !this.waitsForRoom) {
      const room = link.room();
      if (room !== undefined) {
        this.waitsForRoom = true;
        void room.then(this.resumePump);
        return;
      }
      const messages = outstanding.take();
      if (messages === undefined) return;
      link.send(messages);
      this.status.bytes += messages.bytes.length;
      if (!this.acknowledging) outstanding.releaseSent();
    }
  }

  private readonly resumePump = (): void => {
    this.waitsForRoom = false;
    this.pump();
    this.report();
    this.changed.open();
  };

  private takeMessage(bytes: Uint8Array): void {
    if (!this.acknowledging || this.failure !== undefined) return;
    if (this.phase !== "resuming" && this.phase !== "up") return;
    try {
      this.takeAcknowledgement(this.acknowledgement.read(bytes));
    } catch (error) {
      this.fail(error);
    }
  }

  private takeAcknowledgement(nextSeq: number): void {
    const { phase, outstanding } = this;
    const before = outstanding.acknowledged;
    const known = phase === "resuming" ? outstanding.resume(nextSeq) : outstanding.acknowledge(nextSeq);
    if (!known) throw unknownFrame(nextSeq, outstanding.framesSent);
    if (phase === "resuming" || outstanding.acknowledged > before) {
      this.watch.progress();
      this.goOn();
    }
  }

  /** A server may hold us back for hours, because its disk is full: that is told, and waited for. */
  private lookAfterStall(stalledMs: number): void {
    const { acknowledged, end } = this.outstanding;
    if (!this.acknowledging || this.phase !== "up" || acknowledged === end) return;
    const seconds = Math.round(stalledMs / 1000);
    if (this.ending && stalledMs >= STALL_AT_END_MS) {
      this.link.drop(`the server acknowledged nothing for ${seconds} s`);
    } else if (stalledMs >= STALL_NOTICE_MS && this.status.state !== "waiting") {
      this.status.state = "waiting";
      this.options.onNotice(`the server acknowledged nothing for ${seconds} s: waiting for its disk`);
    }
  }

  private report(): void {
    const { status, outstanding, acknowledging } = this;
    status.frames = outstanding.framesSent;
    status.samples = outstanding.sampleFramesSent;
    status.framesSkipped = outstanding.framesDropped;
    status.framesAcknowledged = acknowledging ? outstanding.framesAcknowledged : 0;
    status.unacknowledgedSamples = acknowledging ? outstanding.sampleFrames : 0;
  }
}
