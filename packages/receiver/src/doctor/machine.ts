import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { findFfmpeg } from "@audio/compress";
import { type Check, type Finding, fault, ok, warning } from "./finding.js";

// Dates before it come from boards whose clock begins anew at each start.
const EARLIEST_YEAR = 2024;
const LONGEST_ASK_MS = 5000;

export const checkNode: Check = async () => {
  const { version, platform, arch } = process;
  const found = `${version} on ${platform} ${arch}`;
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return [ok("Node", found)];
  return [fault("Node", found, "install Node 20.19 or newer")];
};

/** Whether there is an ffmpeg with the encoder that compression needs; without compression it is needed to export. */
export const checkFfmpeg: Check = async ({ settings: { compression } }) => {
  const encoder = compression?.format === "opus" ? "libopus" : "flac";
  try {
    const path = await findFfmpeg({ encoders: [encoder] });
    return [ok("ffmpeg", `${path}, with ${(await encodersOf(path, encoder)).join(" and ")}`)];
  } catch (error) {
    const { message } = error as Error;
    const mend = process.env.FFMPEG_PATH ? "correct FFMPEG_PATH, or leave it out" : "apt-get install ffmpeg";
    const advice = `${mend}; recordings stay WAV until then, and nothing is lost`;
    return [
      compression === undefined ? warning("ffmpeg", message, advice) : fault("ffmpeg", message, advice),
    ];
  }
};

/** The one that is needed, and the other if it is there too: exports may ask for it. */
async function encodersOf(path: string, needed: string): Promise<string[]> {
  const [other] = ["flac", "libopus"].filter((name) => name !== needed);
  const both = { encoders: [other], environment: { ...process.env, FFMPEG_PATH: path } };
  return findFfmpeg(both).then(
    () => [needed, other],
    () => [needed],
  );
}

export const checkClock: Check = async ({ values: { timezone } }) => {
  const now = new Date();
  // Undefined where TZ is no zone, whatever the types say: then times are in UTC.
  const zone = timezone ?? (Intl.DateTimeFormat().resolvedOptions().timeZone as string | undefined);
  const shown = new Intl.DateTimeFormat("sv", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  }).format(now);
  return [clockFinding(now, await isSynchronised()), zoneFinding(zone, timezone, shown)];
};

function clockFinding(now: Date, isSynchronised: boolean | undefined): Finding {
  if (now.getUTCFullYear() < EARLIEST_YEAR)
    return fault("clock", `it is ${now.toISOString()} here`, "set the clock: recordings are dated by it");
  if (isSynchronised === false) {
    const advice = "apt-get install systemd-timesyncd, or chrony: recordings are dated by this clock";
    return warning("clock", `${now.toISOString()}, kept right by nobody`, advice);
  }
  const how = isSynchronised ? "kept right over the network" : "whether it is kept right is not known here";
  return ok("clock", `${now.toISOString()}, ${how}`);
}

function zoneFinding(zone: string | undefined, chosen: string | undefined, shown: string): Finding {
  if (zone === undefined)
    return fault(
      "time zone",
      `TZ is ${process.env.TZ}, which is no time zone`,
      "set TZ or --timezone, as Europe/Vienna",
    );
  const found = `${zone}, where it is ${shown}`;
  if (chosen !== undefined || process.env.TZ || !/^(Etc\/)?(UTC|GMT)$/.test(zone))
    return ok("time zone", found);
  const advice = "if you live elsewhere, set --timezone (TZ): file names and dates are in it";
  return warning("time zone", `${found}, and nobody has chosen it`, advice);
}

/** Undefined where systemd does not tell. */
async function isSynchronised(): Promise<boolean | undefined> {
  const asked = promisify(execFile)("timedatectl", ["show", "--property=NTPSynchronized"], {
    timeout: LONGEST_ASK_MS,
  });
  const { stdout } = await asked.catch(() => ({ stdout: "" })); // no systemd, or none that answers
  return stdout === "" ? undefined : stdout.includes("yes");
}

/** Whether the system lets the receiver have as many files and connections open as the settings allow. */
export const checkOpenFiles: Check = async ({ settings: { maxConnections } }) => {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => ""); // Linux alone has it
  const [, allowed] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  if (allowed === undefined) return [];
  const streams = Math.floor(Number(allowed) / FILES_PER_STREAM);
  const found = `${allowed} allowed: enough for ${streams} streams at once`;
  const wanted = Math.min(maxConnections, MANY_STREAMS);
  if (streams >= wanted) return [ok("open files", found)];
  const files = wanted * FILES_PER_STREAM;
  return [warning("open files", found, `ulimit -n ${files}, or LimitNOFILE=${files} in the service`)];
};

// Its socket, the WAV, the .bin, and one that is just being finished.
const FILES_PER_STREAM = 4;
const MANY_STREAMS = 1000;
