import {
  type DatagramFate,
  DatagramWindow,
  datagramSamples,
  datagramSequence,
  endsStream,
} from "@audio/protocol";
import type { CloseCause } from "../../events.js";
import type { GatePass } from "../gate.js";
import type { IngestContext } from "../ingest-context.js";
import { DatagramRecording } from "./datagram-recording.js";

export interface UdpSenderOptions {
  readonly context: IngestContext;
  readonly pass: GatePass;
  readonly device: string;
  /** Address and port. */
  readonly peer: string;
  /** A datagram is thrown away, because no stream may begin with it. */
  readonly onRefused: (reason: string) => void;
}

// What is late for a stream that has ended must not open another; nothing stays under way for so long.
const LINGER_MS = 1000;
// A sender may begin a stream with every datagram: so many that the disk has not finished yet, and no more.
const MAX_UNFINISHED = 4;
// Between two streams no number is too far off.
const ANY_GAP = 0x7fff_ffff;
const BEGAN_ANEW = "the sender began anew";

/** All that comes from one address and port: one stream after the other, each put in order and recorded. */
export class UdpSender {
  readonly #options: UdpSenderOptions;
  readonly #onDatagram = (bytes: Uint8Array, lost: number) => this.#inOrder(bytes, lost);
  #window = new DatagramWindow(this.#onDatagram);
  #recording: DatagramRecording | undefined;
  #unfinished = 0;
  #nowUs: number;
  #waitingMs = 0;
  #heardUs: number;
  /** When the first datagram of the window's first stream came: later ones may be handed over before it. */
  #firstUs: number | undefined;

  constructor(options: UdpSenderOptions, nowUs: number) {
    this.#options = options;
    this.#nowUs = nowUs;
    this.#heardUs = nowUs;
    this.#firstUs = nowUs;
  }

  get pass(): GatePass {
    return this.#options.pass;
  }

  /** Takes a valid datagram, whose bytes are ours from now on; `waitingMs` is the time of a `WaitingClock`. */
  receive(bytes: Uint8Array, nowUs: number, waitingMs: number): void {
    this.#nowUs = nowUs;
    this.#waitingMs = waitingMs;
    try {
      const fate = this.#push(bytes);
      if (fate === "repeated") return this.#recording?.repeated();
      this.#heardUs = nowUs;
      if (fate === "restart") this.#restart(bytes);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Looks at what waits, about 20 times a second; whether something still does. */
  tick(nowUs: number, waitingMs: number): boolean {
    this.#nowUs = nowUs;
    try {
      this.#window.expire(waitingMs);
      this.#recording?.endBatch();
    } catch (error) {
      this.#fail(error as Error);
    }
    return this.#window.held > 0;
  }

  /** Ends the stream of a sender that fell silent; whether nothing has to be remembered any more. */
  sweep(nowUs: number): boolean {
    const { idleTimeoutMs } = this.#options.context.settings.now.tcp;
    const silentMs = (nowUs - this.#heardUs) / 1000;
    if (silentMs >= idleTimeoutMs) this.finish("idle", `no data for ${idleTimeoutMs / 1000} s`);
    return this.#recording === undefined && this.#unfinished === 0 && silentMs >= LINGER_MS;
  }

  /** Records what still waits, and finalises. */
  finish(cause: CloseCause, detail: string): void {
    this.#window.flush();
    this.#close(cause, detail);
  }

  // A mistake of ours ends this stream, and must not end the recordings of all others.
  #fail({ message }: Error): void {
    const reason = `internal error: ${message}`;
    this.#options.onRefused(reason);
    this.#window = new DatagramWindow(this.#onDatagram);
    this.#close("refused", reason);
  }

  #push(bytes: Uint8Array): DatagramFate {
    return this.#window.push(bytes, this.#waitingMs, this.#recording?.maxGap ?? ANY_GAP);
  }

  #restart(bytes: Uint8Array): void {
    this.#window.flush();
    this.#beginAnew(this.#window.expected, datagramSequence(bytes));
    this.#window = new DatagramWindow(this.#onDatagram, this.#window, this.#waitingMs);
    this.#firstUs = this.#nowUs;
    this.#push(bytes);
  }

  #inOrder(bytes: Uint8Array, lost: number): void {
    const seq = datagramSequence(bytes);
    if (lost > 0 && this.#recording?.isBeyondGap(bytes, lost)) this.#beginAnew((seq - lost) >>> 0, seq);
    const follows = this.#recording !== undefined;
    const recording = this.#recording ?? this.#open(bytes);
    recording?.take(bytes, follows ? lost : 0, this.#firstUs ?? this.#nowUs);
    this.#firstUs = undefined;
    if (endsStream(bytes)) this.#close("peer-closed", "");
  }

  #beginAnew(expectedSeq: number, seq: number): void {
    this.#recording?.restarted(expectedSeq, seq);
    this.#close("peer-closed", BEGAN_ANEW);
  }

  #open(bytes: Uint8Array): DatagramRecording | undefined {
    const { context, onRefused } = this.#options;
    if (datagramSamples(bytes) === 0) return undefined; // the end, said once more
    const { trouble } = context.gate;
    if (trouble !== undefined) onRefused(trouble);
    else if (this.#unfinished >= MAX_UNFINISHED)
      onRefused("streams begin faster than the disk finishes them");
    else this.#recording = new DatagramRecording(this.#options);
    return this.#recording;
  }

  #close(cause: CloseCause, detail: string): void {
    const recording = this.#recording;
    if (recording === undefined) return;
    this.#recording = undefined;
    this.#unfinished++;
    void recording.finish(cause, detail).finally(() => {
      this.#unfinished--;
    });
  }
}
