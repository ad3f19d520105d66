import { spawnSync } from "node:child_process";

function run(program: string, args: readonly string[], input?: Uint8Array): Buffer {
  const { error, status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1 << 28 });
  if (error !== undefined) {
    throw new Error(
      `${program} did not run (${error.message}): these tests compare with it; install Debian's package ffmpeg`,
    );
  }
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit ${status}: ${stderr}`);
  return stdout;
}

/** What ffmpeg writes to stdout. */
export function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  return run("ffmpeg", ["-hide_banner", "-nostdin", "-v", "error", ...args], input);
}

export interface Probe {
  streams: {
    codec_name: string;
    sample_rate: string;
    channels: number;
    duration_ts: number;
    bits_per_sample: number;
  }[];
  format: { duration: string; tags?: Record<string, string> };
}

export function ffprobe(path: string): Probe {
  const json = run("ffprobe", ["-v", "error", "-of", "json", "-show_format", "-show_streams", path]);
  return JSON.parse(json.toString()) as Probe;
}
