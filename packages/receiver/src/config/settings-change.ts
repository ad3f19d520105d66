import { isDeepStrictEqual } from "node:util";
import { ReceiverError } from "../errors.js";
import type { ConfigValues } from "./config-values.js";
import { receiverSettings } from "./receiver-settings.js";
import type { Applies, Setting } from "./setting-kinds.js";
import { SETTINGS } from "./settings-table.js";
import { shownValue } from "./shown-value.js";

/** A setting that was changed while the receiver runs. */
export interface SettingChange {
  readonly key: string;
  /** Before and after, for people: without secrets. */
  readonly from: unknown;
  readonly to: unknown;
  /** Whether it is in effect, and for whom; `restart`: it is not, until the receiver is started anew. */
  readonly applies: Applies;
}

/** What differs between the settings in effect and those that are wanted, and what will be in effect. */
export interface Changeover {
  readonly changes: readonly SettingChange[];
  /** The wanted values of what can be changed now, and the running ones of all else. */
  readonly values: ConfigValues;
}

/**
 * What becomes of a receiver that runs with some values and is to run with others.
 * @throws ReceiverError `invalid-setting` for values that contradict each other, or those that stay until a restart
 */
export function changeover(running: ConfigValues, wanted: ConfigValues): Changeover {
  receiverSettings(wanted); // what the next start would refuse is refused now
  const changed = SETTINGS.filter(
    ({ key }) => !isDeepStrictEqual(valueIn(running, key), valueIn(wanted, key)),
  );
  const live = changed.filter(({ applies }) => applies !== "restart");
  const values = { ...running, ...Object.fromEntries(live.map(({ key }) => [key, valueIn(wanted, key)])) };
  const waiting = changed.filter((setting) => !live.includes(setting)).map(({ key }) => key);
  requireAgreement(values, waiting);
  return { changes: changed.map((setting) => changeOf(setting, running, wanted)), values };
}

function requireAgreement(values: ConfigValues, waiting: readonly string[]): void {
  try {
    receiverSettings(values);
  } catch (error) {
    if (!(error instanceof ReceiverError)) throw error;
    const until = `${waiting.join(", ")} cannot be changed without a restart, and until then: ${error.message}`;
    throw new ReceiverError("invalid-setting", until);
  }
}

function changeOf(setting: Setting, running: ConfigValues, wanted: ConfigValues): SettingChange {
  const { key, applies } = setting;
  const [from, to] = [running, wanted].map((values) => shownValue(setting, valueIn(values, key)));
  return { key, from, to, applies };
}

function valueIn(values: ConfigValues, key: string): unknown {
  return (values as unknown as Readonly<Record<string, unknown>>)[key];
}
