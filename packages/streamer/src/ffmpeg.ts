import { access, constants } from "node:fs/promises";
import { createRequire } from "node:module";
import { StreamError } from "./errors.js";

/**
 * Finds an ffmpeg that runs: `FFMPEG_PATH` if it is set (and then no other), the npm package `ffmpeg-static` if it
 * is installed, `ffmpeg` on the PATH.
 *
 * @returns the path or command name
 * @throws StreamError `ffmpeg-missing`
 */
export async function findFfmpeg(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const configured = environment.FFMPEG_PATH;
  if (configured) {
    if (await runs(configured)) return configured;
    throw new StreamError("ffmpeg-missing", `FFMPEG_PATH is ${configured}, which is no ffmpeg that runs`);
  }
  for (const candidate of [await installedFfmpeg(), "ffmpeg"]) {
    if (candidate !== undefined && (await runs(candidate))) return candidate;
  }
  throw new StreamError(
    "ffmpeg-missing",
    "no ffmpeg found for --input: install it (Debian: apt install ffmpeg; or npm install ffmpeg-static) or set FFMPEG_PATH",
  );
}

/** Loaded when it is needed: it takes 70 ms, a third of the command's start, and few runs need ffmpeg. */
export async function loadExeca(): Promise<typeof import("execa").execa> {
  const { execa } = await import("execa");
  return execa;
}

async function runs(command: string): Promise<boolean> {
  const execa = await loadExeca();
  const { exitCode } = await execa(command, ["-version"], {
    reject: false,
    stdin: "ignore",
    timeout: 10_000,
  });
  return exitCode === 0;
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
