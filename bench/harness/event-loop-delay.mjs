// Loaded into a Node process by `--import`: measures how late its event loop runs timers. On SIGUSR2 the
// figures since the last SIGUSR2 are written to $EVENT_LOOP_DELAY_FILE (milliseconds) and start anew.
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** The histogram holds the time between two firings of a timer of this period: the delay is what is above it. */
const PERIOD_MS = 5;

const file = process.env.EVENT_LOOP_DELAY_FILE ?? "";
const histogram = monitorEventLoopDelay({ resolution: PERIOD_MS });
const milliseconds = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - PERIOD_MS);

histogram.enable();
process.on("SIGUSR2", () => {
  const figures = {
    p50: milliseconds(histogram.percentile(50)),
    p99: milliseconds(histogram.percentile(99)),
    max: milliseconds(histogram.max),
  };
  histogram.reset();
  writeFileSync(`${file}.new`, JSON.stringify(figures));
  renameSync(`${file}.new`, file);
});
