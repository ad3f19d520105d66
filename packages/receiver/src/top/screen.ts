import type { DeviceNow, LiveStream, Now } from "@audio/api";
import { bytesInWords, count, table } from "../commands/in-words.js";
import { shownDuration } from "../shown-time.js";

/** Room on the terminal. */
export interface ScreenSize {
  readonly rows: number;
  readonly columns: number;
}

const ORDER: readonly DeviceNow["state"][] = ["not-recorded", "silent", "recording", "offline"];
const HEADER = ["device", "state", "codec", "rate", "level", "peak", "lost", "drift", "heard until"];
// Where the window is narrow, what is needed least goes first.
const EXPENDABLE = ["codec", "level", "drift", "rate", "peak"];
const LONGEST_NAME = 32;
const LONGEST_STATE = 48;
const HEADER_LINES = 4;

/**
 * What stands on the screen: how all is, then a line for each stream, what needs a look first.
 * @param first line that is shown; those before it are scrolled away
 */
export function screenOf(now: Now, { rows, columns }: ScreenSize, first = 0): string {
  const lines = linesOf(now);
  const room = roomIn(rows);
  const shown = fitting([HEADER, ...lines.slice(first, first + room)], columns);
  const [above, below] = [Math.min(first, lines.length), Math.max(0, lines.length - first - room)];
  const hidden = [above > 0 ? `↑ ${above} more` : "", below > 0 ? `↓ ${below} more` : ""].filter(
    (text) => text !== "",
  );
  const all = [...headOf(now), "", ...shown, ...(hidden.length > 0 ? [hidden.join("   ")] : [])];
  return all.map((line) => [...line].slice(0, columns).join("")).join("\n");
}

/** The first line, when the last one is in sight. */
export function lastFirstLine(now: Now, { rows }: ScreenSize): number {
  return Math.max(0, linesOf(now).length - roomIn(rows));
}

function roomIn(rows: number): number {
  return Math.max(1, rows - HEADER_LINES - 2);
}

function linesOf(now: Now): string[][] {
  return devicesOf(now).flatMap((device) => linesOfDevice(device, now.nowUs));
}

/** The table with as many of its columns as fit. */
function fitting(rows: readonly (readonly string[])[], columns: number): string[] {
  const left = new Set(HEADER);
  const cut = () => rows.map((row) => row.filter((_, i) => left.has(HEADER[i])));
  const lines = () => table(cut()).trimEnd().split("\n");
  for (const name of EXPENDABLE) {
    if (lines().every((line) => [...line].length <= columns)) break;
    left.delete(name);
  }
  return lines();
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

function linesOfDevice({ device, state, why, lastUs, streams }: DeviceNow, nowUs: number): string[][] {
  const told = shortened(why === null ? state : `${state}: ${why}`, LONGEST_STATE);
  const name = shortened(device, LONGEST_NAME);
  if (streams.length === 0) return [[name, told, "", "", "", "", "", "", ago(lastUs, nowUs)]];
  return streams.map((stream) => [name, told, ...streamCells(stream), ago(stream.endUs, nowUs)]);
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
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
