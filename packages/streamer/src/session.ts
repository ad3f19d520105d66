import { debuglog } from "node:util";
import { type Codec, formatHandshake } from "@audio/protocol";
import type { Clock } from "./clock.js";
import { Delivery, type DeliveryOptions, type Greeting } from "./delivery.js";
import { reasonOf, Stopped, StreamError } from "./errors.js";
import { type FrameBatch, Framer } from "./frames.js";
import { Interruption } from "./interruption.js";
import { type Pacer, Schedule } from "./pacing.js";
import type { PcmSource } from "./source/pcm.js";
import type { StreamStatus } from "./status.js";

/** One stream: what it plays, how it is coded, where it goes. */
export interface SessionOptions extends Omit<DeliveryOptions, "live" | "greet" | "onFailure"> {
  readonly codec: Codec;
  readonly nibbleOrder: "low" | "high" | undefined;
  /** True: handshake and framed messages; false: bare PCM. */
  readonly framed: boolean;
  /** Samples per channel in a full frame of this input; throws StreamError if there can be no such frame. */
  readonly frameSamples: (source: PcmSource) => number;
  readonly open: () => Promise<PcmSource>;
  /** Shared by all sessions; `undefined` = as fast as the server takes it. */
  readonly pacer: Pacer | undefined;
}

/** Up to 256 messages of together about 64 KiB are handed over at once. */
const BATCH_FRAMES = 256;
const BATCH_BYTES = 65_536;

/**
 * Plays one stream to its end and says goodbye.
 *
 * @throws StreamError; Stopped when `signal` aborted
 */
export async function runSession(options: SessionOptions, status: StreamStatus): Promise<void> {
  const interruption = new Interruption(options.signal);
  const source = await openUnlessStopped(options.open(), interruption);
  try {
    await new Session(options, source, status, interruption).run();
  } finally {
    await source.close();
  }
}

const debug = debuglog("audio-stream");

/** A pipe that says nothing keeps the opening waiting; what opens after the stop is closed. */
async function openUnlessStopped(
  opening: Promise<PcmSource>,
  interruption: Interruption,
): Promise<PcmSource> {
  if (await interruption.until(opening)) return opening;
  // The stop is not kept waiting for it; NODE_DEBUG=audio-stream shows how it ended.
  opening.then((late) => late.close()).catch((error) => debug("input after the stop: %s", reasonOf(error)));
  throw new Stopped();
}

class Session {
  private readonly framer: Framer;
  private readonly delivery: Delivery;
  private readonly clock: Clock;
  private readonly frameSamples: number;
  private readonly batchFrames: number;
  private inputEnded = false;
  /** Samples per channel before the next batch. */
  private position = 0;
  /** Unix time of the first sample, in milliseconds. */
  private firstSampleMs: number | undefined;
  private schedule: Schedule | undefined;

  constructor(
    private readonly options: SessionOptions,
    private readonly source: PcmSource,
    private readonly status: StreamStatus,
    private readonly interruption: Interruption,
  ) {
    const { codec, framed: headers, nibbleOrder, clock } = options;
    const { channels, sampleRate, live = false } = source;
    this.clock = clock;
    this.frameSamples = options.frameSamples(source);
    this.framer = new Framer({ codec, channels, frameSamples: this.frameSamples, headers, nibbleOrder });
    this.batchFrames = Math.max(1, Math.min(BATCH_FRAMES, Math.floor(BATCH_BYTES / this.framer.frameBytes)));
    const greet = (acknowledging: boolean) => this.greet(acknowledging);
    this.delivery = new Delivery({ ...options, live, greet, onFailure: () => interruption.raise() }, status);
    Object.assign(status, { sampleRate, channels });
  }

  async run(): Promise<void> {
    try {
      await this.start();
      for (let batch = await this.nextBatch(); batch !== undefined; batch = await this.nextBatch()) {
        await this.hand(batch);
      }
      await this.finish();
    } catch (error) {
      await this.delivery.stop();
      throw error;
    }
  }

