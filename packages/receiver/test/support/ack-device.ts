import { decodeBlock, type NibbleOrder } from "@audio/ima-adpcm";
import { ACK_SUBPROTOCOL, type Handshake, parseAcknowledgement } from "@audio/protocol";
import { adpcmFrames, handshake, payloadsOf, pcmFrames, tones } from "./audio.js";
import { type Goodbye, StreamClient } from "./stream-client.js";
import { pause, until } from "./waiting.js";

/** What an acknowledged device has to send, and what must be recorded of it. */
export interface Sound {
  readonly opening: Uint8Array;
  readonly frames: readonly Uint8Array[];
  readonly audio: Buffer;
}

export interface SoundOptions extends Partial<Handshake> {
  /** Sample frames; a number that is no multiple of a frame's gives a short last frame. */
  readonly samples?: number;
  readonly order?: NibbleOrder;
}

// Not to be held exactly by a double.
const TIMESTAMP_MS = 2n ** 53n + 12_345n;

/** Tones, as PCM or ADPCM frames of 20 ms, unless told otherwise. */
export function soundOf({ samples = 32_000, order = "low", ...fields }: SoundOptions = {}): Sound {
  const { channels = 1, frameSamples = 320, codec = "pcm16", streamId = 7 } = fields;
  const opening = handshake({ timestampMs: TIMESTAMP_MS, ...fields });
  const audio = tones(samples, { channels, seed: streamId });
  if (codec === "pcm16") return { opening, frames: pcmFrames(audio, { frameSamples, channels }), audio };
  const frames = adpcmFrames(audio, { frameSamples, channels, order });
  return { opening, frames, audio: decoded(frames, frameSamples, channels as 1 | 2, order) };
}

function decoded(
  frames: readonly Uint8Array[],
  frameSamples: number,
  channels: 1 | 2,
  order: NibbleOrder,
): Buffer {
  const out = new Int16Array(frameSamples * channels);
  const parts = payloadsOf(frames).map((block) => {
    const count = decodeBlock(block, 0, block.length, channels, order, out, 0, frameSamples);
    return Buffer.from(new Uint8Array(out.buffer, 0, count * channels * 2));
  });
  return Buffer.concat(parts);
}

export interface Acknowledged {
  readonly nextSeq: number;
  readonly session: bigint;
  readonly atMs: number;
  /** Frames sent by then, over all connections. */
  readonly sent: number;
}

/** A device that keeps its audio until it is acknowledged, over any number of connections. */
export class AckDevice implements Disposable {
  readonly acks: Acknowledged[] = [];
  /** Frame to be sent next. */
  next = 0;
  /** Most frames ever sent. */
  sent = 0;
  #client: StreamClient | undefined;

  constructor(readonly sound: Sound) {}

  get client(): StreamClient {
    if (this.#client === undefined) throw new Error("not connected yet");
    return this.#client;
  }

  /** What the last acknowledgement said; 0 before the first. */
  get nextSeq(): number {
    return this.acks.at(-1)?.nextSeq ?? 0;
  }

  /** Connects, waits for the first acknowledgement, and goes on from there. */
  async connect(url: string): Promise<this> {
    const heard = this.acks.length;
    const client = await StreamClient.connect(url, {}, [ACK_SUBPROTOCOL]);
    this.#client = client;
    client.socket.on("message", (bytes: Buffer) => {
      this.acks.push({ ...parseAcknowledgement(bytes), atMs: performance.now(), sent: this.sent });
    });
    client.send(this.sound.opening);
    await until("the first acknowledgement", () => this.acks.length > heard);
    this.next = this.acks[heard].nextSeq;
    return this;
  }

  /** Sends everything up to frame `end`, as fast as it goes. */
  sendTo(end: number): this {
    const to = Math.min(end, this.sound.frames.length);
    if (to > this.next) this.client.send(...this.sound.frames.slice(this.next, to));
    this.next = to;
    this.sent = Math.max(this.sent, to);
    return this;
  }

  /** Sends up to frame `end`, some frames every 10 ms. */
  async streamTo(end: number, perTurn = 5): Promise<this> {
    while (this.next < Math.min(end, this.sound.frames.length)) {
      this.sendTo(Math.min(end, this.next + perTurn));
      await pause(10);
    }
    return this;
  }

  /** Resolves when every frame before `seq` is acknowledged. */
  async acknowledged(seq = this.sound.frames.length, longestMs?: number): Promise<this> {
    await until(`acknowledgement up to ${seq}`, () => this.nextSeq >= seq, longestMs);
    return this;
  }

  /** Sends all that is left, waits until it is acknowledged, says goodbye. */
  async finish(longestMs?: number): Promise<Goodbye> {
    this.sendTo(this.sound.frames.length);
    await this.acknowledged(undefined, longestMs);
    return this.client.close();
  }

  /** The network breaks. */
  drop(): void {
    this.client.socket.terminate();
  }

  [Symbol.dispose](): void {
    this.#client?.socket.terminate();
  }
}
