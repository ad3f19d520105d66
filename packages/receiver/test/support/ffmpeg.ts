import { execFile } from "node:child_process";

// Not execFileSync: the receiver under test lives in this process, and must go on meanwhile.
function run(program: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 28, encoding: "buffer" }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const why =
        error.code === "ENOENT" ? "it is not there: install Debian's package ffmpeg" : String(stderr);
      reject(new Error(`${program} ${args.join(" ")}: ${why}`));
    });
  });
}

/** What ffmpeg decodes a WAV to: s16le, s24le or s32le. Any complaint of it fails. */
export function decodedByFfmpeg(path: string, bitsPerSample: 16 | 24 | 32 = 16): Promise<Buffer> {
  const to = ["-c:a", `pcm_s${bitsPerSample}le`, "-f", `s${bitsPerSample}le`, "-"];
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
export async function probed(path: string): Promise<Probe> {
  const shown = ["-of", "json", "-show_format", "-show_streams", "-f", "wav", path];
  return JSON.parse(String(await run("ffprobe", ["-v", "error", ...shown]))) as Probe;
}

/** What ffmpeg decodes the audio at a URL to: s16le. Any complaint of it fails. */
export function decodedFromUrl(url: string): Promise<Buffer> {
  return run("ffmpeg", ["-nostdin", "-v", "error", "-xerror", "-i", url, "-f", "s16le", "-"]);
}

/** What ffprobe finds at a URL. */
export async function probedUrl(url: string): Promise<Probe> {
  const shown = ["-v", "error", "-of", "json", "-show_format", "-show_streams", url];
  return JSON.parse(String(await run("ffprobe", shown))) as Probe;
}
