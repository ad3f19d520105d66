import { QUIETEST } from "./loudness.js";
import "./legend.css";
import { signed } from "./words.js";

/** What the colours of loudness mean. */
export function Legend() {
  const marks = [QUIETEST, QUIETEST / 2, 0];
  return (
    <figure class="legend" aria-label={`Colours of loudness, from ${QUIETEST} to 0 dBFS`}>
      <span class="legend-scale" />
      {marks.map((dbfs) => (
        <span key={dbfs}>{`${signed(dbfs, 0)}${dbfs === 0 ? " dBFS" : ""}`}</span>
      ))}
    </figure>
  );
}
