import { zone } from "../../server/info.js";
import type { Lane } from "./lanes/lane.js";
import type { DayModel } from "./model/day-model.js";
import { gapText, soundText, stretchText, summaryOf } from "./model/describe.js";

/** A list that is longer is told by its number: nobody listens to thousands. */
const MOST_ITEMS = 50;

/** What the picture shows, in words. */
export function TextAlternative({ model }: { readonly model: DayModel }) {
  return (
    <section class="unseen" id="day-in-words" aria-label="The day in words">
      {model.lanes.value.map((lane) => (
        <LaneInWords key={lane.device} lane={lane} model={model} />
      ))}
    </section>
  );
}

function LaneInWords({ lane, model }: { readonly lane: Lane; readonly model: DayModel }) {
  const { value } = zone;
  return (
    <section>
      <h2>{lane.label}</h2>
      <p>{summaryOf(lane, model.day)}</p>
      <Items
        title="Recorded"
        items={lane.stretches.map(
          ([fromUs, toUs, where]) =>
            `${stretchText(fromUs, toUs, value)}${where === "remote" ? ", in the bucket" : ""}`,
        )}
      />
      <Items title="Gaps" items={lane.gaps.map((gap) => gapText(gap, value))} />
      <Items title="Sound events" items={lane.sounds.map((sound) => soundText(sound, value))} />
      <Items
        title="Notes"
        items={lane.notes.map(
          (note) => `${stretchText(note.fromUs, note.toUs, value)}, ${note.author}: ${note.text}`,
        )}
      />
      <Items
        title="Pins"
        items={lane.pins.map((pin) => `${stretchText(pin.fromUs, pin.toUs, value)} ${pin.note ?? ""}`)}
      />
    </section>
  );
}

function Items({ title, items }: { readonly title: string; readonly items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {items.slice(0, MOST_ITEMS).map((item, i) => (
          <li key={i}>{item}</li>
        ))}
        {items.length > MOST_ITEMS && <li>and {items.length - MOST_ITEMS} more</li>}
      </ul>
    </>
  );
}
