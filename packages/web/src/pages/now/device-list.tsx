import type { VNode } from "preact";
import { Empty } from "../../parts/failure.js";
import { Legend } from "../../parts/legend.js";
import { Skeleton } from "../../parts/skeleton.js";
import { STATE_WORDS } from "../../parts/state-badge.js";
import { countOf } from "../../parts/words.js";
import { now } from "../../server/live.js";
import "./device-list.css";
import { DeviceRow } from "./device-row.js";
import { hoursFailure } from "./hours.js";
import type { Row, RowGroup, SortKey } from "./rows.js";
import { changeView, groups, showAll, view } from "./view.js";

const COLUMNS: readonly { readonly name: string; readonly sort?: SortKey }[] = [
  { name: "State", sort: "state" },
  { name: "Device", sort: "name" },
  { name: "Level" },
  { name: "Last hour" },
  { name: "Format" },
  { name: "Loss", sort: "loss" },
  { name: "Drift", sort: "drift" },
  { name: "Last audio", sort: "last" },
];

// A row that is the same object is not drawn again, nor compared.
const drawn = new WeakMap<Row, VNode>();

function drawnOf(row: Row): VNode {
  const known = drawn.get(row);
  if (known !== undefined) return known;
  const made = <DeviceRow key={row.device} row={row} />;
  drawn.set(row, made);
  return made;
}

/** Every device that is to be shown. */
export function DeviceList() {
  if (now.value === undefined) return <Waiting />;
  const shown = groups.value;
  if (shown.length === 0) return <NoneFound />;
  return (
    <section class="devices" aria-label="Devices">
      <Columns />
      {shown.map((group) => (
        <Group key={group.title} group={group} />
      ))}
      <footer class="devices-legend">
        <Legend />
        {hoursFailure.value && <p class="faint">The last hour is not known: {hoursFailure.value.message}</p>}
      </footer>
    </section>
  );
}

function Group({ group: { title, rows } }: { readonly group: RowGroup }) {
  const name = STATE_WORDS[title as keyof typeof STATE_WORDS] ?? title;
  return (
    <>
      {title !== "" && (
        <h2 class="group">
          {name} <small class="faint">{countOf(rows.length, "device")}</small>
        </h2>
      )}
      <ul aria-label={title === "" ? "Devices" : name}>{rows.map(drawnOf)}</ul>
    </>
  );
}

function Columns() {
  const { sort } = view.value;
  return (
    <div class="columns">
      {COLUMNS.map(({ name, sort: key }) =>
        key === undefined ? (
          <span key={name}>{name}</span>
        ) : (
          <button
            key={name}
            type="button"
            class="quiet"
            aria-pressed={sort === key}
            title={`Sort by ${name.toLowerCase()}`}
            onClick={() => changeView({ sort: key })}
          >
            {name}
          </button>
        ),
      )}
    </div>
  );
}

function NoneFound() {
  return (
    <Empty title="No device is like that">
      <button type="button" onClick={showAll}>
        Show all devices
      </button>
    </Empty>
  );
}

const PLACES = ["a", "b", "c", "d", "e", "f"];

function Waiting() {
  return (
    <section class="devices" aria-busy="true" aria-label="Devices">
      <p class="unseen">Waiting for the receiver</p>
      <Columns />
      <ul>
        {PLACES.map((place) => (
          <li key={place} class="device">
            <span class="device-state">
              <Skeleton like="recording" />
            </span>
            <span class="device-name">
              <Skeleton like="some microphone" />
            </span>
            <span class="device-level">
              <Skeleton like="−12 dBFS" />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
