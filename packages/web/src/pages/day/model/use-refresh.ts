import { useEffect } from "preact/hooks";
import { onEvent } from "../../../server/live.js";
import type { DayLevels } from "../levels/day-levels.js";
import type { DayModel } from "./day-model.js";

/** Segments end one after another: what there is is asked for again at most this often. */
const REFRESH_MS = 20_000;
/** Levels come every second while anything is connected. */
const UNHEARD_MS = 5_000;

interface Again {
  readonly timeline: () => void;
  readonly pins: () => void;
  readonly notes: () => void;
}

interface Stretch {
  readonly startUs: number;
  readonly endUs: number;
}

/** Asks again when something of the day has changed, and when the receiver is heard again. */
export function useRefresh(model: DayModel, levels: DayLevels, again: Again): void {
  const { timeline, pins, notes } = again;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = ({ startUs, endUs }: Stretch) => {
      if (timer !== undefined || startUs >= model.day.toUs || endUs <= model.day.fromUs) return;
      timer = setTimeout(() => {
        timer = undefined;
        timeline();
      }, REFRESH_MS);
    };
    const all = () => {
      timeline();
      levels.expire();
    };
    const ends = [
      onEvent("segment", soon),
      onEvent("gap", soon),
      onEvent("changed", ({ what }) => {
        if (what === "pins") pins();
        if (what === "notes") notes();
        if (what === "recordings") all();
      }),
      onHeardAgain(all),
    ];
    return () => {
      clearTimeout(timer);
      for (const end of ends) end();
    };
  }, [model, levels, timeline, pins, notes]);
}

/** The receiver is heard again after a time in which it may have told things that nobody heard: lost, or not looked at. */
function onHeardAgain(listener: () => void): () => void {
  let heardMs = Date.now();
  const hear = () => {
    const isLate = Date.now() - heardMs > UNHEARD_MS;
    heardMs = Date.now();
    if (isLate) listener();
  };
  const ends = [onEvent("now", hear), onEvent("levels", hear)];
  return () => ends.forEach((end) => void end());
}
