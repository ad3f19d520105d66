import { EventEmitter } from "node:events";
import type { ConfigValues } from "./config/config-values.js";
import type { HookOptions } from "./config/hooks/hook-list.js";
import { resolveOptions } from "./config/load.js";
import { receiverSettings } from "./config/receiver-settings.js";
import type { SettingChange } from "./config/settings-change.js";
import type { WebUserOptions } from "./config/web-users.js";
import type { ReceiverEvents } from "./events.js";
import { Reloading } from "./reloading.js";
import { type Receiver, serve } from "./serve.js";

/** Settings of the program alone: a library leaves logs to who uses it. */
type ProgramSetting = "logLevel" | "logFormat" | "logFile" | "logMaxMb" | "logKeep" | "readyFile";

/** Settings as in the configuration file (docs/configuration.md); what is not given has its default. */
export type ReceiverOptions = Partial<Omit<ConfigValues, "hooks" | "webUsers" | ProgramSetting>> & {
  readonly hooks?: readonly HookOptions[];
  readonly webUsers?: readonly WebUserOptions[];
  /** Takes the events; give one with listeners to hear also of files repaired at the start. */
  readonly events?: EventEmitter<ReceiverEvents>;
};

/** A running receiver, and what it tells. */
export interface StartedReceiver extends Omit<Receiver, "change"> {
  readonly events: EventEmitter<ReceiverEvents>;
  /**
   * Takes over other options, without cutting a stream: all that can be changed while it runs, as
   * docs/configuration.md says of each. What is not given has its default, as at the start.
   * @returns what is different, and when it applies
   * @throws ReceiverError `invalid-setting`, HookError `hook-secret-missing`; then everything stays as it is
   */
  reload(options: Omit<ReceiverOptions, "events">): Promise<readonly SettingChange[]>;
}

/**
 * Starts a receiver in this process.
 * @throws ReceiverError `invalid-setting` or `cannot-listen`; ArchiveError for the data directory
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<StartedReceiver> {
  const { events = new EventEmitter<ReceiverEvents>(), ...values } = options;
  const running = resolveOptions(values);
  const receiver = await serve(receiverSettings(running), events);
  const reloading = new Reloading(running, receiver, events);
  return Object.assign(receiver, {
    events,
    reload: (wanted: Omit<ReceiverOptions, "events">) => reloading.reload(() => resolveOptions(wanted)),
  });
}
