import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { durationOf } from "../../parts/words.js";
import type { Lane } from "./lanes/lane.js";
import { recordedUs } from "./lanes/lane.js";
import type { DayModel } from "./model/day-model.js";
import { gapText, soundText, stretchText } from "./model/describe.js";

/** A list that is longer is told by its number: nobody listens to thousands. */
const MOST_ITEMS = 50;
/** Lanes grow every second; who reads them is not to be interrupted that often. */
const EVERY_MS = 30_000;

/** A signal's value, followed at the first change and then at most so often. */
function useSeldom<Value>(source: ReadonlySignal<Value>): Value {
  const seldom = useSignal(source.peek());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isDue = useRef(true);
  useSignalEffect(() => {
    void source.value;
    if (timer.current !== undefined) return;
    const wait = isDue.current ? 500 : EVERY_MS;
    isDue.current = false;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      seldom.value = source.peek();
    }, wait);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return seldom.value;
}

/** What the picture shows, in words: every device in a line, all of the one that keys act on. */
export function TextAlternative({ model }: { readonly model: DayModel }) {
  const lanes = useSeldom(model.lanes);
  const active = lanes.find(({ device }) => device === model.active.value?.device);
  return (
    <section class="unseen" id="day-in-words" aria-label="The day in words">
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Recorded</th>
            <th scope="col">Gaps</th>
            <th scope="col">Sound events</th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <tr key={lane.device}>
              <th scope="row">{lane.label}</th>
              <td>{durationOf(recordedUs(lane, model.day.fromUs, model.day.toUs))}</td>
              <td>{lane.gaps.length}</td>
              <td>{lane.sounds.length}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {active && <LaneInWords lane={active} zone={model.zone.name} />}
    </section>
  );
}

function LaneInWords({ lane, zone }: { readonly lane: Lane; readonly zone: string }) {
  const stretch = ([fromUs, toUs, where]: Lane["stretches"][number]) =>
    `${stretchText(fromUs, toUs, zone)}${where === "remote" ? ", only in the bucket" : ""}`;
  const marked = (fromUs: number, toUs: number, words: string) =>
    `${stretchText(fromUs, toUs, zone)} ${words}`;
  const notes = lane.notes.map(({ fromUs, toUs, author, text }) =>
    marked(fromUs, toUs, `${author}: ${text}`),
  );
  const pins = lane.pins.map(({ fromUs, toUs, note }) => marked(fromUs, toUs, note ?? ""));
  return (
    <section aria-label={lane.label}>
      <Items title="Recorded" all={lane.stretches} text={stretch} />
      <Items title="Gaps" all={lane.gaps} text={(gap) => gapText(gap, zone)} />
      <Items title="Sound events" all={lane.sounds} text={(sound) => soundText(sound, zone)} />
      <Items title="Notes" all={notes} text={String} />
      <Items title="Pins" all={pins} text={String} />
    </section>
  );
}

interface ItemsProps<Item> {
  readonly title: string;
  readonly all: readonly Item[];
  readonly text: (item: Item) => string;
}

function Items<Item>({ title, all, text }: ItemsProps<Item>) {
  if (all.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {all.slice(0, MOST_ITEMS).map((item, i) => (
          <li key={i}>{text(item)}</li>
        ))}
        {all.length > MOST_ITEMS && <li>and {all.length - MOST_ITEMS} more</li>}
      </ul>
    </>
  );
}
