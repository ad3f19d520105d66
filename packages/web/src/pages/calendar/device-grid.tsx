import type { DeviceDays } from "@audio/api";
import { nameOf } from "../../server/devices.js";
import { DayCell } from "./cell.js";
import { datesOf, monthName, weekdayOf } from "./month.js";
import { useGrid } from "./use-grid.js";

interface DeviceGridProps {
  readonly days: readonly DeviceDays[];
  readonly month: string;
  readonly today: string;
  readonly filter: string;
}

const WEEKDAYS = ["M", "T", "W", "T", "F", "S", "S"];

/** A row for each device, a column for each day. */
export function DeviceGrid({ days, month, today, filter }: DeviceGridProps) {
  const dates = datesOf(month);
  const words = filter.trim().toLowerCase();
  const rows = days.filter(({ device }) => `${nameOf(device)} ${device}`.toLowerCase().includes(words));
  const column = Math.max(0, dates.indexOf(today));
  const { table, cell } = useGrid(rows.length, dates.length, { row: 0, column });
  if (rows.length === 0) return <p class="faint">No device has “{filter}” in its name.</p>;
  return (
    <div class="calendar-scroll">
      <table class="calendar-devices" aria-label={monthName(month)} {...table}>
        <thead>
          <tr>
            <th scope="col">Device</th>
            {dates.map((date) => (
              <th
                key={date}
                scope="col"
                class={`${weekdayOf(date) > 4 ? "calendar-weekend" : ""} ${date === today ? "calendar-today" : ""}`}
              >
                <small>{WEEKDAYS[weekdayOf(date)]}</small>
                {Number(date.slice(8))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <DeviceRow key={row.device} row={row} dates={dates} cell={(at) => cell(i, at)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface DeviceRowProps {
  readonly row: DeviceDays;
  readonly dates: readonly string[];
  readonly cell: (column: number) => ReturnType<ReturnType<typeof useGrid>["cell"]>;
}

function DeviceRow({ row, dates, cell }: DeviceRowProps) {
  const byDate = new Map(row.days.map((day) => [day.date, day]));
  const name = nameOf(row.device);
  return (
    <tr>
      <th scope="row" title={name}>
        {name}
      </th>
      {dates.map((date, at) => (
        <td key={date}>
          <DayCell date={date} day={byDate.get(date)} devices={[row.device]} title={name} grid={cell(at)} />
        </td>
      ))}
    </tr>
  );
}
