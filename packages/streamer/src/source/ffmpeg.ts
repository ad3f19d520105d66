import { StreamError } from "../errors.js";
import { type ByteSource, readStream } from "./bytes.js";
import type { PcmSource } from "./pcm.js";
import { readWav } from "./wav.js";

/** What ffmpeg is to read, and what it is to make of it. */
export interface FfmpegInput {
  /** A file, URL or device: `song.mp3`, `rtsp://camera/stream`, `alsa:default`. */
  readonly input: string;
  /** ffmpeg's name of the input format (`-f`), if it cannot tell by itself; `DEVICE:` in `input` says it too. */
  readonly inputFormat?: string;
  /** Convert to this rate, in Hz; default: keep the input's. */
  readonly sampleRate?: number;
  /** Mix to so many channels; default: keep the input's. */
  readonly channels?: number;
}

/** ffmpeg's capture devices: `alsa:default` means `-f alsa -i default`. lavfi makes test tones. */
const DEVICES = ["alsa", "avfoundation", "dshow", "jack", "openal", "oss", "pulse", "sndio", "lavfi"];
const LIVE_SCHEMES = ["rtmp", "rtp", "rtsp", "srt", "udp"];

interface ParsedInput {
  readonly format?: string;
  readonly target: string;
  readonly live: boolean;
}

/** Splits `alsa:default` into format and device, and tells live inputs from files. */
export function parseFfmpegInput(input: string, inputFormat?: string): ParsedInput {
  const [, scheme, rest] = /^([a-z0-9]+):(.*)$/s.exec(input) ?? [];
  if (inputFormat === undefined && scheme !== undefined && DEVICES.includes(scheme)) {
    return { format: scheme, target: rest, live: isLive(scheme) };
  }
  const live = isLive(inputFormat) || LIVE_SCHEMES.includes(scheme);
  return { format: inputFormat, target: input, live };
}

function isLive(format: string | undefined): boolean {
  return format !== undefined && format !== "lavfi" && DEVICES.includes(format);
}

/**
 * Reads anything that ffmpeg reads. The audio comes through a pipe as WAV, so that rate and channels come along;
 * a reader that is slow slows ffmpeg down.
 *
 * @param ffmpeg path or command, see `findFfmpeg`
 * @throws StreamError `ffmpeg-failed` with ffmpeg's own last lines
 */
export async function openFfmpeg(ffmpeg: string, options: FfmpegInput): Promise<PcmSource> {
  const parsed = parseFfmpegInput(options.input, options.inputFormat);
  const bytes = await spawnFfmpeg(ffmpeg, ffmpegArguments(parsed, options), options.input);
  const source = await readWav(bytes);
  return { ...source, live: parsed.live };
}

function ffmpegArguments({ format, target, live }: ParsedInput, options: FfmpegInput): string[] {
  const args = ["-nostdin", "-hide_banner", "-loglevel", "error"];
  if (format !== undefined) args.push("-f", format);
  args.push("-i", target, "-vn", "-sn", "-dn");
  if (options.sampleRate !== undefined) args.push("-ar", String(options.sampleRate));
  if (options.channels !== undefined) args.push("-ac", String(options.channels));
  // Without it a live source waits for 32 KiB, a second of 16 kHz mono, before each write to the pipe.
  if (live) args.push("-flush_packets", "1");
  return [...args, "-f", "wav", "-c:a", "pcm_s16le", "pipe:1"];
}

/** The tail of ffmpeg's messages that is kept: the last lines say why it gave up. */
const KEPT_MESSAGE_CHARACTERS = 2000;

async function spawnFfmpeg(ffmpeg: string, args: string[], input: string): Promise<ByteSource> {
  const { execa } = await import("execa"); // it takes 70 ms, a third of the command's start, and few runs need it
  const child = execa(ffmpeg, args, { stdin: "ignore", buffer: false, reject: false });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    messages = (messages + text).slice(-KEPT_MESSAGE_CHARACTERS);
  });
  const output = readStream(child.stdout, input);
  return {
    name: input,
    read: async () => {
      const chunk = await output.read();
      if (chunk === undefined) checkSuccess((await child).exitCode, input, messages);
      return chunk;
    },
    close: async () => {
      child.kill();
      await output.close();
      await child;
    },
  };
}

function checkSuccess(exitCode: number | undefined, input: string, messages: string): void {
  if (exitCode === 0) return;
  const why = lastLines(messages, input) || `it ended with exit code ${exitCode ?? "none"}`;
  throw new StreamError("ffmpeg-failed", `ffmpeg cannot read ${input}: ${why}`);
}

/** ffmpeg says the cause a line or two before the last, behind the input's name or that of a part of itself. */
function lastLines(messages: string, input: string): string {
  const lines = messages.split("\n").map((line) => line.replace(/^\[\S+ @ 0x[\da-f]+\] /, ""));
  const causes = lines.map((line) => (line.startsWith(`${input}: `) ? line.slice(input.length + 2) : line));
  return [...new Set(causes.filter((line) => line !== "").slice(-3))].join("; ");
}
