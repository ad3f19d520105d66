import { ApiError, type LiveFormat } from "@audio/api/client";
import { effect } from "@preact/signals";
import { server } from "../../server/client.js";
import { serverNow } from "../../server/info.js";
import * as state from "../state.js";
import { FrameDecoder } from "./frame-decoder.js";
import { ListeningSound } from "./listening-sound.js";
import { live } from "./live-state.js";
import type { ListeningStatus } from "./worklet-messages.js";

const RETRY_MS = [500, 1_000, 2_000, 4_000];

/** Hears a device as it sends, and goes on when it, the network or the receiver comes back. */
export class Listening {
  private readonly over = new AbortController();
  private socket: WebSocket | undefined;
  private sound: ListeningSound | undefined;
  private decoder: FrameDecoder | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private lostBefore = 0;
  private readonly endOfEffect: () => void;

  /** @param key names the stream; undefined = the device's first */
  constructor(
    private readonly device: string,
    private key: number | undefined,
  ) {
    this.endOfEffect = effect(() => {
      const gain = state.gainOf(device);
      if (this.sound !== undefined) this.sound.gain = gain;
    });
    void this.connect();
  }

  /** Lets go of the connection and the sound card. */
  stop(): void {
    this.over.abort();
    clearTimeout(this.timer);
    this.endOfEffect();
    this.socket?.close(1000);
    void this.sound?.close();
    live.value = undefined;
  }

  /** After a press of a button, for browsers that want one. */
  async resume(): Promise<void> {
    await this.sound?.resume();
    state.refused.value = this.sound?.isRefused ?? false;
  }

  private async connect(): Promise<void> {
    state.waiting.value = "connecting";
    try {
      this.key ??= await keyOf(this.device, this.over.signal);
    } catch (error) {
      if (!this.over.signal.aborted) this.again(error instanceof ApiError ? error.message : String(error));
      return;
    }
    if (this.over.signal.aborted) return;
    if (this.key === undefined) this.again(`${this.device} is not connected`);
    else this.open(this.key);
  }

  private open(key: number): void {
    const address = server.address("GET /live/{key}", { params: { key } }).replace(/^http/, "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") void this.begin(JSON.parse(data));
      else this.take(new Uint8Array(data), socket);
    };
    socket.onclose = () => {
      if (socket !== this.socket || this.over.signal.aborted) return;
      this.key = undefined; // a device that comes back is another stream
      this.again(`the connection to ${this.device} ended`);
    };
  }

  private async begin(format: LiveFormat): Promise<void> {
    const known = this.decoder?.format;
    if (this.decoder && known?.sampleRate === format.sampleRate && known.channels === format.channels) {
      this.decoder.format = format; // only the nibbles are the other way round
      return;
    }
    this.lostBefore += this.decoder?.lostFrames ?? 0;
    this.decoder = new FrameDecoder(format);
    const before = this.sound;
    this.sound = undefined;
    await before?.close();
    try {
      const sound = await ListeningSound.open(format, (status) => this.tell(status));
      if (this.over.signal.aborted) return await sound.close();
      sound.gain = state.gainOf(this.device);
      this.sound = sound;
      state.refused.value = sound.isRefused;
    } catch (error) {
      this.stop();
      const text = `This browser cannot play it live: ${error instanceof Error ? error.message : error}`;
      state.notice.value = { kind: "trouble", text };
    }
  }

  private take(message: Uint8Array, socket: WebSocket): void {
    try {
      const samples = this.decoder?.decode(message);
      if (samples === undefined || this.sound === undefined) return;
      this.failures = 0;
      state.waiting.value = undefined;
      this.sound.push(samples);
    } catch (error) {
      socket.close(1000);
      state.notice.value = { kind: "trouble", text: error instanceof Error ? error.message : String(error) };
    }
  }

  private tell({ bufferedS, droppedFrames, dryRuns }: ListeningStatus): void {
    const lostFrames = this.lostBefore + (this.decoder?.lostFrames ?? 0);
    const latencyS = bufferedS + (this.sound?.outputS ?? 0);
    live.value = { device: this.device, latencyS, lostFrames, droppedFrames, dryRuns };
    state.playhead.value = serverNow() - Math.round(latencyS * 1e6);
  }

  private again(why: string): void {
    state.waiting.value = `${why}: trying again`;
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.timer = setTimeout(() => void this.connect(), wait);
  }
}

async function keyOf(device: string, signal: AbortSignal): Promise<number | undefined> {
  const { devices } = await server.call("GET /now", { signal });
  return devices.find((each) => each.device === device)?.streams[0]?.key;
}
