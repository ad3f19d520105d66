import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Legend } from "../../parts/legend.js";
import { review } from "../../player/player.js";
import { goTo, linkTo } from "../../shell/router.js";
import { DevicePicker } from "./device-picker.js";
import { addressOfDay } from "./keys.js";
import type { DayModel } from "./model/day-model.js";
import { moveTo } from "./model/moves.js";
import { parseTyped } from "./time/clock.js";
import { addDays, isDate } from "./time/local-day.js";

interface ToolbarProps {
  readonly model: DayModel;
  readonly showKeys: () => void;
}

/** Where to look, how near, at which devices. */
export function Toolbar({ model, showKeys }: ToolbarProps) {
  return (
    <>
      <div class="bar day-toolbar">
        <DayChoice model={model} />
        <TimeField model={model} />
      </div>
      <div class="bar day-toolbar day-tools">
        <ZoomButtons model={model} />
        <Devices model={model} />
        <Review model={model} />
        <button type="button" class="icon" aria-label="Keys" title="Keys (?)" onClick={showKeys}>
          ?
        </button>
        <Legend />
      </div>
    </>
  );
}

function DayChoice({ model }: { readonly model: DayModel }) {
  const to = (days: number) => linkTo(addressOfDay(model, addDays(model.date, days)));
  return (
    <span class="day-joined">
      <a class="button icon" href={to(-1)} aria-label="The day before" title="The day before (Shift ←)">
        ‹
      </a>
      <input
        class="day-date"
        type="date"
        aria-label="Date"
        value={model.date}
        onChange={({ currentTarget: { value } }) => {
          if (isDate(value) && value !== model.date) goTo(addressOfDay(model, value));
        }}
      />
      <a class="button icon" href={to(1)} aria-label="The day after" title="The day after (Shift →)">
        ›
      </a>
    </span>
  );
}

function TimeField({ model }: { readonly model: DayModel }) {
  const field = useRef<HTMLInputElement>(null);
  const isWrong = useSignal(false);
  const go = (event: Event) => {
    event.preventDefault();
    const us = parseTyped(model.zone, model.date, field.current?.value ?? "");
    isWrong.value = us === undefined;
    if (us === undefined) return;
    model.goTo(us);
    moveTo(model, us);
    field.current?.blur();
  };
  return (
    <form class="day-joined" onSubmit={go} noValidate>
      <input
        class="day-time"
        ref={field}
        aria-label="Go to a time"
        aria-invalid={isWrong.value}
        aria-describedby={isWrong.value ? "day-time-wrong" : undefined}
        placeholder="03:17"
        autocomplete="off"
        size={8}
      />
      <button type="submit">Go</button>
      {isWrong.value && (
        <span id="day-time-wrong" class="day-wrong" role="alert">
          a time of day, like 03:17 or 03:17:05
        </span>
      )}
    </form>
  );
}

function ZoomButtons({ model }: { readonly model: DayModel }) {
  const isWhole = useComputed(() => {
    const { fromUs, toUs } = model.view.value;
    return fromUs === model.day.fromUs && toUs === model.day.toUs;
  });
  return (
    <span class="day-joined">
      <button
        type="button"
        class="icon"
        aria-label="Nearer"
        title="Nearer (+)"
        onClick={() => model.zoomHere(0.5)}
      >
        +
      </button>
      <button
        type="button"
        class="icon"
        aria-label="Farther"
        title="Farther (−)"
        disabled={isWhole.value}
        onClick={() => model.zoomHere(2)}
      >
        −
      </button>
      <button
        type="button"
        title="The whole day (0)"
        disabled={isWhole.value}
        onClick={() => model.showAll()}
      >
        Day
      </button>
    </span>
  );
}

function Devices({ model }: { readonly model: DayModel }) {
  const isOpen = useSignal(false);
  const { length } = model.lanes.value;
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => (isOpen.value = true)}>
        Devices ({length})
      </button>
      {isOpen.value && <DevicePicker model={model} onClose={() => (isOpen.value = false)} />}
    </>
  );
}

function soundsInView({ active, view }: DayModel) {
  const { fromUs, toUs } = view.value;
  return active.value?.sounds.filter(({ startUs, endUs }) => endUs > fromUs && startUs < toUs) ?? [];
}

function Review({ model }: { readonly model: DayModel }) {
  const count = useComputed(() => soundsInView(model).length).value;
  const lane = model.active.value;
  const play = () => {
    if (lane === undefined) return;
    model.marker.value = undefined;
    review(lane.device, soundsInView(model));
  };
  const why = "Nothing in view rises above the background";
  const about = `Plays only these sounds of ${lane?.label}`;
  return (
    <button type="button" disabled={count === 0} title={count === 0 ? why : about} onClick={play}>
      Review events ({count})
    </button>
  );
}
