import { effect } from "@preact/signals";
import { clockText } from "./clock-text.js";
import { pause, resume, skip, skipToSound } from "./player.js";
import { devices, mode, playhead, playing } from "./state.js";

const STEP_S = 10;

/** Tells the keyboard's media keys and the lock screen what plays, and does what they say. */
export function followMediaKeys(): () => void {
  const session = navigator.mediaSession;
  if (session === undefined) return () => undefined;
  const actions: readonly (readonly [MediaSessionAction, MediaSessionActionHandler])[] = [
    ["play", resume],
    ["pause", pause],
    ["seekbackward", ({ seekOffset = STEP_S }) => skip(-seekOffset)],
    ["seekforward", ({ seekOffset = STEP_S }) => skip(seekOffset)],
    ["previoustrack", () => void skipToSound(-1)],
    ["nexttrack", () => void skipToSound(1)],
  ];
  for (const [action, handler] of actions) session.setActionHandler(action, handler);
  const end = effect(() => {
    session.playbackState = mode.value === "nothing" ? "none" : playing.value ? "playing" : "paused";
    const us = playhead.peek();
    if (us === undefined) return;
    const title = devices.value.join(", ");
    session.metadata = new MediaMetadata({ title, artist: clockText(us), album: "Audio receiver" });
  });
  return () => {
    end();
    for (const [action] of actions) session.setActionHandler(action, null);
  };
}
