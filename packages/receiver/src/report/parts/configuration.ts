import type { Hook } from "@audio/keeper/settings";
import { hooksWithoutSecrets } from "../../config/hooks/hook-list.js";
import type { ConfigEntry } from "../../config/load.js";
import { SETTINGS } from "../../config/settings-table.js";
import { shownValue } from "../../config/shown-value.js";
import type { Facts } from "../part.js";
import { MASK } from "../scrubber.js";
import type { Subject } from "../subject.js";

/** What is not as it is by default, and where it comes from. */
export function askConfiguration({ entries, configFault }: Subject): Facts[] {
  if (configFault !== undefined)
    throw new Error(`${configFault} (what follows is looked at without the file, or with the defaults)`);
  const changed = entries.filter(({ source }) => source !== "default");
  return changed.map((entry) => {
    const { key, source } = entry;
    return { key, source, value: JSON.stringify(shown(entry)) ?? "-" };
  });
}

function shown({ key, value }: ConfigEntry): unknown {
  if (key === "hooks") return hooksInReport(value as readonly Hook[]);
  const setting = SETTINGS.find((one) => one.key === key);
  return setting === undefined ? MASK : shownValue(setting, value);
}

// Arguments of a command may hold anything.
function hooksInReport(hooks: readonly Hook[]): unknown {
  return hooks.map((hook) => {
    if (hook.kind === "webhook") return (hooksWithoutSecrets([hook]) as unknown[])[0];
    const [program, ...rest] = hook.command;
    return { ...hook, command: [program, `(${rest.length} arguments)`] };
  });
}
