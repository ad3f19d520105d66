import { Meter } from "../../../parts/meter.js";
import { devices, playing } from "../../../player/player.js";
import { levelOf, now } from "../../../server/live.js";
import type { DayModel } from "../model/day-model.js";
import { summaryOf } from "../model/describe.js";
import { goToLane } from "../model/moves.js";
import type { Lane } from "./lane.js";

interface LabelProps {
  readonly lane: Lane;
  readonly model: DayModel;
  /** CSS pixels. */
  readonly height: number;
}

/** From there on there is room for the level as a number. */
const ROOMY_PX = 56;

/** Name of a lane, its level now, and whether it is heard with others. */
export function LaneLabel({ lane, model, height }: LabelProps) {
  const isActive = model.active.value?.device === lane.device;
  const isHeard = playing.value && devices.value.includes(lane.device);
  return (
    <li
      class={`day-label ${isActive ? "day-label-active" : ""} ${height < ROOMY_PX ? "day-label-low" : ""}`}
      style={{ blockSize: `${height}px` }}
    >
      <button
        type="button"
        class="quiet day-label-name"
        aria-pressed={isActive}
        title={`${lane.label}: ${summaryOf(lane, model.day)}`}
        onClick={() => {
          model.activeDevice.value = lane.device;
        }}
      >
        {isHeard && <Speaker />}
        <span>{lane.label}</span>
        {isHeard && <span class="unseen">, is heard</span>}
      </button>
      <Together lane={lane} model={model} />
      <LiveMeter lane={lane} />
    </li>
  );
}

function LiveMeter({ lane: { device, label } }: { readonly lane: Lane }) {
  const stream = now.value?.devices.find((each) => each.device === device)?.streams[0];
  return stream === undefined ? null : <Meter level={levelOf(stream.key)} label={label} />;
}

function Together({ lane: { device, label }, model }: { readonly lane: Lane; readonly model: DayModel }) {
  const together = model.together.value;
  const isOn = together.includes(device);
  return (
    <button
      type="button"
      class="quiet icon day-together"
      aria-pressed={isOn}
      aria-label={`Hear ${label} together with others`}
      title="Heard together: a click on one plays all of them at the same moment"
      onClick={() => {
        model.together.value = isOn ? together.filter((name) => name !== device) : [...together, device];
      }}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 2a6 6 0 0 0-6 6v4.5A1.5 1.5 0 0 0 3.5 14H5.5V8.5H3.5V8a4.5 4.5 0 0 1 9 0v.5h-2V14h2a1.5 1.5 0 0 0 1.5-1.5V8a6 6 0 0 0-6-6Z" />
      </svg>
    </button>
  );
}

function Speaker() {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M2 6v4h3l4 3.5v-11L5 6Zm9 .2a2.5 2.5 0 0 1 0 3.600l1 1a4 4 0 0 0 0-5.600Z" />
    </svg>
  );
}

/** On a phone: which device is shown, and the way to the others. */
export function LaneSwitch({ model }: { readonly model: DayModel }) {
  const lanes = model.lanes.value;
  const at = lanes.findIndex(({ device }) => device === model.active.value?.device);
  if (lanes.length === 0) return null;
  return (
    <div class="day-switch">
      <button
        type="button"
        class="icon"
        aria-label="Device before"
        disabled={at <= 0}
        onClick={() => goToLane(model, -1)}
      >
        ‹
      </button>
      <select
        aria-label="Device"
        value={lanes[at]?.device}
        onChange={({ currentTarget }) => {
          model.activeDevice.value = currentTarget.value;
        }}
      >
        {lanes.map(({ device, label }) => (
          <option key={device} value={device}>
            {label}
          </option>
        ))}
      </select>
      <span class="faint">
        {at + 1} of {lanes.length}
      </span>
      <button
        type="button"
        class="icon"
        aria-label="Device after"
        disabled={at >= lanes.length - 1}
        onClick={() => goToLane(model, 1)}
      >
        ›
      </button>
    </div>
  );
}
