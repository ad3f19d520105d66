import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import wavefile from "wavefile";
import { findFfmpeg } from "../src/ffmpeg.js";
import { acknowledgingSinkFor } from "./support/acknowledging-sink.js";
import { adpcmFrames, littleEndian, temporaryFolder, tones, wavBytes, writeWav } from "./support/audio.js";
import { runCommand, startCommand } from "./support/command.js";
import { sinkFor, tcpSinkFor } from "./support/sink.js";

const ffmpeg = await findFfmpeg().catch(() => undefined);
const folder = temporaryFolder();
const speech = tones(16_000 * 2 + 100);
const file = writeWav(join(folder, "speech.wav"), speech);

describe("a run", () => {
  test("prints one summary line and nothing else", async () => {
    const sink = await sinkFor();
    const { code, stdout, stderr } = await runCommand([
      "--wav",
      file,
      "--url",
      sink.url,
      "--hwid",
      "studio-1",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^1 stream, 2\.0 s of audio, 101 frames, 17\.\d kB in \d+\.\d\d s: [\d.]+ times real time\n$/,
    );
    expect(sink.streams[0].request.url).toBe("/ws/studio-1");
    expect(sink.streams[0].audio.equals(adpcmFrames(speech, 1, 320))).toBe(true);
    expect(await sink.streams[0].closed).toBe(1000);
  });

  test("--json prints one object", async () => {
    const sink = await sinkFor();
    const words = [
      file,
      "--url",
      sink.url,
      "--codec",
      "pcm",
      "--streams",
      "3",
      "--stream-id-base",
      "10",
      "--json",
    ];
    const { code, stdout, stderr } = await runCommand(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const bytes = 32 + 101 * 12 + speech.length * 2;
    expect(JSON.parse(stdout)).toMatchObject({
      streams: 3,
      seconds: 3 * (speech.length / 16_000),
      frames: 303,
      bytes: 3 * bytes,
      wallSeconds: expect.any(Number),
      realtimeFactor: expect.any(Number),
      perStream: [10, 11, 12].map((streamId) => ({ streamId, samples: speech.length, frames: 101, bytes })),
    });
  });

  test("with a server that acknowledges everything is on disk at the end; --no-ack does not ask", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 100 });
    const { code, stdout, stderr } = await runCommand([file, "--url", sink.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^1 stream, .* times real time, all acknowledged\n$/);
    expect(sink.disk.audio.equals(adpcmFrames(speech, 1, 320))).toBe(true);
    const without = await runCommand([file, "--url", sink.url, "--no-ack", "--json"]);
    expect(JSON.parse(without.stdout)).toMatchObject({ acknowledged: false, framesAcknowledged: 0 });
    expect(sink.streams[1].request.headers["sec-websocket-protocol"]).toBeUndefined();
  });

  test("--tcp sends raw PCM", async () => {
    const sink = await tcpSinkFor();
    const { code, stdout } = await runCommand(["--wav", file, "--tcp", sink.target, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ frames: 101, bytes: speech.length * 2 });
    expect(Buffer.concat(sink.connections[0].chunks).equals(littleEndian(speech))).toBe(true);
  });
});

