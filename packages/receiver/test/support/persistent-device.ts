import { ACK_SUBPROTOCOL, parseAcknowledgement } from "@audio/protocol";
import { handshake, pcmFrames, tones } from "./audio.js";
import { StreamClient } from "./stream-client.js";
import { pause, until } from "./waiting.js";

const FRAME_SAMPLES = 320;
const SESSION = 1_795_294_862_000n;
const AT_ONCE = 5;

/** A device that streams, loses its receiver, and comes back, with what it has to send. */
export class PersistentDevice implements Disposable {
  readonly audio: Buffer;
  readonly frames: readonly Uint8Array[];
  #acknowledged = 0;
  #client: StreamClient | undefined;

  /**
   * @param name its hwid
   * @param isAcknowledged it sends again what was not acknowledged, as one stream; otherwise it sends what comes next
   */
  constructor(
    readonly name: string,
    readonly streamId: number,
    seconds: number,
    readonly isAcknowledged = true,
  ) {
    this.audio = tones(Math.round(seconds * 16_000), { seed: streamId });
    this.frames = pcmFrames(this.audio, { frameSamples: FRAME_SAMPLES });
  }

  /** Sends up to frame `end`, some every 10 ms, unless the receiver dies before. */
  async sendTo(ws: string, end: number): Promise<void> {
    const client = await StreamClient.connect(
      `${ws}/${this.name}`,
      {},
      this.isAcknowledged ? [ACK_SUBPROTOCOL] : [],
    );
    this.#client = client;
    const isOpen = () => client.socket.readyState === client.socket.OPEN;
    let next: number | undefined = this.isAcknowledged ? undefined : 0;
    client.socket.on("message", (bytes: Buffer) => {
      this.#acknowledged = parseAcknowledgement(bytes).nextSeq;
      next ??= this.#acknowledged;
    });
    client.send(handshake({ streamId: this.streamId, timestampMs: SESSION }));
    await until("the first acknowledgement", () => next !== undefined || !isOpen());
    for (let at = next ?? 0; isOpen() && at < end; at += AT_ONCE) {
      client.send(...this.frames.slice(at, Math.min(end, at + AT_ONCE)));
      await pause(10);
    }
  }

  /** Sends all that is left, and says goodbye when it is acknowledged. */
  async finish(ws: string): Promise<void> {
    await this.sendTo(ws, this.frames.length);
    const isDone = () => !this.isAcknowledged || this.#acknowledged >= this.frames.length;
    await until(`${this.name}: all is acknowledged`, isDone, 60_000);
    await this.#client?.close();
  }

  [Symbol.dispose](): void {
    this.#client?.socket.terminate();
  }
}
