import { randomUUID } from "node:crypto";
import type { EventEmitter } from "node:events";
import type { Archive } from "@audio/archive";
import {
  checkSecrets,
  type KeeperEvent,
  type KeeperSettings,
  type KeeperThread,
  startKeeper,
} from "@audio/keeper";
import type { ReceiverEvents } from "./events.js";
import type { ReceiverSettings } from "./settings.js";

type HookEvent = Extract<KeeperEvent, { type: "hook" }>["event"];
type Listeners = { [Name in keyof ReceiverEvents]?: (...event: ReceiverEvents[Name]) => void };

/** The keeper, as the receiver has it. */
export interface OpenKeeper extends Omit<KeeperThread, "change"> {
  /** From now on these settings hold. */
  change(settings: ReceiverSettings): void;
}

/**
 * Starts the keeper, if there is to be one, and lets it hear what the recorder tells, until it is closed.
 * @throws HookError `hook-secret-missing`
 */
export function openKeeper(
  settings: ReceiverSettings,
  { dataDir, disk }: Archive,
  events: EventEmitter<ReceiverEvents>,
): OpenKeeper | undefined {
  if (!settings.catalogue) return undefined;
  checkSecrets(settings.hooks, process.env);
  const place = { dataDir, run: randomUUID() };
  const thread = startKeeper({
    settings: keeperSettings(settings, place),
    onNote: (note) => events.emit("keeper", note),
  });
  const listeners = listenersOf((event) => thread.tell(event), disk);
  const each = Object.entries(listeners) as [keyof ReceiverEvents, () => void][];
  for (const [name, listener] of each) events.on(name, listener);
  return {
    tell: (event) => thread.tell(event),
    get untaken() {
      return thread.untaken;
    },
    status: () => thread.status(),
    loss: (selection) => thread.loss(selection),
    remove: (request) => thread.remove(request),
    change: (now) => thread.change(keeperSettings(now, place)),
    close() {
      for (const [name, listener] of each) events.off(name, listener);
      return thread.close();
    },
  };
}

function keeperSettings(
  { timezone, paths, compression, upload, retention, minFreeBytes, hooks, soundEvents }: ReceiverSettings,
  place: Pick<KeeperSettings, "dataDir" | "run">,
): KeeperSettings {
  return { ...place, timezone, paths, compression, upload, retention, minFreeBytes, hooks, soundEvents };
}

function listenersOf(tell: (event: KeeperEvent) => void, disk: Archive["disk"]): Listeners {
  const hook = (event: HookEvent) => tell({ type: "hook", event });
  const nowUs = () => Date.now() * 1000;
  return {
    "segment:complete": (segment) => tell({ type: "segment", segment }),
    recovered: () => tell({ type: "look" }),
    "stream:open": ({ stream, codec }) => hook({ event: "stream:open", atUs: nowUs(), stream, codec }),
    "stream:close": ({ stream, cause, detail, status: { samples, lostFrames } }) =>
      hook({ event: "stream:close", atUs: nowUs(), stream, cause, detail, samples, lostFrames }),
    gap: ({ stream, ...gap }) => hook({ event: "gap", stream, gap }),
    disk({ trouble, detail }) {
      if (trouble === undefined) return;
      const freeBytes = trouble === "disk-full" ? disk.freeBytes : undefined; // of one that is gone nobody knows
      const hoursLeft = trouble === "disk-full" ? 0 : undefined;
      hook({ event: "disk:low", atUs: nowUs(), trouble, detail, freeBytes, hoursLeft });
    },
  };
}
