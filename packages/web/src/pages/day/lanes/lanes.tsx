import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Skeleton } from "../../../parts/skeleton.js";
import { clockOf, zoneOf } from "../../../parts/zoned.js";
import type { DayLevels } from "../levels/day-levels.js";
import type { DayModel } from "../model/day-model.js";
import { goToLane, playAt, point } from "../model/moves.js";
import { Gestures } from "./gestures.js";
import { LaneLabel, LaneSwitch } from "./labels.js";
import type { Lane } from "./lane.js";
import { LaneView } from "./lane-view.js";
import "./lanes.css";
import { isNarrow } from "./narrow.js";
import { Readout } from "./readout.js";

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
const HIGHEST_PX = 160;
const NARROW_PX = 184;
/** What stands above and below the lanes on a wide screen. */
const AROUND_PX = 360;
/** A finger or a pointer is not more exact. */
const NEAR_PX = 4;
const SECOND_US = 1_000_000;

function laneHeightFor(lanes: number, isOne: boolean): number {
  if (isOne) return NARROW_PX;
  const room = Math.floor((innerHeight - AROUND_PX) / Math.max(1, lanes));
  return Math.min(HIGHEST_PX, Math.max(LOWEST_PX, room));
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
      <div class="day-corner faint">{zoneOf(model.view.value.fromUs, model.zone.name)}</div>
      <div class="day-axis" ref={named("axisBox")}>
        <canvas ref={named("axis")} />
        <div class="day-knob" ref={named("knob")} hidden />
      </div>
      {!isNarrow.value && (
        <ul class="day-labels" aria-label="Devices">
          {lanes.map((lane) => (
            <LaneLabel key={lane.device} lane={lane} model={model} height={laneHeight} />
          ))}
          {lanes.length === 0 && isLoading && <Loading />}
        </ul>
      )}
      <Field model={model} lanes={lanes} named={named} />
    </div>
  );
}

interface FieldProps {
  readonly model: DayModel;
  readonly lanes: readonly Lane[];
  readonly named: (name: string) => (element: HTMLElement | null) => void;
}

/** To a keyboard and a screen reader, the picture is a slider of the playhead over the day. */
function Field({ model, lanes, named }: FieldProps) {
  const { fromUs, toUs } = model.day;
  const us = model.position.value;
  const name = lanes.length === 1 ? lanes[0].label : `${lanes.length} devices`;
  return (
    <div
      class="day-field"
      ref={named("field")}
      tabIndex={0}
      role="slider"
      aria-label={`${name}, ${model.date}; ? lists the keys`}
      aria-describedby="day-in-words"
      aria-valuemin={0}
      aria-valuemax={Math.round((toUs - fromUs) / SECOND_US)}
      aria-valuenow={us === undefined ? 0 : Math.round((us - fromUs) / SECOND_US)}
      aria-valuetext={us === undefined ? "no playhead" : clockOf(us, model.zone.name)}
    >
      <canvas ref={named("lanes")} />
      <div class="day-selection" ref={named("selection")} hidden />
      <div class="day-cursor" ref={named("cursor")} hidden />
      <div class="day-playhead" ref={named("playhead")} hidden />
      <Readout model={model} />
    </div>
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

interface Shape {
  readonly lanes: readonly Lane[];
  readonly laneHeight: number;
}

function useGestures(
  model: DayModel,
  levels: DayLevels,
  elements: Elements,
  shape: { readonly current: Shape },
): void {
  useEffect(() => {
    const element = elements.get("field");
    const axis = elements.get("axisBox");
    if (element === undefined || axis === undefined) return;
    const field = {
      element,
      axis,
      lanes: () => shape.current.lanes,
      laneHeight: () => shape.current.laneHeight,
    };
    const gestures = new Gestures(field, model, {
      play: ({ lane, us }) => playAt(model, lane.device, us),
      swipe: (by) => goToLane(model, by),
      point(place) {
        if (place === undefined) {
          model.pointed.value = undefined;
          return;
        }
        const { fromUs, toUs } = model.view.peek();
        point(model, levels, place.lane, place.us, (NEAR_PX * (toUs - fromUs)) / element.clientWidth);
      },
    });
    return () => gestures.stop();
  }, [model, levels]);
}
