import { server } from "../../server/client.js";
import type { Span } from "../plan/windows.js";

export interface VoiceEvents {
  readonly onPlaying: () => void;
  readonly onStall: () => void;
  readonly onEnd: () => void;
  readonly onFailure: (device: string) => void;
}

/** One device in one window: an audio element that asks the receiver for what it needs. */
export class Voice {
  private readonly element = new Audio();
  private readonly stopListening = new AbortController();

  constructor(
    readonly device: string,
    readonly span: Span,
    events: VoiceEvents,
  ) {
    const { element } = this;
    const { signal } = this.stopListening;
    element.preload = "auto";
    element.preservesPitch = true;
    element.addEventListener("playing", events.onPlaying, { signal });
    element.addEventListener("waiting", events.onStall, { signal });
    element.addEventListener("ended", events.onEnd, { signal });
    element.addEventListener("error", () => events.onFailure(device), { signal });
    element.src = server.address("GET /audio", {
      query: { device, from: String(span.fromUs), to: String(span.toUs), format: "wav" },
    });
  }

  /** Seconds behind the window's beginning. */
  get seconds(): number {
    return this.element.currentTime;
  }

  set seconds(seconds: number) {
    this.element.currentTime = seconds;
  }

  get ended(): boolean {
    return this.element.ended;
  }

  /** Whether there is enough to begin. */
  get isReady(): boolean {
    return this.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** Resolves when there is enough to begin, or after a while. */
  async ready(mostMs: number): Promise<void> {
    if (this.isReady) return;
    await new Promise<void>((resolve) => {
      const { signal } = this.stopListening;
      this.element.addEventListener("canplay", () => resolve(), { once: true, signal });
      setTimeout(resolve, mostMs);
    });
  }

  set gain(gain: number) {
    // Power of two: steps of the slider sound even.
    this.element.volume = gain ** 2;
  }

  set rate(rate: number) {
    if (this.element.playbackRate !== rate) this.element.playbackRate = rate;
  }

  /** @throws DOMException `NotAllowedError` when the browser wants a press of a button first */
  async play(): Promise<void> {
    await this.element.play();
  }

  pause(): void {
    this.element.pause();
  }

  /** Lets go of the connection and of what was decoded; an element that keeps its source keeps both. */
  release(): void {
    this.stopListening.abort();
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }
}
