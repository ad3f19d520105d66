export interface JitterOptions {
  /** Of the output. */
  readonly channels: number;
  /** Hz of what is written. */
  readonly sourceRate: number;
  /** Hz of what is read. */
  readonly outputRate: number;
  /** So much is gathered before sound begins, and again after a hole. */
  readonly targetS: number;
  /** More is never kept: the oldest is dropped, down to the target, so that nothing lags. */
  readonly mostS: number;
}

const FADE_S = 0.005;

/**
 * Takes audio as the network brings it and gives it as the sound card wants it: a ring of interleaved samples that is
 * read at another rate by linear interpolation, with fades where it runs dry or jumps.
 */
export class JitterBuffer {
  private readonly ring: Float32Array;
  private readonly frames: number;
  private readonly step: number;
  private readonly fadeStep: number;
  private written = 0;
  /** Position of the reader in written frames, with its fraction. */
  private at = 0;
  private isFlowing = false;
  private gain = 0;

  /** Frames of the source that were left out because too many waited. */
  droppedFrames = 0;
  /** Times that there was nothing to read. */
  dryRuns = 0;

  constructor(private readonly options: JitterOptions) {
    const { channels, sourceRate, outputRate, mostS } = options;
    this.frames = Math.ceil(sourceRate * mostS) + 1;
    this.ring = new Float32Array(this.frames * channels);
    this.step = sourceRate / outputRate;
    this.fadeStep = 1 / (outputRate * FADE_S);
  }

  /** Seconds of audio that wait to be read. */
  get bufferedS(): number {
    return (this.written - this.at) / this.options.sourceRate;
  }

  /** Takes interleaved samples of the source. */
  write(samples: Float32Array): void {
    const { channels, targetS, sourceRate } = this.options;
    const count = Math.floor(samples.length / channels);
    // Of more than all that is kept, only the end is of use.
    for (let frame = Math.max(0, count - this.frames); frame < count; frame++) {
      const to = ((this.written + frame) % this.frames) * channels;
      for (let channel = 0; channel < channels; channel++)
        this.ring[to + channel] = samples[frame * channels + channel];
    }
    this.written += count;
    if (this.written - this.at < this.frames) return;
    const at = this.written - Math.floor(targetS * sourceRate);
    this.droppedFrames += Math.floor(at - this.at);
    this.at = at;
    this.gain = 0;
  }

  /** Fills one array per channel; with silence where there is nothing. */
  read(outputs: readonly Float32Array[]): void {
    const { targetS } = this.options;
    const length = outputs[0]?.length ?? 0;
    for (let i = 0; i < length; i++) {
      if (!this.isFlowing && this.bufferedS >= targetS) this.isFlowing = true;
      if (this.isFlowing) this.readFrame(outputs, i);
      else for (const output of outputs) output[i] = 0;
    }
  }

  private readFrame(outputs: readonly Float32Array[], i: number): void {
    const { channels } = this.options;
    const left = (this.written - 1 - this.at) / this.step;
    if (left < 0) {
      this.runDry(outputs, i);
      return;
    }
    // Towards the end of what there is it fades out: should more come in time, it fades in again.
    const wanted = Math.min(1, left * this.fadeStep);
    this.gain = Math.min(wanted, this.gain + this.fadeStep);
    const base = Math.floor(this.at);
    const share = this.at - base;
    const from = (base % this.frames) * channels;
    const next = ((base + 1) % this.frames) * channels;
    for (let channel = 0; channel < outputs.length; channel++) {
      const source = Math.min(channel, channels - 1);
      const a = this.ring[from + source];
      const b = share === 0 ? a : this.ring[next + source];
      outputs[channel][i] = this.gain * (a + share * (b - a));
    }
    this.at += this.step;
  }

  private runDry(outputs: readonly Float32Array[], i: number): void {
    this.isFlowing = false;
    this.gain = 0;
    this.dryRuns++;
    for (const output of outputs) output[i] = 0;
  }
}
