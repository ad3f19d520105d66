import { computed } from "@preact/signals";
import { clockOf, dayOf, momentPath, zoneOf } from "../../parts/zoned.js";
import { zone } from "../../server/info.js";
import { linkTo } from "../../shell/router.js";
import { devices, isLive, mode, playhead, reviewed, waiting } from "../state.js";

// As signals of text: what stays the same from picture to picture is not drawn again.
const clock = computed(() => (playhead.value === undefined ? "–" : tenthsOf(playhead.value)));
const date = computed(() => (playhead.value === undefined ? "" : dayOf(playhead.value, zone.value)));
const zoneName = computed(() => (playhead.value === undefined ? "" : zoneOf(playhead.value, zone.value)));
const who = computed(() => devices.value.join(", "));

function tenthsOf(us: number): string {
  return clockOf(us, zone.value, "millisecond").slice(0, -2);
}

/** What is heard: which device, when. */
export function Moment() {
  return (
    <div class="player-moment">
      <div class="player-clock">
        <span>{clock}</span> <small>{zoneName}</small>
        {isLive.value ? <span class="player-live">live</span> : null}
      </div>
      <div class="player-what">
        <DayLink /> <span title={who}>{who}</span>
        <Step />
        {waiting.value === undefined ? null : <em> · {waiting}…</em>}
      </div>
    </div>
  );
}

function DayLink() {
  const us = playhead.peek();
  void date.value; // another day is another address
  const to = us === undefined ? "/" : momentPath(us, zone.value, devices.value);
  return (
    <a href={linkTo(to)} title="Show it in its day">
      {date}
    </a>
  );
}

function Step() {
  const at = reviewed.value;
  if (mode.value === "range") return <span> · selection</span>;
  if (at === undefined) return null;
  return (
    <span>
      {" "}
      · sound {at.index} of {at.count}
    </span>
  );
}
