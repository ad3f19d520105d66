import { computed } from "@preact/signals";
import { second } from "../parts/ticking.js";
import { lastDays } from "../parts/zoned.js";
import { serverNow, zone } from "../server/info.js";
import { linkTo, place } from "./router.js";

// Today and the seven days before: "last Tuesday" is always among them.
const SHOWN = 8;

const days = computed(() => {
  void second.value; // midnight passes while the page is open
  return JSON.stringify(lastDays(serverNow(), zone.value, SHOWN));
});

/** Any day of the last week, one click away; on a day's page, for the devices that are shown there. */
export function DayLinks() {
  const { path, query } = place.value;
  const shown: ReturnType<typeof lastDays> = JSON.parse(days.value);
  const kept = path.startsWith("/date/") ? query.getAll("device") : [];
  const search = new URLSearchParams(kept.map((device) => ["device", device])).toString();
  return (
    <nav class="days" aria-label="Days of the last week">
      {shown.map(({ date, weekday, number, name }, i) => (
        <a
          key={date}
          href={linkTo(`/date/${date}${search === "" ? "" : `?${search}`}`)}
          aria-current={path === `/date/${date}` ? "page" : undefined}
          title={name}
        >
          {i === SHOWN - 1 ? "Today" : weekday} <small>{number}</small>
        </a>
      ))}
    </nav>
  );
}
