import type { EventEmitter } from "node:events";
import { type Logger, levels } from "pino";
import { withoutSecrets } from "./access/token.js";
import type { SettingChange } from "./config/settings-change.js";
import type { ReceiverEvents, SettingsRead } from "./events.js";

/** Lines about settings that were read again; a new log level is `loggers`' from then on. */
export function logSettings(
  events: EventEmitter<ReceiverEvents>,
  log: Logger,
  loggers: readonly Logger[],
): void {
  events.on("settings", (read) => {
    const level = read.changes.find(({ key }) => key === "logLevel")?.to as string | undefined;
    const setLevel = () => {
      for (const each of loggers) each.level = level ?? each.level;
    };
    // The lines are to be seen with the one and with the other.
    const isQuieter =
      level !== undefined && (levels.values[level] ?? Number.POSITIVE_INFINITY) > log.levelVal;
    if (!isQuieter) setLevel();
    tell(read, log);
    setLevel();
  });
}

const APPLIED = {
  now: "applied",
  "new-streams": "applied to streams that begin from now on",
  restart: "needs a restart",
} as const;

function tell({ changes, fault }: SettingsRead, log: Logger): void {
  if (fault !== undefined) return log.error(`settings cannot be used, and all stay as they are: ${fault}`);
  for (const change of changes)
    log[change.applies === "restart" ? "warn" : "info"](`${APPLIED[change.applies]}: ${lineOf(change)}`);
  log.info(summaryOf(changes));
}

function summaryOf(changes: readonly SettingChange[]): string {
  if (changes.length === 0) return "settings read again: nothing is different";
  const waiting = changes.filter(({ applies }) => applies === "restart").length;
  const applied = `settings read again: ${changes.length - waiting} applied`;
  return waiting === 0 ? applied : `${applied}, ${waiting} ${waiting === 1 ? "needs" : "need"} a restart`;
}

function lineOf({ key, from, to }: SettingChange): string {
  return withoutSecrets(`${key} ${shown(from)} → ${shown(to)}`);
}

const LONGEST_SHOWN = 200;

function shown(value: unknown): string {
  if (value === undefined) return "not set";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
