import { type PcmSource, streamAudio } from "@audio/streamer";
import { CODE_RATE, speakSecond } from "./time-code.js";

export interface LiveDevice {
  readonly name: string;
  /** Of the time code, 0 … 7: its tone is all that it sends. */
  readonly number: number;
  readonly codec?: "adpcm" | "pcm";
  /** dBFS of its peaks (default −30). */
  readonly peakDbfs?: number;
}

const FRAME = CODE_RATE / 50;

/** Devices that send in real time, each a tone of its own; they stop with their scope. */
export class LiveDevices implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #streams: Promise<unknown>[];

  /** @param url `ws://…/ws` */
  constructor(url: string, devices: readonly LiveDevice[]) {
    this.#streams = devices.map((device) => this.#stream(url, device));
  }

  /** Resolves when all have said goodbye. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#streams);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #stream(url: string, device: LiveDevice): Promise<unknown> {
    const source = async () => toneOf(device);
    const { name: hwid, number, codec } = device;
    const options = {
      url,
      hwid,
      codec,
      streamIdBase: 100 + number,
      realtime: true,
      signal: this.#stop.signal,
    };
    return streamAudio({ ...options, source });
  }
}

function toneOf({ name, number, peakDbfs = -30 }: LiveDevice): PcmSource {
  const second = new Int16Array(CODE_RATE);
  // One tone of the four that share the amplitude.
  speakSecond(second, 0, { device: number }, 4 * 32_767 * 10 ** (peakDbfs / 20));
  let at = 0;
  return {
    name,
    sampleRate: CODE_RATE,
    channels: 1,
    async read() {
      const piece = second.slice(at, at + FRAME);
      at = (at + FRAME) % CODE_RATE;
      return piece;
    },
    close: async () => undefined,
  };
}
