import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Skeleton } from "../../../parts/skeleton.js";
import { clockOf, zoneOf } from "../../../parts/zoned.js";
import type { DayLevels } from "../levels/day-levels.js";
import type { DayModel } from "../model/day-model.js";
import { LaneLabel, LaneSwitch } from "./labels.js";
import type { Lane } from "./lane.js";
import { LaneView } from "./lane-view.js";
import "./lanes.css";
import { DetailAbove, DetailsInPlace } from "./details.js";
import { isNarrow } from "./narrow.js";
import { Readout } from "./readout.js";
import { useGestures } from "./use-gestures.js";

/** Draws the lanes anew. */
export interface LaneHandle {
  draw(): void;
}

interface LanesProps {
  readonly model: DayModel;
  readonly levels: DayLevels;
  readonly handle: { current: LaneHandle | undefined };
  readonly isLoading: boolean;
}

const LOWEST_PX = 40;
const HIGHEST_PX = 200;
const ALONE_PX = 280;
const NARROW_PX = 200;
/** What stands above and below the lanes on a wide screen. */
const AROUND_PX = 360;
const SECOND_US = 1_000_000;

function laneHeightFor(lanes: number, isOne: boolean): number {
  if (isOne) return NARROW_PX;
  const room = Math.floor((innerHeight - AROUND_PX) / Math.max(1, lanes));
  return Math.min(lanes === 1 ? ALONE_PX : HIGHEST_PX, Math.max(LOWEST_PX, room));
}

/** The day as lanes, one for each device: the picture, and all that can be done on it. */
export function Lanes({ model, levels, handle, isLoading }: LanesProps) {
  const elements = useRef(new Map<string, HTMLElement>());
  const named = (name: string) => (element: HTMLElement | null) => {
    if (element !== null) elements.current.set(name, element);
  };
  const all = useComputed(() =>
    isNarrow.value && model.active.value ? [model.active.value] : model.lanes.value,
  );
  const lanes = all.value;
  const laneHeight = laneHeightFor(lanes.length, isNarrow.value);
  const [width, setWidth] = useState(0);
  const shape = useRef({ lanes, laneHeight });
  shape.current = { lanes, laneHeight };
  const view = useLaneView(model, levels, handle, elements.current);
  useLayoutEffect(() => {
    const field = elements.current.get("field");
    if (field === undefined) return;
    const observer = new ResizeObserver(() => setWidth(field.clientWidth));
    observer.observe(field);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (width > 0) view.current?.layOut(lanes, width, laneHeight);
  }, [lanes, width, laneHeight, levels]);
  useGestures(model, levels, elements.current, shape);
  return (
    <div class="day-lanes" aria-busy={isLoading}>
      {isNarrow.value && <LaneSwitch model={model} />}
      <Corner model={model} />
      <div class="day-axis" ref={named("axisBox")}>
        <canvas ref={named("axis")} />
        <div class="day-knob" ref={named("knob")} hidden />
      </div>
      <DetailAbove model={model} lanes={lanes} laneHeight={laneHeight} />
      {!isNarrow.value && (
        <ul class="day-labels" aria-label="Devices">
          {lanes.map((lane) => (
            <LaneLabel key={lane.device} lane={lane} model={model} height={laneHeight} />
          ))}
          {lanes.length === 0 && isLoading && <Loading />}
        </ul>
      )}
      <div class="day-field" ref={named("field")}>
        <Field model={model} lanes={lanes} named={named} />
        <DetailsInPlace model={model} lanes={lanes} laneHeight={laneHeight} />
        <Lines named={named} />
        <Readout model={model} />
      </div>
    </div>
  );
}

/** Name of the zone: another one before and after clocks are changed. */
function Corner({ model }: { readonly model: DayModel }) {
  const name = useComputed(() => zoneOf(model.view.value.fromUs, model.zone.name));
  return <div class="day-corner faint">{name}</div>;
}

interface FieldProps {
  readonly model: DayModel;
  readonly lanes: readonly Lane[];
  readonly named: (name: string) => (element: HTMLElement | null) => void;
}

/** To a keyboard and a screen reader, the picture is a slider of the playhead over the day. */
function Field({ model, lanes, named }: FieldProps) {
  const { fromUs, toUs } = model.day;
  // To the second: it moves with every frame while it plays.
  const seconds = useComputed(() => {
    const us = model.position.value;
    return us === undefined ? undefined : Math.floor((us - model.day.fromUs) / SECOND_US);
  }).value;
  const name = lanes.length === 1 ? lanes[0].label : `${lanes.length} devices`;
  return (
    <div
      class="day-picture"
      tabIndex={0}
      role="slider"
      aria-label={`${name}, ${model.date}; ? lists the keys`}
      aria-describedby="day-in-words"
      aria-valuemin={0}
      aria-valuemax={Math.round((toUs - fromUs) / SECOND_US)}
      aria-valuenow={seconds ?? 0}
      aria-valuetext={
        seconds === undefined ? "no playhead" : clockOf(fromUs + seconds * SECOND_US, model.zone.name)
      }
    >
      <canvas ref={named("lanes")} />
    </div>
  );
}

/** Moved by the view, over all lanes. */
function Lines({ named }: Pick<FieldProps, "named">) {
  return (
    <>
      <div class="day-selection" ref={named("selection")} hidden />
      <div class="day-cursor" ref={named("cursor")} hidden />
      <div class="day-playhead" ref={named("playhead")} hidden />
    </>
  );
}

function Loading() {
  return (
    <li class="day-label">
      <Skeleton like="Kitchen window" />
    </li>
  );
}

type Elements = ReadonlyMap<string, HTMLElement>;

function useLaneView(model: DayModel, levels: DayLevels, handle: LanesProps["handle"], elements: Elements) {
  const view = useRef<LaneView>(undefined);
  useLayoutEffect(() => {
    const of = (name: string) => elements.get(name) as HTMLElement;
    const canvas = (name: string) => elements.get(name) as HTMLCanvasElement;
    const made = new LaneView(
      {
        field: of("field"),
        lanes: canvas("lanes"),
        axis: canvas("axis"),
        playhead: of("playhead"),
        knob: of("knob"),
        selection: of("selection"),
        cursor: of("cursor"),
      },
      model,
      levels,
    );
    view.current = made;
    handle.current = { draw: made.request };
    return () => {
      handle.current = undefined;
      made.stop();
    };
  }, [model, levels]);
  return view;
}
