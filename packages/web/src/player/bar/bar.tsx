import { useEffect } from "preact/hooks";
import { listenToKeys } from "../keys.js";
import { followMediaKeys } from "../media-session.js";
import { close, listen } from "../player.js";
import { devices, isLive, mode } from "../state.js";
import "./bar.css";
import { Buttons } from "./buttons.js";
import { CloseSign } from "./icons.js";
import { LiveReading } from "./live-reading.js";
import { Loudness, Mixer, Speed } from "./loudness.js";
import { Message } from "./message.js";
import { Moment } from "./moment.js";
import { Overview } from "./overview.js";

/** The player at the bottom edge of every page; nothing is there before something was played. */
export function PlayerBar() {
  useEffect(() => {
    const ends = [listenToKeys(), followMediaKeys()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  if (mode.value === "nothing") return <Message />;
  return (
    <section class="player" aria-label="Player">
      <Message />
      <Buttons />
      <Moment />
      {isLive.value ? <LiveReading /> : <Overview />}
      <div class="player-more">
        {devices.value.length > 1 ? <Mixer /> : null}
        {isLive.value ? null : <Speed />}
        {isLive.value || devices.value.length !== 1 ? null : <GoLive device={devices.value[0]} />}
        <Loudness />
        <button type="button" class="quiet icon" aria-label="Close the player" title="Close" onClick={close}>
          <CloseSign />
        </button>
      </div>
    </section>
  );
}

function GoLive({ device }: { readonly device: string }) {
  return (
    <button
      type="button"
      class="quiet"
      title={`Hear ${device} as it sends`}
      onClick={() => void listen(device)}
    >
      Live
    </button>
  );
}
