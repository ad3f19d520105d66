import { correct } from "../plan/sync.js";
import type { Step } from "../programme/programme.js";
import { gainOf } from "../state.js";
import { Voice, type VoiceEvents } from "./voice.js";

/** Several are waited for no longer. */
const TOGETHER_MS = 1500;

/** Everything that plays in one window: a voice for each device, kept together. */
export class Deck {
  private readonly voices: Voice[];
  private rate = 1;
  private isWanted = false;

  constructor(
    readonly step: Step,
    events: VoiceEvents,
  ) {
    this.voices = step.devices.map((device) => {
      // All end with the window: the first one tells.
      const isFirst = device === step.devices[0];
      return new Voice(device, step, {
        ...events,
        onEnd: isFirst ? events.onEnd : () => this.checkEnd(events),
      });
    });
    this.mix();
  }

  /** The moment that is heard: the first device's; the others follow it. */
  get positionUs(): number {
    return this.step.fromUs + Math.round((this.voices[0]?.seconds ?? 0) * 1e6);
  }

  /** Seconds of real time until the window ends. */
  get remainingS(): number {
    return (this.step.toUs - this.positionUs) / 1e6 / this.rate;
  }

  get isReady(): boolean {
    return this.voices.every(({ isReady }) => isReady);
  }

  /** Whether a moment lies in the window, with some audio behind it. */
  holds(us: number): boolean {
    return us >= this.step.fromUs && us < this.step.toUs - 200_000;
  }

  /**
   * Begins with all at once: who is not ready by then comes later, at the place where the others are.
   * @throws DOMException when the browser does not let it
   */
  async play(): Promise<void> {
    this.isWanted = true;
    if (this.voices.length > 1) await Promise.all(this.voices.map((voice) => voice.ready(TOGETHER_MS)));
    if (!this.isWanted) return; // paused, or let go of, in the meantime
    await Promise.all(this.voices.map((voice) => voice.play()));
  }

  pause(): void {
    this.isWanted = false;
    for (const voice of this.voices) voice.pause();
  }

  seek(us: number): void {
    for (const voice of this.voices) voice.seconds = (us - this.step.fromUs) / 1e6;
  }

  setRate(rate: number): void {
    this.rate = rate;
    for (const voice of this.voices) voice.rate = rate;
  }

  /** Sets how loud each device is. */
  mix(): void {
    for (const voice of this.voices) voice.gain = gainOf(voice.device);
  }

  /** Brings the others to where the first is. */
  together(): void {
    const [master, ...followers] = this.voices;
    for (const voice of followers) {
      const correction = correct((voice.seconds - master.seconds) / this.rate);
      if (correction.kind === "seek") voice.seconds = master.seconds;
      voice.rate = correction.kind === "rate" ? this.rate * correction.factor : this.rate;
    }
  }

  /** Goes on without a device; false when none is left. */
  drop(device: string): boolean {
    const index = this.voices.findIndex((voice) => voice.device === device);
    for (const voice of index < 0 ? [] : this.voices.splice(index, 1)) voice.release();
    return this.voices.length > 0;
  }

  release(): void {
    this.isWanted = false;
    for (const voice of this.voices.splice(0)) voice.release();
  }

  private checkEnd({ onEnd }: VoiceEvents): void {
    if (this.voices.length > 0 && this.voices.every(({ ended }) => ended)) onEnd();
  }
}
