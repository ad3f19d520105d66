/// <reference path="../../worklet/scope.d.ts" />
import type { LiveFormat } from "@audio/api/client";
import workletAddress from "./listening-worklet.ts?worker&url";
import type { ListeningOptions, ListeningStatus } from "./worklet-messages.js";

const TARGET_S = 0.2;
const MOST_S = 0.4;

/** The way from decoded frames to the loudspeaker. */
export class ListeningSound {
  private constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    private readonly loudness: GainNode,
  ) {}

  /**
   * Opens the sound card at the stream's own rate where it can, and else at its own.
   * @throws DOMException when the browser cannot
   */
  static async open(
    { sampleRate, channels }: LiveFormat,
    onStatus: (status: ListeningStatus) => void,
  ): Promise<ListeningSound> {
    const context = contextAt(sampleRate);
    try {
      await context.audioWorklet.addModule(workletAddress);
      const options: ListeningOptions = {
        channels,
        sourceRate: sampleRate,
        targetS: TARGET_S,
        mostS: MOST_S,
      };
      const node = new AudioWorkletNode(context, "listening", {
        numberOfInputs: 0,
        outputChannelCount: [Math.min(2, channels)],
        processorOptions: options,
      });
      node.port.onmessage = ({ data }: MessageEvent<ListeningStatus>) => onStatus(data);
      const loudness = new GainNode(context);
      node.connect(loudness).connect(context.destination);
      return new ListeningSound(context, node, loudness);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** The browser wants a press of a button first. */
  get isRefused(): boolean {
    return this.context.state === "suspended";
  }

  /** Seconds between what is read and what is heard. */
  get outputS(): number {
    return this.context.baseLatency + (this.context.outputLatency || 0);
  }

  set gain(gain: number) {
    this.loudness.gain.setTargetAtTime(gain ** 2, this.context.currentTime, 0.02);
  }

  push(samples: Float32Array): void {
    this.node.port.postMessage(samples, [samples.buffer]);
  }

  async resume(): Promise<void> {
    await this.context.resume();
  }

  async close(): Promise<void> {
    this.node.port.postMessage("end");
    this.node.disconnect();
    await this.context.close();
  }
}

function contextAt(sampleRate: number): AudioContext {
  try {
    return new AudioContext({ sampleRate, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" }); // 1 kHz streams: no sound card; the worklet resamples
  }
}
