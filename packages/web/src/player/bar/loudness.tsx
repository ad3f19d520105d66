import { devices, FULL, gainOf, mix, mixes, speed, volume } from "../state.js";
import { MutedSign, VolumeSign } from "./icons.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];

/** How fast; pitch stays. */
export function Speed() {
  return (
    <label class="player-speed">
      <span class="unseen">Speed</span>
      <select
        value={String(speed.value)}
        title="Speed"
        onChange={({ currentTarget }) => {
          speed.value = Number(currentTarget.value);
        }}
      >
        {SPEEDS.map((each) => (
          <option key={each} value={String(each)}>
            {each}×
          </option>
        ))}
      </select>
    </label>
  );
}

/** How loud everything is. */
export function Loudness() {
  const isSilent = volume.value === 0;
  return (
    <div class="player-volume">
      <button
        type="button"
        class="quiet icon"
        aria-label={isSilent ? "Sound on" : "Sound off"}
        aria-pressed={isSilent}
        onClick={() => {
          volume.value = isSilent ? 1 : 0;
        }}
      >
        {isSilent ? <MutedSign /> : <VolumeSign />}
      </button>
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={volume.value}
        aria-label="Volume"
        onInput={({ currentTarget }) => {
          volume.value = currentTarget.valueAsNumber;
        }}
      />
    </div>
  );
}

/** Each of several devices that play together. */
export function Mixer() {
  return (
    <details class="player-mixer">
      <summary>Mix</summary>
      <ul>
        {devices.value.map((device) => (
          <Channel key={device} device={device} />
        ))}
      </ul>
    </details>
  );
}

function Channel({ device }: { readonly device: string }) {
  const { volume: own, muted, solo } = mixes.value.get(device) ?? FULL;
  return (
    <li data-silent={gainOf(device) === 0}>
      <span title={device}>{device}</span>
      <button type="button" aria-pressed={muted} onClick={() => mix(device, { muted: !muted })}>
        Mute
      </button>
      <button type="button" aria-pressed={solo} onClick={() => mix(device, { solo: !solo })}>
        Solo
      </button>
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={own}
        aria-label={`Volume of ${device}`}
        onInput={({ currentTarget }) => mix(device, { volume: currentTarget.valueAsNumber })}
      />
    </li>
  );
}
