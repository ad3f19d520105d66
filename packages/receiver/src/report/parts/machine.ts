import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, freemem, loadavg, release, totalmem, type, uptime } from "node:os";
import { promisify } from "node:util";
import { findFfmpeg } from "@audio/compress";
import { bytesInWords } from "../../commands/in-words.js";
import { shownDuration } from "../../shown-time.js";
import { VERSION } from "../../software.js";
import type { Facts } from "../part.js";

const LONGEST_ASK_MS = 5000;

/** What runs here, and on what. */
export async function askMachine(): Promise<Facts> {
  const { node, openssl = "unknown" } = process.versions;
  const [{ model = "unknown" } = {}] = cpus();
  return {
    "audio-receiver": VERSION,
    node: `${node}, OpenSSL ${openssl}`,
    system: `${await distribution()}, ${type()} ${release()}, ${process.arch}`,
    processors: `${availableParallelism()} × ${model.trim()}, load ${loadavg()
      .map((load) => load.toFixed(2))
      .join(" ")}`,
    memory: `${bytesInWords(freemem())} of ${bytesInWords(totalmem())} free`,
    "up for": shownDuration(uptime() * 1e6),
    ...variables(),
  };
}

/** The ffmpeg that compression and exports would take, and its codecs. */
export async function askFfmpeg(): Promise<Facts> {
  const path = await findFfmpeg();
  const [version, encoders] = await Promise.all([output(path, "-version"), output(path, "-encoders")]);
  const has = ["flac", "libopus"].filter((name) => new RegExp(`^ A\\S* ${name} `, "m").test(encoders));
  return { path, version: version.split("\n")[0], encoders: has.join(", ") || "neither flac nor libopus" };
}

async function distribution(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => ""); // Linux alone has it
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(text)?.[1] ?? process.platform;
}

// They change how Node, ffmpeg and times behave.
const VARIABLES = ["NODE_OPTIONS", "UV_THREADPOOL_SIZE", "TZ", "LANG", "FFMPEG_PATH", "container"];

function variables(): Facts {
  return Object.fromEntries(
    VARIABLES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
}

async function output(command: string, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ["-hide_banner", ...words], {
    timeout: LONGEST_ASK_MS,
  });
  return stdout;
}
