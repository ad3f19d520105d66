import { pause, resume, skip, skipToSound } from "./player.js";
import { mode, playing } from "./state.js";

/** Seconds that an arrow goes. */
const STEP_S = 10;

const KEYS: Readonly<Record<string, () => void>> = {
  " ": () => (playing.value ? pause() : resume()),
  ArrowLeft: () => skip(-STEP_S),
  ArrowRight: () => skip(STEP_S),
  "[": () => void skipToSound(-1),
  "]": () => void skipToSound(1),
};

/** Keys that go everywhere but where one writes, and where a page has not used them itself. */
export function listenToKeys(): () => void {
  // In the window: after everybody in the page has had the key.
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

function press(event: KeyboardEvent): void {
  const act = KEYS[event.key];
  const isOurs = act !== undefined && mode.value !== "nothing" && !event.defaultPrevented;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  if (!isOurs || !isPlain || hasOwnUse(event)) return;
  event.preventDefault();
  act();
}

/** Whether the element that has the focus wants the key itself. */
function hasOwnUse({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input, textarea, select, [contenteditable], [role=slider], dialog") !== null)
    return true;
  return key === " " && target.closest("button, a, summary") !== null;
}
