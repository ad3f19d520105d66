import { signal } from "@preact/signals";
import { type Capture, openCapture } from "./audio/capture.js";
import { Resampler } from "./audio/resampler.js";
import { refusalOf } from "./obstacles.js";
import { Framer } from "./sending/framer.js";
import { Uplink, type UplinkState } from "./sending/uplink.js";

export interface RecordingOptions {
  readonly name: string;
  /** Where the frames go. */
  readonly url: string;
  /** Of an input; empty = the browser's choice. */
  readonly deviceId: string;
  /** Hz of what is sent. */
  readonly sampleRate: number;
}

/** How it goes; made anew with every piece that the microphone gives. */
export interface RecordingStatus {
  readonly name: string;
  readonly state: UplinkState | { readonly kind: "opening" } | { readonly kind: "ending" };
  readonly label: string;
  readonly startedMs: number;
  /** Of the last piece, 0 … 1. */
  readonly peak: number;
  /** Seconds of audio that were captured. */
  readonly capturedS: number;
  /** Seconds of it that are on the receiver's disk. */
  readonly storedS: number;
  readonly waitingBytes: number;
  readonly droppedS: number;
}

/** Undefined while nothing is recorded. It goes on while one looks at other pages. */
export const recording = signal<RecordingStatus | undefined>(undefined);
/** Why the last one did not begin, or ended. */
export const trouble = signal<string | undefined>(undefined);

/** 20 ms, as the framer makes them. */
const FRAME_S = 0.02;

let end: (() => Promise<void>) | undefined;

/** Begins to send what the microphone hears. */
export async function startRecording({ name, url, deviceId, sampleRate }: RecordingOptions): Promise<void> {
  if (recording.value !== undefined) return;
  trouble.value = undefined;
  const startMs = Date.now();
  recording.value = { ...NOTHING_YET, name, startedMs: startMs };
  let take: (samples: Float32Array) => void = () => undefined;
  try {
    const capture = await openCapture(
      deviceId,
      (samples) => take(samples),
      () => void stopRecording("The microphone was unplugged, or its permission taken away."),
    );
    change({ label: capture.label });
    const onState = (state: UplinkState) => {
      change({ state });
      if (state.kind === "refused") void stopRecording(`The receiver refused it: ${state.why}.`);
    };
    const uplink = new Uplink({ url, sampleRate, startMs, onState });
    const framer = new Framer(sampleRate);
    take = piecesTo(uplink, framer, new Resampler(capture.sampleRate, sampleRate));
    end = ending(capture, uplink, framer);
    keepAwake(true);
  } catch (error) {
    recording.value = undefined;
    trouble.value = refusalOf(error);
  }
}

/** Sends what is left and ends it. */
export async function stopRecording(why?: string): Promise<void> {
  const ends = end;
  if (ends === undefined) return;
  end = undefined;
  trouble.value = why;
  change({ state: { kind: "ending" } });
  keepAwake(false);
  await ends();
  recording.value = undefined;
}

const NOTHING_YET = {
  state: { kind: "opening" },
  label: "",
  peak: 0,
  capturedS: 0,
  storedS: 0,
  waitingBytes: 0,
  droppedS: 0,
} as const;

function change(part: Partial<RecordingStatus>): void {
  if (recording.value !== undefined) recording.value = { ...recording.value, ...part };
}

function piecesTo(uplink: Uplink, framer: Framer, resampler: Resampler) {
  return (samples: Float32Array) => {
    uplink.push(framer.push(resampler.push(samples)));
    const { count, settled, dropped, bytes } = uplink.outbox;
    change({
      peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
      capturedS: count * FRAME_S,
      storedS: (settled - dropped) * FRAME_S,
      droppedS: dropped * FRAME_S,
      waitingBytes: bytes,
    });
  };
}

function ending(capture: Capture, uplink: Uplink, framer: Framer) {
  return async () => {
    await capture.stop();
    uplink.push(framer.end());
    await uplink.end();
  };
}

let lock: WakeLockSentinel | undefined;

/** Keeps the screen on, for a phone that would fall asleep; and asks before the page is closed. */
function keepAwake(isOn: boolean): void {
  if (isOn) {
    addEventListener("beforeunload", warn);
    document.addEventListener("visibilitychange", lockScreen);
    void lockScreen();
  } else {
    removeEventListener("beforeunload", warn);
    document.removeEventListener("visibilitychange", lockScreen);
    void lock?.release();
  }
}

async function lockScreen(): Promise<void> {
  if (document.visibilityState !== "visible") return;
  // A battery that is low refuses it: recording goes on as long as the screen does.
  lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
}

function warn(event: Event): void {
  event.preventDefault();
}
