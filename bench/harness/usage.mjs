import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: Linux reports /proc/<pid>/stat times in 10 ms ticks on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU seconds (user and system) that a process has used so far, all threads together.
 *
 * schedstat is exact to the nanosecond but forgets threads that have ended; stat remembers them, to 10 ms.
 * Of two readings of the same quantity that can only miss something, the larger one is right.
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  return Math.max(liveThreadSeconds(pid), accountedSeconds(pid));
}

/** @param {number} pid */
function liveThreadSeconds(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
  }
  return nanoseconds / 1e9;
}

/** @param {number} pid */
function accountedSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The second field is the program's name in parentheses and may hold spaces: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/**
 * Resident memory of a process in bytes: now, and the most it ever was.
 * @param {number} pid
 */
export function residentMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const kilobytes = (/** @type {string} */ field) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { now: kilobytes("VmRSS") * 1024, peak: kilobytes("VmHWM") * 1024 };
}
