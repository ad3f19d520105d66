import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What ffmpeg decodes a file to, as interleaved 16-bit samples.
 *
 * @throws {Error} if ffmpeg is not installed: a test that needs it then fails, it is not left out
 */
export function decodeWithFfmpeg(name: string, file: Uint8Array): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), "ima-adpcm-"));
  try {
    writeFileSync(join(folder, name), file);
    return samplesFrom(join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function samplesFrom(path: string): Int16Array {
  const args = ["-v", "error", "-i", path, "-f", "s16le", "-c:a", "pcm_s16le", "-"];
  const { error, status, stdout, stderr } = spawnSync("ffmpeg", args, { maxBuffer: 1 << 26 });
  if (error !== undefined) {
    throw new Error(`this test needs ffmpeg on the PATH (Debian: apt-get install ffmpeg): ${error.message}`);
  }
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}: ${stderr.toString()}`);
  return new Int16Array(new Uint8Array(stdout).buffer);
}
