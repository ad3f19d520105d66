import { useEffect, useRef } from "preact/hooks";
import { loudnessGradient } from "../parts/loudness.js";
import { PlayerDock } from "../player/dock.js";
import { startDevices } from "../server/devices.js";
import { startLive } from "../server/live.js";
import "./app.css";
import { ConnectionNotice } from "./connection.js";
import { CurrentPage } from "./current-page.js";
import { Header } from "./header.js";
import { followLinks } from "./router.js";

/** Everything: header, the page one is at, the player below. */
export function App() {
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.documentElement.style.setProperty("--loudness", loudnessGradient("to right"));
    const ends = [followLinks(), startLive(), startDevices()];
    return () => ends.forEach((end) => void end());
  }, []);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <Header />
      <ConnectionNotice />
      <main ref={main} tabIndex={-1}>
        <CurrentPage />
      </main>
      <div class="dock">
        <PlayerDock />
      </div>
    </>
  );
}
