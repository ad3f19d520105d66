import { expect } from "vitest";
import { handshake, pcmFrames, tones } from "./audio.js";
import { joinedAudio } from "./recordings.js";
import { StreamClient } from "./stream-client.js";

const FRAME_MS = 20;
const FRAME_SAMPLES = 320;
const MOST_SECONDS = 120;

/** A well-behaved device that streams in real time beside whatever else happens, and is to lose nothing. */
export class GoodStream implements AsyncDisposable {
  #sent = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = performance.now();

  private constructor(
    private readonly client: StreamClient,
    private readonly audio: Buffer,
    frames: readonly Uint8Array[],
  ) {
    this.#timer = setInterval(() => {
      const due = (performance.now() - this.#startMs) / FRAME_MS;
      for (; this.#sent < due && this.#sent < frames.length; this.#sent++) client.send(frames[this.#sent]);
    }, FRAME_MS);
  }

  static async start(url: string, streamId: number): Promise<GoodStream> {
    const audio = tones(MOST_SECONDS * 16_000, { seed: streamId });
    const client = await StreamClient.connect(url);
    client.send(handshake({ streamId }));
    return new GoodStream(client, audio, pcmFrames(audio, { frameSamples: FRAME_SAMPLES }));
  }

  /** Says goodbye; fails when the receiver closed for another reason. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    expect(await this.client.close()).toEqual({ code: 1000, reason: "" });
  }

  /** Every sample sent stands in these files, and nothing else. */
  async expectRecorded(wavs: readonly string[]): Promise<void> {
    const recorded = await joinedAudio(wavs.map((path) => ({ path })));
    const sent = this.audio.subarray(0, this.#sent * FRAME_SAMPLES * 2);
    expect(recorded.length).toBe(sent.length);
    expect(recorded.equals(sent)).toBe(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.client[Symbol.dispose]();
  }
}
