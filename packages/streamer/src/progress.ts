import { MultiBar, Presets, type SingleBar } from "cli-progress";
import { STREAM_STATES, type StreamProgress } from "./options.js";
import { formatBytes } from "./summary.js";

/** Shows on a terminal how far the streams are. */
export interface ProgressDisplay {
  update(streams: readonly StreamProgress[]): void;
  /** Leaves the last state on the screen and the cursor below it. */
  stop(): void;
}

/** A bar per stream up to this many, one for all beyond. */
const SEPARATE_BARS = 5;

/** Seconds of audio that the server has not on disk are shown from here on; some there always are. */
const SHOWN_BACKLOG_SECONDS = 10;

/** One line of the display. */
export interface ProgressRow {
  readonly label: string;
  readonly seconds: number;
  /** `undefined`: no end is known, so there is no bar. */
  readonly totalSeconds: number | undefined;
  readonly text: string;
}

/** The rows that show these streams. */
export function progressRows(streams: readonly StreamProgress[]): ProgressRow[] {
  if (streams.length > SEPARATE_BARS) return [rowOfAll(streams)];
  return streams.map(({ streamId, state, seconds, totalSeconds, bytes, unacknowledgedSeconds }) => ({
    label: `stream ${streamId}`,
    seconds,
    totalSeconds,
    text: [formatBytes(bytes), nameOf(state), ...backlog(unacknowledgedSeconds)].join(", "),
  }));
}

function nameOf(state: StreamProgress["state"]): string {
  return state === "waiting" ? "waiting for the server's disk" : state;
}

function backlog(seconds: number): string[] {
  return seconds < SHOWN_BACKLOG_SECONDS ? [] : [`${seconds.toFixed(0)} s not acknowledged`];
}

function rowOfAll(streams: readonly StreamProgress[]): ProgressRow {
  const sum = (pick: (stream: StreamProgress) => number) =>
    streams.reduce((total, stream) => total + pick(stream), 0);
  const endless = streams.some(({ totalSeconds }) => totalSeconds === undefined);
  const states = STREAM_STATES.map((state) => ({
    state,
    count: streams.filter((stream) => stream.state === state).length,
  })).filter(({ count }) => count > 0);
  return {
    label: `${streams.length} streams`,
    seconds: sum(({ seconds }) => seconds),
    totalSeconds: endless ? undefined : sum(({ totalSeconds = 0 }) => totalSeconds),
    text: [
      formatBytes(sum(({ bytes }) => bytes)),
      ...states.map(({ state, count }) => `${count} ${nameOf(state)}`),
      ...backlog(sum(({ unacknowledgedSeconds }) => unacknowledgedSeconds)),
    ].join(", "),
  };
}

const BAR = "{label} {bar} {percentage}% | {time} s | {text}";
const NO_BAR = "{label} | {time} s | {text}";

/** Bars on standard error, which must be a terminal. */
export function showProgress(): ProgressDisplay {
  const bars: SingleBar[] = [];
  const screen = new MultiBar({ hideCursor: true, barsize: 30, format: BAR }, Presets.shades_grey);
  const add = ({ totalSeconds }: ProgressRow) => {
    const format = totalSeconds === undefined ? NO_BAR : BAR;
    return screen.create(totalSeconds ?? 1, 0, {}, { format });
  };
  return {
    update(streams) {
      progressRows(streams).forEach((row, index) => {
        bars[index] ??= add(row);
        const { label, seconds, totalSeconds, text } = row;
        bars[index].update(totalSeconds === undefined ? 0 : seconds, {
          label,
          time: seconds.toFixed(1),
          text,
        });
      });
    },
    stop: () => screen.stop(),
  };
}