  /** The input comes first: one that cannot be read or holds nothing leaves no stream on the server. */
  private async start(): Promise<void> {
    await this.fill();
    if (this.framer.pendingSampleFrames === 0) {
      throw new StreamError("input-empty", `${this.source.name} holds no audio`);
    }
    if (this.source.live) this.firstSampleMs = this.clock.epochMs();
    this.status.state = "connecting";
    await this.delivery.open();
    this.schedule = new Schedule(this.clock.monotonicMs(), this.source.sampleRate);
  }

  private async finish(): Promise<void> {
    while (!this.delivery.delivered) await this.settled(this.delivery.progress());
    await this.settled(this.delivery.close());
    this.status.state = "done";
  }

  private async nextBatch(): Promise<FrameBatch | undefined> {
    await this.fill();
    if (this.framer.pendingSampleFrames === 0) return undefined;
    return this.framer.take(await this.framesDue(), this.inputEnded);
  }

  /** Waits until the next frame is due and returns how many are by then; a late stream catches up at once. */
  private async framesDue(): Promise<number> {
    const { pacer } = this.options;
    // Live audio has a pace of its own.
    if (pacer === undefined || this.schedule === undefined || this.source.live) return this.batchFrames;
    const next = Math.min(this.frameSamples, this.framer.pendingSampleFrames);
    const dueMs = this.schedule.dueMs(this.position + next);
    if (this.clock.monotonicMs() < dueMs) await this.settled(pacer.until(dueMs));
    const behind = this.schedule.elapsed(this.clock.monotonicMs()) - this.position;
    return Math.max(1, Math.min(this.batchFrames, Math.floor(behind / this.frameSamples)));
  }

  private async hand(batch: FrameBatch): Promise<void> {
    this.position += batch.sampleFrames;
    this.delivery.push(batch);
    for (let room = this.delivery.room(); room !== undefined; room = this.delivery.room()) {
      await this.settled(room);
    }
  }

  /** Reads until a frame is complete or the input ends. */
  private async fill(): Promise<void> {
    while (this.framer.fullFrames === 0 && !this.inputEnded) {
      const reading = this.source.read();
      await this.settled(reading);
      const pcm = await reading;
      if (pcm === undefined) this.inputEnded = true;
      else this.framer.push(pcm);
    }
  }

  /** Waits for `promise`, unless the stream was stopped or can get nowhere any more. */
  private async settled(promise: Promise<unknown>): Promise<void> {
    while (!(await this.interruption.until(promise))) {
      if (this.delivery.failure !== undefined) throw this.delivery.failure;
      if (this.options.signal.aborted) throw new Stopped();
    }
  }

  /** What a new connection begins with. */
  private greet(acknowledging: boolean): Greeting | undefined {
    const { sampleRate, channels } = this.source;
    this.status.connections++;
    this.status.startedMs ??= this.clock.monotonicMs();
    if (!this.options.framed) return undefined;
    // 0 would mean "unknown", and that a stream cannot be gone on with.
    const timestampMs = BigInt(Math.max(1, Math.round(this.startMs(acknowledging))));
    const bytes = formatHandshake({
      streamId: this.status.streamId,
      sampleRate,
      channels,
      codec: this.options.codec,
      frameSamples: this.frameSamples,
      timestampMs,
    });
    return { handshake: { bytes, ends: [bytes.length] }, session: timestampMs };
  }

  /**
   * Unix time of the stream's first sample if the server goes on where it was, else of the next sample. A file's lies
   * on the stream's own axis, however fast it is played; a sound card's clock drifts by seconds a day, so after a break
   * a live input is dated by the machine's.
   */
  private startMs(acknowledging: boolean): number {
    const next = this.position - this.delivery.waitingSampleFrames;
    if (this.source.live && next > 0 && !acknowledging) return this.clock.epochMs();
    this.firstSampleMs ??= this.clock.epochMs();
    return acknowledging ? this.firstSampleMs : this.firstSampleMs + (next * 1000) / this.source.sampleRate;
  }
}
