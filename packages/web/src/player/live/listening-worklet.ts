import { JitterBuffer } from "./jitter-buffer.js";
import type { ListeningOptions, ListeningStatus } from "./worklet-messages.js";

const STATUS_EVERY_S = 0.25;

/** Runs beside the sound card: takes samples from the page, gives them in time. */
class Listening extends AudioWorkletProcessor {
  private readonly buffer: JitterBuffer;
  private sinceStatus = 0;
  private isOver = false;

  constructor({ processorOptions }: { readonly processorOptions: ListeningOptions }) {
    super();
    this.buffer = new JitterBuffer({ ...processorOptions, outputRate: sampleRate });
    this.port.onmessage = ({ data }: MessageEvent<Float32Array | "end">) => {
      if (data === "end") this.isOver = true;
      else this.buffer.write(data);
    };
  }

  process(_: Float32Array[][], [output]: Float32Array[][]): boolean {
    this.buffer.read(output);
    this.sinceStatus += output[0]?.length ?? 0;
    if (this.sinceStatus >= STATUS_EVERY_S * sampleRate) this.tell();
    return !this.isOver;
  }

  private tell(): void {
    this.sinceStatus = 0;
    const { bufferedS, droppedFrames, dryRuns } = this.buffer;
    const status: ListeningStatus = { bufferedS, droppedFrames, dryRuns };
    this.port.postMessage(status);
  }
}

registerProcessor("listening", Listening);
