import { StreamError } from "./errors.js";

/**
 * Finds an ffmpeg that runs: `FFMPEG_PATH` if it is set (and then no other), the npm package `ffmpeg-static` if it
 * is installed, `ffmpeg` on the PATH.
 *
 * @returns the path or command name
 * @throws StreamError `ffmpeg-missing`
 */
export async function findFfmpeg(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  // Loaded when it is needed, as execa is: few runs need ffmpeg, and the command should start at once
  const { CompressError, findFfmpeg: find } = await import("@audio/compress");
  try {
    return await find({ environment });
  } catch (error) {
    if (!(error instanceof CompressError)) throw error;
    throw new StreamError("ffmpeg-missing", `--input needs ffmpeg: ${error.message}`, { cause: error });
  }
}
