import { useSignal } from "@preact/signals";
import { Dialog } from "../../parts/dialog.js";
import { devices, nameOf } from "../../server/devices.js";
import type { DayModel } from "./model/day-model.js";
import { MOST_LANES } from "./model/shown.js";

interface PickerProps {
  readonly model: DayModel;
  readonly onClose: () => void;
}

/** Which devices are shown, and in which order. */
export function DevicePicker({ model, onClose }: PickerProps) {
  const filter = useSignal("");
  const shown = useSignal<readonly string[]>(model.lanes.peek().map(({ device }) => device));
  const words = filter.value.trim().toLowerCase();
  const known = (devices.value ?? []).filter(({ device, group }) =>
    `${nameOf(device)} ${device} ${group}`.toLowerCase().includes(words),
  );
  const isFull = shown.value.length >= MOST_LANES;
  const finish = (names: readonly string[]) => {
    model.chosen.value = names;
    onClose();
  };
  return (
    <Dialog title="Devices of the day" onClose={onClose}>
      <Chosen shown={shown.value} change={(names) => (shown.value = names)} />
      <input
        type="search"
        placeholder="Filter by name or group"
        aria-label="Filter devices"
        value={filter.value}
        onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
      />
      {isFull && <p class="faint">No more than {MOST_LANES} fit into one picture.</p>}
      <ul class="day-picker">
        {known.map(({ device, group }) => {
          const isOn = shown.value.includes(device);
          return (
            <li key={device}>
              <label>
                <input
                  type="checkbox"
                  checked={isOn}
                  disabled={!isOn && isFull}
                  onChange={() => {
                    shown.value = isOn
                      ? shown.value.filter((name) => name !== device)
                      : [...shown.value, device];
                  }}
                />
                {nameOf(device)} {group !== "" && <span class="faint">{group}</span>}
              </label>
            </li>
          );
        })}
        {known.length === 0 && <li class="faint">No device has “{filter.value}” in its name or group.</li>}
      </ul>
      <footer>
        <button
          type="button"
          class="quiet"
          disabled={shown.value.length === 0}
          onClick={() => (shown.value = [])}
        >
          None
        </button>
        <button type="button" onClick={() => finish([])}>
          All with recordings
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="primary"
          disabled={shown.value.length === 0}
          onClick={() => finish(shown.value)}
        >
          Show {shown.value.length}
        </button>
      </footer>
    </Dialog>
  );
}

interface ChosenProps {
  readonly shown: readonly string[];
  readonly change: (names: readonly string[]) => void;
}

function Chosen({ shown, change }: ChosenProps) {
  const swap = (at: number, by: -1 | 1) => {
    const names = [...shown];
    [names[at], names[at + by]] = [names[at + by], names[at]];
    change(names);
  };
  return (
    <ol class="day-chosen" aria-label="Shown, from top to bottom">
      {shown.map((device, at) => (
        <li key={device}>
          <span>{nameOf(device)}</span>
          <button
            type="button"
            class="quiet icon"
            aria-label={`${nameOf(device)} up`}
            disabled={at === 0}
            onClick={() => swap(at, -1)}
          >
            ↑
          </button>
          <button
            type="button"
            class="quiet icon"
            aria-label={`${nameOf(device)} down`}
            disabled={at === shown.length - 1}
            onClick={() => swap(at, 1)}
          >
            ↓
          </button>
          <button
            type="button"
            class="quiet icon"
            aria-label={`Do not show ${nameOf(device)}`}
            onClick={() => change(shown.filter((name) => name !== device))}
          >
            ×
          </button>
        </li>
      ))}
    </ol>
  );
}
