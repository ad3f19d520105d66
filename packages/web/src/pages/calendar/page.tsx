import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Empty, Failure } from "../../parts/failure.js";
import { dateOf } from "../../parts/zoned.js";
import { devices } from "../../server/devices.js";
import { serverNow, zone } from "../../server/info.js";
import { onEvent } from "../../server/live.js";
import { useServer } from "../../server/use-server.js";
import { goTo, linkTo, place } from "../../shell/router.js";
import { addMonths } from "../day/time/local-day.js";
import "./calendar.css";
import { DeviceGrid } from "./device-grid.js";
import { isMonth, monthName, totalOf } from "./month.js";
import { MonthGrid } from "./month-grid.js";

type View = "devices" | "together";

const pathOf = (month: string, view: View) =>
  `/calendar?month=${month}${view === "together" ? "&view=together" : ""}`;

/** Which days there are: of each device, or of all together. */
export function Page() {
  const { query } = place.value;
  const asked = query.get("month") ?? "";
  const today = dateOf(serverNow(), zone.value);
  const month = isMonth(asked) ? asked : today.slice(0, 7);
  const view: View = query.get("view") === "together" ? "together" : "devices";
  const days = useServer("GET /days", { query: { month } });
  useEffect(
    () => onEvent("changed", ({ what }) => void (what === "recordings" && days.again())),
    [days.again],
  );
  return (
    <div class="page calendar">
      <h1>{monthName(month)}</h1>
      <Choice month={month} today={today} view={view} />
      {days.error && <Failure error={days.error} again={days.again} />}
      {days.state === "loading" && <p class="faint">The receiver looks which days there are…</p>}
      {days.value && <Shown days={days.value} month={month} view={view} today={today} />}
    </div>
  );
}

interface ChoiceProps {
  readonly month: string;
  readonly today: string;
  readonly view: View;
}

function Choice({ month, today, view }: ChoiceProps) {
  return (
    <div class="bar">
      <span class="joined">
        <a
          class="button icon"
          href={linkTo(pathOf(addMonths(month, -1), view))}
          aria-label="The month before"
        >
          ‹
        </a>
        <input
          type="month"
          aria-label="Month"
          value={month}
          onChange={({ currentTarget: { value } }) => {
            if (isMonth(value)) goTo(pathOf(value, view));
          }}
        />
        <a class="button icon" href={linkTo(pathOf(addMonths(month, 1), view))} aria-label="The month after">
          ›
        </a>
      </span>
      {month !== today.slice(0, 7) && <a href={linkTo(pathOf(today.slice(0, 7), view))}>This month</a>}
      <span class="joined">
        <button
          type="button"
          aria-pressed={view === "devices"}
          onClick={() => goTo(pathOf(month, "devices"), "replace")}
        >
          Each device
        </button>
        <button
          type="button"
          aria-pressed={view === "together"}
          onClick={() => goTo(pathOf(month, "together"), "replace")}
        >
          All together
        </button>
      </span>
      <Key />
    </div>
  );
}

/** What shades and dots mean. */
function Key() {
  return (
    <span class="calendar-key faint" aria-hidden="true">
      Hours recorded: <span class="calendar-shade calendar-shade-1" /> few
      <span class="calendar-shade calendar-shade-4" /> all of the day
      <span class="calendar-dot" /> sound events
    </span>
  );
}

interface ShownProps extends ChoiceProps {
  readonly days: Parameters<typeof totalOf>[0];
}

function Shown({ days, month, view, today }: ShownProps) {
  const filter = useSignal("");
  const there = days.filter((each) => each.days.length > 0);
  if (there.length === 0) return <NothingThere month={month} view={view} />;
  if (view === "together") return <MonthGrid days={totalOf(there)} month={month} today={today} />;
  return (
    <>
      {there.length > 12 && (
        <input
          type="search"
          class="calendar-filter"
          placeholder="Filter devices"
          aria-label="Filter devices"
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
      )}
      <DeviceGrid days={there} month={month} today={today} filter={filter.value} />
    </>
  );
}

function NothingThere({ month, view }: { readonly month: string; readonly view: View }) {
  const last = Math.max(...(devices.value ?? []).map(({ lastUs }) => lastUs ?? 0));
  const lastMonth = last > 0 ? dateOf(last - 1, zone.value).slice(0, 7) : undefined;
  return (
    <Empty title="Nothing was recorded in this month">
      {lastMonth !== undefined && lastMonth !== month && (
        <p>
          The last recordings are of <a href={linkTo(pathOf(lastMonth, view))}>{monthName(lastMonth)}</a>.
        </p>
      )}
      {lastMonth === undefined && (
        <p>
          <a href={linkTo("/")}>Now</a> shows what is connected, and how to make a first sound appear.
        </p>
      )}
    </Empty>
  );
}
