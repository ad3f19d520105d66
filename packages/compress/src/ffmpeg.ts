import { access, constants } from "node:fs/promises";
import { createRequire } from "node:module";
import { CompressError } from "./errors.js";

/** What `findFfmpeg` looks for, and where. */
export interface FindFfmpegOptions {
  /** Default: the process's. `FFMPEG_PATH` and `PATH` count. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Encoders that it must have, by ffmpeg's names, such as `flac` and `libopus`; default: none. */
  readonly encoders?: readonly string[];
}

/**
 * Finds an ffmpeg that runs and has the encoders: `FFMPEG_PATH` if it is set (and then no other), the npm package
 * `ffmpeg-static` if it is installed, `ffmpeg` on the PATH.
 *
 * @returns the path or command name
 * @throws CompressError `ffmpeg-missing`, with what was found in each place
 */
export async function findFfmpeg(options: FindFfmpegOptions = {}): Promise<string> {
  const { environment = process.env, encoders = [] } = options;
  const configured = environment.FFMPEG_PATH;
  const candidates = configured ? [configured] : [await installedFfmpeg(), "ffmpeg"];
  const faults: string[] = [];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const fault = await faultOf(candidate, encoders, environment);
    if (fault === undefined) return candidate;
    faults.push(`${candidate} ${fault}`);
  }
  if (configured) throw new CompressError("ffmpeg-missing", `FFMPEG_PATH: ${faults[0]}`);
  throw new CompressError(
    "ffmpeg-missing",
    `no ffmpeg found (${faults.join(", ")}): install it (Debian: apt install ffmpeg; or npm install ffmpeg-static) or set FFMPEG_PATH`,
  );
}

async function faultOf(
  command: string,
  encoders: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { execa } = await import("execa"); // 70 ms that only those pay who run ffmpeg
  const { exitCode, stdout } = await execa(command, ["-hide_banner", "-encoders"], {
    reject: false,
    stdin: "ignore",
    stderr: "ignore",
    timeout: 10_000,
    env: environment,
    extendEnv: false,
    maxBuffer: 1_000_000,
  });
  if (exitCode !== 0) return "is no ffmpeg that runs";
  const missing = encoders.filter((name) => !new RegExp(`^ A\\S* ${name} `, "m").test(stdout));
  return missing.length === 0 ? undefined : `has no encoder ${missing.join(" and ")}`;
}

/** The optional package's binary; with install scripts disabled its path names a file that does not exist. */
async function installedFfmpeg(): Promise<string | undefined> {
  try {
    const path: unknown = createRequire(import.meta.url)("ffmpeg-static");
    if (typeof path !== "string") return undefined;
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const absent = ["MODULE_NOT_FOUND", "ENOENT", "EACCES"];
  return error instanceof Error && "code" in error && absent.includes(String(error.code));
}
