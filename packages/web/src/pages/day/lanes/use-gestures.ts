import { useEffect } from "preact/hooks";
import type { DayLevels } from "../levels/day-levels.js";
import type { DayModel } from "../model/day-model.js";
import { goToLane, playAt, point, takeMark } from "../model/moves.js";
import { Gestures, type LanePlace } from "./gestures.js";
import type { Lane } from "./lane.js";
import { STRIP_PX } from "./painter.js";

/** The lanes as they are drawn. */
export interface Shape {
  readonly lanes: readonly Lane[];
  /** CSS pixels. */
  readonly laneHeight: number;
}

/** A finger or a pointer is not more exact. */
const NEAR_PX = 4;

/** Lets pointers and wheels act on the lanes. */
export function useGestures(
  model: DayModel,
  levels: DayLevels,
  elements: ReadonlyMap<string, HTMLElement>,
  shape: { readonly current: Shape },
): void {
  useEffect(() => {
    const element = elements.get("field");
    const axis = elements.get("axisBox");
    if (element === undefined || axis === undefined) return;
    const nearUs = () => {
      const { fromUs, toUs } = model.view.peek();
      return (NEAR_PX * (toUs - fromUs)) / element.clientWidth;
    };
    const play = ({ lane, us, y }: LanePlace) => {
      const isOnMarks = y % shape.current.laneHeight <= STRIP_PX;
      if (!isOnMarks || !takeMark(model, lane, us, nearUs())) playAt(model, lane.device, us);
    };
    const tell = (place: LanePlace | undefined) => {
      if (place === undefined) model.pointed.value = undefined;
      else point(model, levels, place.lane, place.us, nearUs());
    };
    const lanes = () => shape.current.lanes;
    const laneHeight = () => shape.current.laneHeight;
    const swipe = (by: 1 | -1) => goToLane(model, by);
    const gestures = new Gestures({ element, axis, lanes, laneHeight }, model, { play, point: tell, swipe });
    return () => gestures.stop();
  }, [model, levels]);
}
