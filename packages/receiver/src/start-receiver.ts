import { EventEmitter } from "node:events";
import type { ConfigValues } from "./config/config-values.js";
import type { HookOptions } from "./config/hooks/hook-list.js";
import { resolveOptions } from "./config/load.js";
import { receiverSettings } from "./config/receiver-settings.js";
import type { WebUserOptions } from "./config/web-users.js";
import type { ReceiverEvents } from "./events.js";
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
export interface StartedReceiver extends Receiver {
  readonly events: EventEmitter<ReceiverEvents>;
}

/**
 * Starts a receiver in this process.
 * @throws ReceiverError `invalid-setting` or `cannot-listen`; ArchiveError for the data directory
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<StartedReceiver> {
  const { events = new EventEmitter<ReceiverEvents>(), ...values } = options;
  const receiver = await serve(receiverSettings(resolveOptions(values)), events);
  return Object.assign(receiver, { events });
}
