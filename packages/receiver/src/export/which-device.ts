import type { Catalogue, DeviceSummary } from "@audio/archive";
import { ReceiverError } from "../errors.js";

const SHOWN = 5;

/**
 * The device that is meant: the one of this name, or the only one there is.
 * @param name undefined: none was given
 * @throws ReceiverError `nothing-recorded` when there is none, `invalid-setting` otherwise; both name those there are
 */
export function whichDevice(catalogue: Catalogue, name: string | undefined): DeviceSummary {
  const summaries = catalogue.devices.summaries();
  if (summaries.length === 0)
    throw new ReceiverError("nothing-recorded", "nothing is recorded in this data directory yet");
  if (name === undefined) return only(summaries);
  const found = summaries.find(({ device }) => (device ?? "") === name);
  if (found !== undefined) return found;
  throw new ReceiverError(
    "invalid-setting",
    `--device: nothing was recorded of "${name}"; ${nearest(summaries, name)}`,
  );
}

/** What a device is called in messages. */
export function nameOf(device: string | undefined): string {
  return device ?? "senders without a name";
}

function only(summaries: readonly DeviceSummary[]): DeviceSummary {
  if (summaries.length === 1) return summaries[0];
  throw new ReceiverError(
    "invalid-setting",
    `--device is missing: there are ${summaries.length} devices, such as ${shown(summaries)}`,
  );
}

function nearest(summaries: readonly DeviceSummary[], name: string): string {
  const wanted = name.toLowerCase();
  const near = summaries
    .map((summary) => ({ summary, distance: editDistance(wanted, (summary.device ?? "").toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ summary }) => summary);
  return `there is ${shown(near)}${summaries.length > SHOWN ? ` (${summaries.length} in all)` : ""}`;
}

function shown(summaries: readonly DeviceSummary[]): string {
  const names = summaries
    .slice(0, SHOWN)
    .map(({ device }) => (device === undefined ? `"" (${nameOf(device)})` : device));
  return names.join(", ");
}

/** Letters to change, add or leave out (Levenshtein), of names that have 64 characters at most. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
