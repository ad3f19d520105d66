import { pause, resume, skip, skipToSound } from "../player.js";
import { playing } from "../state.js";
import { NextSign, PauseSign, PlaySign, PreviousSign } from "./icons.js";

/** What is pressed most: it lies under the thumb. */
export function Buttons() {
  return (
    <div class="player-buttons">
      <button
        type="button"
        class="quiet icon"
        aria-label="Sound event before"
        title="Sound event before  ["
        onClick={() => skipToSound(-1)}
      >
        <PreviousSign />
      </button>
      <button
        type="button"
        class="quiet icon"
        aria-label="10 seconds back"
        title="10 s back  ←"
        onClick={() => skip(-10)}
      >
        −10
      </button>
      <button
        type="button"
        class="primary icon player-play"
        aria-label={playing.value ? "Pause" : "Play"}
        title={playing.value ? "Pause  space" : "Play  space"}
        onClick={playing.value ? pause : resume}
      >
        {playing.value ? <PauseSign /> : <PlaySign />}
      </button>
      <button
        type="button"
        class="quiet icon"
        aria-label="10 seconds on"
        title="10 s on  →"
        onClick={() => skip(10)}
      >
        +10
      </button>
      <button
        type="button"
        class="quiet icon"
        aria-label="Next sound event"
        title="Next sound event  ]"
        onClick={() => skipToSound(1)}
      >
        <NextSign />
      </button>
    </div>
  );
}
