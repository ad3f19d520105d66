import { countOf } from "../../parts/words.js";
import { DayCell } from "./cell.js";
import { datesOf, monthName, type TotalDay, weekdayOf } from "./month.js";
import { useGrid } from "./use-grid.js";

interface MonthGridProps {
  readonly days: ReadonlyMap<string, TotalDay>;
  readonly month: string;
  readonly today: string;
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** A month on a wall: a row for each week, all devices together. */
export function MonthGrid({ days, month, today }: MonthGridProps) {
  const dates = datesOf(month);
  const before = weekdayOf(dates[0]);
  const weeks = Math.ceil((before + dates.length) / 7);
  const first = before + Math.max(0, dates.indexOf(today));
  const { table, cell } = useGrid(weeks, 7, { row: Math.floor(first / 7), column: first % 7 });
  return (
    <table class="calendar-month" aria-label={monthName(month)} {...table}>
      <thead>
        <tr>
          {WEEKDAYS.map((name) => (
            <th key={name} scope="col">
              <abbr title={name}>{name.slice(0, 3)}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: weeks }, (_, week) => (
          <tr key={week}>
            {WEEKDAYS.map((name, weekday) => {
              const date = dates[week * 7 + weekday - before];
              if (date === undefined) return <td key={name} />;
              const day = days.get(date);
              return (
                <td key={name}>
                  <span
                    class={`calendar-number ${date === today ? "calendar-today" : ""}`}
                    aria-hidden="true"
                  >
                    {Number(date.slice(8))}
                  </span>
                  <DayCell
                    date={date}
                    day={day}
                    devices={[]}
                    title={countOf(day?.devices ?? 0, "device")}
                    unit=" h"
                    grid={cell(week, weekday)}
                  />
                  <small class="faint" aria-hidden="true">
                    {day === undefined ? "" : countOf(day.devices, "device")}
                  </small>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
