import { spawnSync } from "node:child_process";

function run(program: string, args: readonly string[]): Buffer {
  const { error, status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 1 << 28 });
  if (error !== undefined) {
    throw new Error(`${program} did not run (${error.message}): these tests need Debian's package ffmpeg`);
  }
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit ${status}: ${stderr}`);
  return stdout;
}

/** What ffmpeg decodes a WAV to: s16le, s24le or s32le. Any complaint of it fails. */
export function decodedByFfmpeg(path: string, bitsPerSample: 16 | 24 | 32 = 16): Buffer {
  const to = [`-c:a`, `pcm_s${bitsPerSample}le`, "-f", `s${bitsPerSample}le`, "-"];
  return run("ffmpeg", ["-nostdin", "-v", "error", "-xerror", "-f", "wav", "-i", path, ...to]);
}

export interface Probe {
  readonly streams: readonly {
    readonly codec_name: string;
    readonly sample_rate: string;
    readonly channels: number;
    readonly bits_per_sample: number;
    readonly duration_ts: number;
  }[];
  readonly format: { readonly tags?: Readonly<Record<string, string>> };
}

/** What ffprobe finds in a WAV. */
export function probed(path: string): Probe {
  const shown = ["-of", "json", "-show_format", "-show_streams", "-f", "wav", path];
  return JSON.parse(run("ffprobe", ["-v", "error", ...shown]).toString()) as Probe;
}
