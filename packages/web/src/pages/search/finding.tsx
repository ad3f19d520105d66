import type { Finding } from "@audio/api";
import { dayOf, exactOf, momentPath } from "../../parts/zoned.js";
import { nameOf } from "../../server/devices.js";
import { zone } from "../../server/info.js";
import { linkTo } from "../../shell/router.js";
import { midnight } from "../day/time/local-day.js";

/** One thing that was found: a link to where it is heard. */
export function FindingRow({ finding }: { readonly finding: Finding }) {
  const { kind, device, title, fromUs } = finding;
  const name = kind === "date" ? dateName(finding) : title;
  return (
    <li>
      <a href={linkTo(pathOf(finding))}>{name}</a>
      {device !== null && kind !== "device" && <span>{nameOf(device)}</span>}
      {fromUs !== null && kind !== "date" && (
        <span class="faint">{exactOf(fromUs, zone.value, "second")}</span>
      )}
    </li>
  );
}

function dateName({ date, title }: Finding): string {
  return date === null ? title : dayOf(midnight(date), "UTC");
}

function pathOf({ kind, device, fromUs, date }: Finding): string {
  const devices = device === null ? [] : [device];
  if (kind === "device" && device !== null && fromUs === null)
    return `/devices/${encodeURIComponent(device)}`;
  if (kind !== "date" && fromUs !== null) return momentPath(fromUs, zone.value, devices);
  return date === null ? "/calendar" : `/date/${date}`;
}
