import { goTo } from "../../shell/router.js";
import type { DayModel } from "./model/day-model.js";
import { goToLane, jump, markSelection, step, togglePlaying } from "./model/moves.js";
import { writeAddress } from "./time/address.js";
import { addDays } from "./time/local-day.js";

/** What keys need beside the model. */
export interface KeyPlace {
  readonly showKeys: () => void;
  readonly askDate: () => void;
  readonly askTime: () => void;
}

interface KeyAction {
  /** As `KeyboardEvent.key` has them. */
  readonly keys: readonly string[];
  readonly shift?: boolean;
  /** Only while the lanes have the focus: elsewhere the page scrolls. */
  readonly onLanes?: boolean;
  /** How the list of keys shows it. */
  readonly shown: string;
  readonly about: string;
  /** @returns what a screen reader says */
  readonly run: (model: DayModel, place: KeyPlace) => string | undefined;
}

const does = (run: (model: DayModel) => void) => (model: DayModel) => {
  run(model);
  return undefined;
};

const look = (what: "sounds" | "gaps", direction: "next" | "previous") => (model: DayModel) =>
  jump(model, what, direction) ? undefined : `No ${direction} ${what === "sounds" ? "sound event" : "gap"}.`;

const panBy = (share: number) =>
  does((model) => {
    const { fromUs, toUs } = model.view.peek();
    model.pan((toUs - fromUs) * share);
  });

/** Every key of the page, in the order in which the list shows them. */
export const KEYS: readonly KeyAction[] = [
  { keys: [" "], shown: "Space", about: "play, pause", run: does(togglePlaying) },
  {
    keys: ["ArrowLeft"],
    shown: "←",
    about: "10 s back (without a playhead: look earlier)",
    run: does((model) => step(model, -10)),
  },
  {
    keys: ["ArrowRight"],
    shown: "→",
    about: "10 s on (without a playhead: look later)",
    run: does((model) => step(model, 10)),
  },
  { keys: [","], shown: ",", about: "look earlier", run: panBy(-1 / 3) },
  { keys: ["."], shown: ".", about: "look later", run: panBy(1 / 3) },
  { keys: ["["], shown: "[", about: "previous sound event", run: look("sounds", "previous") },
  { keys: ["]"], shown: "]", about: "next sound event", run: look("sounds", "next") },
  { keys: ["G"], shown: "Shift G", about: "previous gap", run: look("gaps", "previous") },
  { keys: ["g"], shown: "G", about: "next gap", run: look("gaps", "next") },
  { keys: ["+", "="], shown: "+", about: "nearer", run: does((model) => model.zoomHere(0.5)) },
  { keys: ["-", "_"], shown: "−", about: "farther", run: does((model) => model.zoomHere(2)) },
  { keys: ["0"], shown: "0", about: "the whole day", run: does((model) => model.showAll()) },
  { keys: ["ArrowUp"], onLanes: true, shown: "↑", about: "device above", run: lane(-1) },
  { keys: ["ArrowDown"], onLanes: true, shown: "↓", about: "device below", run: lane(1) },
  {
    keys: ["ArrowLeft"],
    shift: true,
    shown: "Shift ←",
    about: "the day before",
    run: does((model) => goToDay(model, -1)),
  },
  {
    keys: ["ArrowRight"],
    shift: true,
    shown: "Shift →",
    about: "the day after",
    run: does((model) => goToDay(model, 1)),
  },
  { keys: ["d"], shown: "D", about: "go to a date", run: (_, place) => void place.askDate() },
  { keys: ["t"], shown: "T", about: "go to a time", run: (_, place) => void place.askTime() },
  { keys: ["i"], shown: "I", about: "select from the playhead", run: select("from") },
  { keys: ["o"], shown: "O", about: "select up to the playhead", run: select("to") },
  { keys: ["Escape"], shown: "Esc", about: "select nothing", run: clear },
  { keys: ["?"], shown: "?", about: "this list", run: (_, place) => void place.showKeys() },
];

function lane(by: 1 | -1) {
  return (model: DayModel) => {
    goToLane(model, by);
    return model.active.peek()?.label;
  };
}

function select(edge: "from" | "to") {
  return (model: DayModel) => (markSelection(model, edge) ? undefined : "Put the playhead somewhere first.");
}

function clear(model: DayModel): string | undefined {
  if (model.selection.peek() === undefined) return undefined;
  model.selection.value = undefined;
  return "Nothing is selected.";
}

/** Goes to a day so many days later, with the same devices. */
function goToDay(model: DayModel, days: number): void {
  goTo(addressOfDay(model, addDays(model.date, days)));
}

/** The address of another day, with the same devices. */
export function addressOfDay({ zone, chosen, together, activeDevice }: DayModel, date: string): string {
  const state = { view: undefined, atUs: undefined, selection: undefined, lane: activeDevice.value };
  return writeAddress(zone, date, { devices: chosen.value, together: together.value, ...state });
}

const WRITES = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSES = "button, a, summary, input[type=checkbox], audio, video";

/** What a key does here; undefined: it is somebody else's. */
export function actionOf(event: KeyboardEvent, lanes: Element | null): KeyAction | undefined {
  const target = event.target as Element | null;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (target?.closest(WRITES) || document.querySelector("dialog[open]") !== null) return undefined;
  if (event.key === " " && target?.closest(PRESSES)) return undefined;
  const isArrow = event.key.startsWith("Arrow");
  return KEYS.find(
    ({ keys, shift = false, onLanes }) =>
      keys.includes(event.key) &&
      (!isArrow || shift === event.shiftKey) &&
      (!onLanes || lanes?.contains(target)),
  );
}