describe("inputs", () => {
  const bitDepths = ["8", "24", "32", "32f", "64"] as const;

  test.each(bitDepths)("a WAV of %s bits", async (depth) => {
    const wav = new wavefile.WaveFile(readFileSync(file));
    wav.toBitDepth(depth);
    const path = join(folder, `speech-${depth}.wav`);
    writeFileSync(path, wav.toBuffer());
    const sink = await sinkFor();
    const { code, stderr } = await runCommand([path, "--codec", "pcm", "--url", sink.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const received = sink.streams[0].audio;
    expect(received.length).toBe(speech.length * 2);
    // A step of 8 bits is 256 of 16, and wavefile scales by 127/128; the others differ by rounding only.
    const tolerance = depth === "8" ? 400 : 2;
    for (let index = 0; index < speech.length; index += 97) {
      expect(Math.abs(received.readInt16LE(index * 2) - speech[index])).toBeLessThanOrEqual(tolerance);
    }
  });

  test("standard input: WAV, and raw samples", async () => {
    const stereo = tones(8_000, 2, 48_000);
    const sink = await sinkFor();
    const wav = await runCommand(["-", "--codec", "pcm", "--url", sink.url], wavBytes(stereo, 2, 48_000));
    const format = ["--raw", "--sample-rate", "48000", "--channels", "2"];
    const raw = await runCommand(["-", ...format, "--codec", "pcm", "--url", sink.url], littleEndian(stereo));
    expect([wav.code, raw.code]).toEqual([0, 0]);
    for (const stream of sink.streams) {
      expect(stream.handshake).toMatchObject({ sampleRate: 48_000, channels: 2 });
      expect(stream.audio.equals(littleEndian(stereo))).toBe(true);
    }
  });

  test.runIf(ffmpeg)("an MP3 through ffmpeg", async () => {
    const song = join(folder, "song.mp3");
    execFileSync(ffmpeg ?? "", ["-loglevel", "error", "-i", file, "-ar", "44100", "-ac", "2", song]);
    const decoded = execFileSync(ffmpeg ?? "", ["-loglevel", "error", "-i", song, "-f", "s16le", "-"]);
    const sink = await sinkFor();
    const { code, stderr } = await runCommand(["--input", song, "--codec", "pcm", "--url", sink.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(sink.streams[0].handshake).toMatchObject({ sampleRate: 44_100, channels: 2 });
    expect(sink.streams[0].audio.equals(decoded)).toBe(true);
  });

  test.runIf(ffmpeg)("an input that ffmpeg cannot read", async () => {
    const { code, stderr } = await runCommand(["--input", import.meta.filename]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^audio-stream: ffmpeg cannot read .*cli.test.ts: .+\n$/);
  });
});

describe("one line and an exit code", () => {
  test.each([
    [["--codec", "mp3", file], 2, /^audio-stream: --codec "mp3" is not allowed: give adpcm or pcm\n$/],
    [[], 2, /^audio-stream: nothing to stream/],
    [["/nowhere.wav"], 1, /^audio-stream: cannot read \/nowhere.wav: no such file\n$/],
    [[import.meta.filename], 1, /^audio-stream: cannot read .*: not a WAV file/],
    [[file, "--frame-ms", "9999"], 2, /^audio-stream: --frame-ms 9999 makes/],
    [
      [file, "--url", "ws://127.0.0.1:9/ws", "--connect-timeout", "0.3"],
      1,
      /^audio-stream: cannot connect to ws:\/\/127.0.0.1:9\/ws within 0.3 s: connect ECONNREFUSED 127.0.0.1:9\n$/,
    ],
  ])("%j", async (words, exitCode, message) => {
    const { code, stdout, stderr } = await runCommand(words);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  test("a server that refuses", async () => {
    const sink = await sinkFor({
      onStream: ({ socket }) => socket.once("message", () => socket.close(1008, "go away")),
    });
    const { code, stdout, stderr } = await runCommand([file, "--url", sink.url, "--realtime"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("audio-stream: server closed the connection: 1008 go away\n");
  });

  test("a second SIGINT does not wait for a server that is not reading", async () => {
    const sink = await sinkFor({ onStream: ({ socket }) => socket.pause() });
    const { child, outcome } = startCommand([file, "--url", sink.url, "--codec", "pcm", "--loop"]);
    await sink.connections(1);
    await delay(300);
    child.kill("SIGINT");
    await delay(200);
    child.kill("SIGINT");
    expect(await outcome).toEqual({ code: 130, stdout: "", stderr: "" });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s closes cleanly and prints the summary", async (signal, exitCode) => {
    const sink = await sinkFor();
    const { child, outcome } = startCommand([file, "--url", sink.url, "--realtime", "--loop"]);
    await sink.connections(1);
    await delay(300);
    child.kill(signal);
    const { code, stdout, stderr } = await outcome;
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: "" });
    expect(stdout).toMatch(/^stopped: 1 stream, /);
    expect(await sink.streams[0].closed).toBe(1000);
  });
});

describe("a server that", () => {
  test("dies and returns gets the rest", async () => {
    const sink = await sinkFor();
    const { outcome } = startCommand([
      file,
      "--url",
      sink.url,
      "--realtime",
      "--loop",
      "--duration",
      "3",
      "--json",
    ]);
    await sink.connections(1);
    await delay(500);
    await sink.kill();
    await delay(300);
    const again = await sinkFor({ port: sink.port });
    const { code, stdout, stderr } = await outcome;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^audio-stream: stream 1: connection broke: no close frame; trying again in \d\.\d s\n/,
    );
    expect(JSON.parse(stdout).perStream[0]).toMatchObject({ frames: 150, reconnects: 1 });
    expect(again.streams[0].sequences.at(-1)).toBe(149);
  });

  test.runIf(existsSync("/proc/self/status"))(
    "does not read holds the sender back at flat memory",
    async () => {
      const sink = await sinkFor({ onStream: ({ socket }) => socket.pause() });
      const words = [file, "--codec", "pcm", "--loop", "--duration", "36000", "--streams", "4"];
      const { child, outcome } = startCommand([...words, "--url", sink.url]);
      await sink.connections(4);
      await delay(1_000);
      const early = residentBytes(child.pid);
      await delay(4_000);
      const late = residentBytes(child.pid);
      // 36 000 s of PCM are 1.2 GB a stream.
      expect(late).toBeLessThan(200e6);
      expect(late - early).toBeLessThan(30e6);
      for (const { socket } of sink.streams) socket.resume();
      await delay(2_000);
      expect(residentBytes(child.pid)).toBeLessThan(250e6);
      expect(sink.streams.every(({ payloads }) => payloads.length > 1_000)).toBe(true);
      child.kill("SIGTERM");
      expect((await outcome).code).toBe(143);
    },
  );
});

/** Of a process, from the kernel. */
function residentBytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
