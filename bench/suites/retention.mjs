import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import path from "node:path";
import { runInRealTime } from "../harness/runs.mjs";
import { FRAME_BYTES, FRAME_SAMPLES } from "../load/frames.mjs";
import { receiver } from "../peers.mjs";

const DISK_MB = 1500;
const KEEP_FREE_MB = 600;
const MIN_FREE_MB = 50;
const SAMPLE_MS = 50;
const RAMP_SECONDS = 10;

/**
 * 1000 devices fill a small disk several times over while retention keeps room on it. The disk is a tmpfs, so this
 * needs root.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function retention(options) {
  const share = options.quick ? 5 : 1;
  const streams = 1000 / share;
  const keepFree = KEEP_FREE_MB / share;
  const seconds = options.seconds ?? (options.quick ? 60 : 120);
  const disk = path.join(options.directory, "disk");
  mkdirSync(disk, { recursive: true });
  run("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB / share}m`, "tmpfs", disk]);
  /** @type {number[]} */
  const free = [];
  const timer = setInterval(() => free.push(freeMegabytes(disk)), SAMPLE_MS);
  try {
    const load = { streams, seconds, ramp: options.quick ? 2 : RAMP_SECONDS };
    const result = await runInRealTime(keeping(keepFree), disk, load, (running, end) =>
      end === "end" ? findings(running.directory) : undefined,
    );
    return describe({ streams, seconds, keepFree, free, result });
  } finally {
    clearInterval(timer);
    run("umount", ["--lazy", disk]);
  }
}

/** @param {number} keepFreeMb */
function keeping(keepFreeMb) {
  const peer = receiver("ws");
  const flags = [
    `--min-free-mb=${MIN_FREE_MB}`,
    `--retention-keep-free-mb=${keepFreeMb}`,
    "--log-format=json",
  ];
  /** @param {import("../harness/peer.mjs").Place} place */
  const command = (place) => [...peer.command(place), ...flags];
  return { ...peer, command };
}

/**
 * What the receiver has said and noted by the end.
 * @param {string} directory
 */
function findings(directory) {
  const log = readFileSync(path.join(directory, "log"), "utf8");
  const ledger = path.join(directory, "recordings", "gaps");
  const gaps = existsSync(ledger)
    ? readdirSync(ledger).map((name) => readFileSync(path.join(ledger, name), "utf8"))
    : [];
  return {
    stops: log.split("recording stopped").length - 1,
    full: gaps.join("").split('"disk-full"').length - 1,
  };
}

/** @param {{ streams: number, seconds: number, keepFree: number, free: number[], result: import("../harness/runs.mjs").RealTimeRun<ReturnType<typeof findings> | undefined> }} measured */
function describe({ streams, seconds, keepFree, free, result }) {
  const writtenMb = (result.frames * (FRAME_SAMPLES * 2 + FRAME_BYTES)) / 1e6;
  const { stops = 0, full = 0 } = result.end ?? {};
  const leftMb = Object.values(result.recorded).reduce((sum, bytes) => sum + bytes, 0) / 1e6;
  const least = Math.min(...free);
  return (
    `### Retention: ${streams} streams for ${seconds} s on a disk of ${Math.round(free[0])} MB\n\n` +
    `Written: ${Math.round(writtenMb)} MB, ${Math.round(writtenMb / result.seconds)} MB/s. To be kept free: ${keepFree} MB; ` +
    `least free: ${Math.round(least)} MB. Left: ${Math.round(leftMb)} MB. ` +
    `Times that recording stopped: ${stops}; gaps for lack of space: ${full}.\n`
  );
}

/** @param {string} folder */
function freeMegabytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1e6;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args);
  if (status !== 0)
    throw new Error(
      `${command}: ${error?.message ?? stderr.toString().trim()}: the disk of this suite needs root`,
    );
}
