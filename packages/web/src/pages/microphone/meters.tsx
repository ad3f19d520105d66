import { useComputed } from "@preact/signals";
import { listen } from "../../player/player.js";
import { type RecordingStatus, recording, stopRecording } from "./recording.js";

/** dBFS at the meter's left end. */
const QUIETEST = -72;

/** How the recording goes. */
export function Meters() {
  const status = recording.value;
  if (status === undefined) return null;
  const { name, label, capturedS, storedS, droppedS, waitingBytes } = status;
  return (
    <section class="microphone-meters" aria-label="Recording">
      <State />
      <Meter />
      <dl>
        <dt>Device</dt>
        <dd>
          {name} <span class="faint">{label}</span>
        </dd>
        <dt>Time</dt>
        <dd>{clockOfSeconds(capturedS)}</dd>
        <dt>On the receiver's disk</dt>
        <dd>{clockOfSeconds(storedS)}</dd>
        <dt>Kept here until then</dt>
        <dd>{(waitingBytes / 1000).toFixed(0)} kB</dd>
        {droppedS === 0 ? null : (
          <>
            <dt>Lost</dt>
            <dd class="bad">{clockOfSeconds(droppedS)}: the receiver was away for too long</dd>
          </>
        )}
      </dl>
      <div class="bar">
        <button type="button" class="primary" onClick={() => void stopRecording()}>
          Stop
        </button>
        <button type="button" onClick={() => void listen(name)}>
          Listen to it
        </button>
      </div>
      <p class="faint">
        It goes on while you look at other pages here, and ends when this window is closed. Take headphones to
        listen: a loudspeaker is heard by the microphone.
      </p>
    </section>
  );
}

const WORDS: Readonly<Record<RecordingStatus["state"]["kind"], string>> = {
  opening: "Waiting for the microphone: allow it in the browser's question",
  connecting: "Connecting",
  sending: "Recording",
  away: "Not connected; audio is kept here and sent later",
  refused: "Refused",
  ending: "Sending what is left",
};

function State() {
  const text = useComputed(() => {
    const state = recording.value?.state;
    if (state === undefined) return "";
    return "why" in state ? `${WORDS[state.kind]}: ${state.why}` : WORDS[state.kind];
  });
  return (
    <p class="microphone-state" data-state={recording.value?.state.kind} role="status">
      {text}
    </p>
  );
}

function Meter() {
  const peak = recording.value?.peak ?? 0;
  const dbfs = Math.max(QUIETEST, 20 * Math.log10(Math.max(peak, 1e-6)));
  return (
    <div class="microphone-meter">
      <meter min={QUIETEST} max={0} high={-6} optimum={-20} value={dbfs} aria-label="Level in dBFS" />
      <span>{peak === 0 ? "silence" : `${dbfs.toFixed(0).replace("-", "−")} dBFS`}</span>
    </div>
  );
}

function clockOfSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
