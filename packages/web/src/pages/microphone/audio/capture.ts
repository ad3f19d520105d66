/// <reference path="../../../worklet/scope.d.ts" />
import workletAddress from "./capture-worklet.ts?worker&url";

export interface Capture {
  /** Hz of what is heard. */
  readonly sampleRate: number;
  /** What the browser calls the input. */
  readonly label: string;
  stop(): Promise<void>;
}

/**
 * Opens a microphone, without what browsers do to make speech nicer: this is a recorder.
 * @param deviceId of an input; empty = the browser's choice
 * @param onSamples one channel, −1 … 1, at the capture's rate
 * @param onEnd it was unplugged, or the permission was taken away
 * @throws DOMException `NotAllowedError`, `NotFoundError`, `NotReadableError`
 */
export async function openCapture(
  deviceId: string,
  onSamples: (samples: Float32Array) => void,
  onEnd: () => void,
): Promise<Capture> {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
  const audio = deviceId === "" ? plain : { ...plain, deviceId: { exact: deviceId } };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const [track] = stream.getAudioTracks();
  const context = new AudioContext({ latencyHint: "balanced" });
  const stop = async () => {
    track.onended = null;
    track.stop();
    await context.close();
  };
  try {
    await context.audioWorklet.addModule(workletAddress);
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 1 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => onSamples(data);
    // Its output is silence; a node that leads nowhere is not run by every browser.
    context.createMediaStreamSource(stream).connect(node).connect(context.destination);
    await context.resume();
    track.onended = onEnd;
    return { sampleRate: context.sampleRate, label: track.label, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Inputs that there are; their names are empty until the permission was given. */
export async function inputs(): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "");
}
