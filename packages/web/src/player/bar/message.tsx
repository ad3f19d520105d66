import { computed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { clockText } from "../clock-text.js";
import { resume } from "../player.js";
import { devices, isLive, notice, playhead, playing, refused, waiting } from "../state.js";

/** For those who do not see the bar: what begins to play. */
const begun = computed(() => {
  if (!playing.value || waiting.value !== undefined) return "";
  const who = devices.value.join(", ");
  const us = playhead.peek();
  return isLive.value || us === undefined ? `${who}, live` : `${who} from ${clockText(us)}`;
});

/** What there is to tell about what plays, and what can be done. */
export function Message() {
  return (
    <>
      <p class="unseen" aria-live="polite">
        {begun}
      </p>
      <Refused />
      <Told />
    </>
  );
}

function Refused() {
  if (!refused.value) return null;
  return (
    <div class="player-message" role="alert">
      <p>This browser makes no sound before you press a button.</p>
      <button type="button" class="primary" onClick={resume}>
        Play
      </button>
    </div>
  );
}

/** What only has to be known goes by itself. */
const SHOWN_MS = 12_000;

function Told() {
  const told = notice.value;
  useEffect(() => {
    if (told?.kind !== "told" || told.offer !== undefined) return;
    const timer = setTimeout(() => {
      if (notice.peek() === told) notice.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [told]);
  if (told === undefined) return null;
  const { kind, text, offer } = told;
  return (
    <div class={`player-message ${kind}`} role={kind === "trouble" ? "alert" : "status"}>
      <p>{text}</p>
      {offer === undefined ? null : (
        <button type="button" onClick={offer.take}>
          {offer.label}
        </button>
      )}
      <button
        type="button"
        class="quiet"
        onClick={() => {
          notice.value = undefined;
        }}
      >
        Hide
      </button>
    </div>
  );
}
