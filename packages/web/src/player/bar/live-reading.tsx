import { live } from "../live/live-state.js";
import { playFrom } from "../player.js";
import { devices, playhead } from "../state.js";

/** How live it is: latency, and what was lost on the way. */
export function LiveReading() {
  const status = live.value;
  const back = () => playhead.value !== undefined && playFrom(devices.value, playhead.value - 30_000_000);
  return (
    <div class="player-reading">
      <span title="From the frame's coming to the loudspeaker">
        {status === undefined ? "…" : `${Math.round(status.latencyS * 1000)} ms behind`}
      </span>
      <span title="Frames that did not come, or came too late">{lossOf(status)}</span>
      <button type="button" class="quiet" onClick={back}>
        30 s back
      </button>
    </div>
  );
}

function lossOf(status: typeof live.value): string {
  if (status === undefined) return "";
  const { lostFrames, dryRuns } = status;
  if (lostFrames === 0 && dryRuns === 0) return "nothing lost";
  return `${lostFrames} frames lost, ${dryRuns} interruptions`;
}
