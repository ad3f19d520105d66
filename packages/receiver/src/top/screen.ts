import type { DeviceNow, LiveStream, Now } from "@audio/api";
import { bytesInWords, count, table } from "../commands/in-words.js";
import { shownDuration } from "../shown-time.js";

/** Room on the terminal. */
export interface ScreenSize {
  readonly rows: number;
  readonly columns: number;
}

const ORDER: readonly DeviceNow["state"][] = ["not-recorded", "silent", "recording", "offline"];
const HEADER = ["device", "state", "codec", "rate", "level", "", "lost", "drift", "heard until"];
const HEADER_LINES = 4;

/** What stands on the screen: how all is, then a line for each stream, what needs a look first. */
export function screenOf(now: Now, { rows, columns }: ScreenSize): string {
  const lines = devicesOf(now).flatMap((device) => linesOf(device, now.nowUs));
  const room = Math.max(1, rows - HEADER_LINES - 2);
  const shown = table([HEADER, ...lines.slice(0, room)])
    .trimEnd()
    .split("\n");
  const more = lines.length > room ? [`… and ${lines.length - room} more: a higher window shows them`] : [];
  const all = [...headOf(now), "", ...shown, ...more];
  return all.map((line) => [...line].slice(0, columns).join("")).join("\n");
}

function devicesOf({ devices }: Now): DeviceNow[] {
  const rank = ({ state }: DeviceNow) => ORDER.indexOf(state);
  return [...devices].sort((a, b) => rank(a) - rank(b) || a.device.localeCompare(b.device));
}

function headOf({ devices, disk, queues, readiness }: Now): string[] {
  const states = ORDER.map(
    (state) => [state, devices.filter((device) => device.state === state).length] as const,
  );
  const inState = states.filter(([, many]) => many > 0).map(([state, many]) => `${many} ${state}`);
  const head = readiness.status === "ok" ? "records" : `DOES NOT RECORD: ${readiness.reasons.join(", ")}`;
  return [
    `${head} · ${count(devices.length, "device")}: ${inState.join(", ") || "none yet"}`,
    diskLine(disk),
    queueLine(queues),
  ];
}

function diskLine({ freeBytes, totalBytes, bytesPerSecond, hoursLeft, trouble }: Now["disk"]): string {
  if (freeBytes === null || totalBytes === null) return `disk   ${trouble ?? "does not answer"}`;
  const left = hoursLeft === null ? "" : `, ${shownDuration(hoursLeft * 3600e6)} left`;
  return `disk   ${bytesInWords(freeBytes)} of ${bytesInWords(totalBytes)} free, ${bytesInWords(bytesPerSecond)}/s${left}`;
}

function queueLine(queues: Now["queues"]): string {
  const busy = queues.filter(
    ({ waiting, running, failing, givenUp }) => waiting + running + failing + givenUp > 0,
  );
  const inWords = busy.map(({ step, waiting, running, givenUp, isWaiting }) =>
    [`${step} ${waiting + running}`, isWaiting ? "held up" : "", givenUp > 0 ? `${givenUp} given up` : ""]
      .filter((word) => word !== "")
      .join(", "),
  );
  return `queues ${inWords.join(" · ") || "empty"}`;
}

function linesOf({ device, state, why, lastUs, streams }: DeviceNow, nowUs: number): string[][] {
  const told = why === null ? state : `${state}: ${why}`;
  if (streams.length === 0) return [[device, told, "", "", "", "", "", "", ago(lastUs, nowUs)]];
  return streams.map((stream) => [device, told, ...streamCells(stream), ago(stream.endUs, nowUs)]);
}

function streamCells({ codec, sampleRate, channels, level, lostFrames, driftPpm }: LiveStream): string[] {
  const format = `${sampleRate / 1000} kHz${channels === 1 ? "" : ` ×${channels}`}`;
  const peak = level === null ? "" : `${level.peakDbfs.toFixed(1)} dBFS`;
  const drift = driftPpm === null ? "" : `${driftPpm.toFixed(0)} ppm`;
  return [codec, format, level === null ? "" : bar(level.rmsDbfs), peak, `${lostFrames || ""}`, drift];
}

const BAR_CELLS = 12;
const QUIETEST_DBFS = -72;

/** A level as a bar: full at 0 dBFS, empty at −72. */
function bar(dbfs: number): string {
  const share = Math.max(0, Math.min(1, 1 - dbfs / QUIETEST_DBFS));
  const full = Math.round(share * BAR_CELLS);
  return "█".repeat(full) + "░".repeat(BAR_CELLS - full);
}

function ago(us: number | null, nowUs: number): string {
  if (us === null) return "never";
  const seconds = Math.max(0, Math.round((nowUs - us) / 1e6));
  return seconds < 2 ? "now" : `${shownDuration(seconds * 1e6)} ago`;
}
