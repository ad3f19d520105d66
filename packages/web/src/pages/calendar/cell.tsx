import type { Day } from "@audio/api";
import { countOf, dbfsOf, durationOf } from "../../parts/words.js";
import { linkTo } from "../../shell/router.js";
import { dateName, hoursText, shadeOf } from "./month.js";

interface DayCellProps {
  readonly date: string;
  readonly day: Day | undefined;
  /** Names of devices to be shown; empty = all. */
  readonly devices: readonly string[];
  /** Whose day it is, for who does not see it. */
  readonly title: string;
  /** What stands behind the hours, where there is room. */
  readonly unit?: string;
  readonly grid: { readonly "data-cell": string; readonly tabIndex: number; readonly onFocus: () => void };
}

/** A day: as dark as there are hours, with a dot where sounds were heard. */
export function DayCell({ date, day, devices, title, unit = "", grid }: DayCellProps) {
  const query = new URLSearchParams(devices.map((device) => ["device", device])).toString();
  const about = day === undefined ? "nothing recorded" : aboutOf(day);
  return (
    <a
      class={`calendar-day calendar-shade-${day === undefined ? 0 : shadeOf(day)}`}
      href={linkTo(`/date/${date}${query === "" ? "" : `?${query}`}`)}
      title={about}
      {...grid}
    >
      <span class="unseen">
        {title}, {dateName(date)}: {about}
      </span>
      <span aria-hidden="true">{day === undefined ? "" : hoursText(day.recordedUs) + unit}</span>
      {day !== undefined && day.sounds > 0 && <span class="calendar-dot" />}
    </a>
  );
}

function aboutOf({ recordedUs, sounds, peakDbfs }: Day): string {
  const loud = peakDbfs === null ? "" : `, peak ${dbfsOf(peakDbfs)}`;
  return `${durationOf(recordedUs)} recorded, ${countOf(sounds, "sound event")}${loud}`;
}
