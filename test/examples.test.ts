/** The programs in examples/, run as a reader would, and the C sketch of README.md. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SegmentComplete, startReceiver } from "@audio/receiver";
import { streamAudio } from "@audio/streamer";
import { formatWavHeader, parseMetadata, parseWavHeader } from "@audio/wav";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audio-examples-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs an example in the temporary folder; gives what it prints. */
function runExample(name: string, ...args: string[]) {
  const program = join(ROOT, "examples", name);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function readWav(path: string) {
  const file = readFileSync(path);
  const header = parseWavHeader(file)!;
  const end = header.dataOffset + header.dataBytes;
  return {
    header,
    audio: file.subarray(header.dataOffset, end),
    metadata: parseMetadata(file.subarray(end)),
  };
}

it("names every example in its README", () => {
  const readme = readFileSync(join(ROOT, "examples", "README.md"), "utf8");
  const entries = readdirSync(join(ROOT, "examples"), { withFileTypes: true });
  const named = entries.filter((entry) => entry.isDirectory() || entry.name.endsWith(".mjs"));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ name }) => !new RegExp(`\\(${name}[/)]`).test(readme))).toEqual([]);
});

it("asks for the packages as they are", () => {
  const read = (...path: string[]) => JSON.parse(readFileSync(join(ROOT, ...path, "package.json"), "utf8"));
  const folders = readdirSync(join(ROOT, "examples")).filter((name) =>
    existsSync(join(ROOT, "examples", name, "package.json")),
  );
  const asked = folders.flatMap((name) => Object.entries<string>(read("examples", name).dependencies));
  expect(asked.length).toBeGreaterThan(0);
  for (const [name, version] of asked)
    expect([name, version]).toEqual([name, read("packages", name.replace("@audio/", "")).version]);
});

it("read-bin.mjs makes of a .bin what the receiver made of the stream", async () => {
  const off = { tcp: false, web: false };
  const dataDir = join(folder, "data");
  const receiver = await startReceiver({ dataDir, host: "127.0.0.1", wsPort: 0, binHandshake: true, ...off });
  const complete = once(receiver.events, "segment:complete");
  const url = `ws://127.0.0.1:${receiver.ports.ws}/ws`;
  await streamAudio({ files: [join(ROOT, "examples", "data", "speech.wav")], url, durationSeconds: 3 });
  const [{ path, bin }] = (await complete) as [SegmentComplete];
  await receiver.close();
  const { status, stdout, stderr } = runExample("read-bin.mjs", bin!.path, "out.wav");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("150 frames, 3 s of ima-adpcm at 16000 Hz");
  expect(readWav(join(folder, "out.wav")).audio.equals(readWav(path).audio)).toBe(true);
});

it("read-bin.mjs says how it is used", () => {
  const { status, stderr } = runExample("read-bin.mjs");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "usage: node examples/read-bin.mjs FILE.bin OUT.wav\n",
  });
});

it("adpcm.mjs loses little and finds the nibble order", () => {
  const { status, stdout } = runExample("adpcm.mjs");
  expect(status).toBe(0);
  expect(stdout).toContain("32000 bytes of PCM became 8200 bytes of ADPCM");
  expect(Number(/decoding: ([\d.]+) dB/.exec(stdout)?.[1])).toBeGreaterThan(30);
  expect(stdout).toContain("nibble order found: low");
});

it("segment-writer.mjs writes files that say what they are", () => {
  expect(runExample("segment-writer.mjs", "segments").status).toBe(0);
  const written = join(folder, "segments", "tone-generator");
  const names = readdirSync(written);
  expect(names).toEqual(["2026-11-21_220702.wav", "2026-11-21_220712.wav", "2026-11-21_220722.wav"]);
  const files = names.map((name) => readWav(join(written, name)));
  expect(files.map(({ header }) => header.dataBytes / 2)).toEqual([160_000, 160_000, 64_000]);
  expect(files.map(({ metadata }) => metadata?.samples)).toEqual([160_000, 160_000, 64_000]);
  const [first, second] = files.map(({ metadata }) => metadata!.startUs);
  expect(second - first).toBe(10_000_000);
});

it("udp-sender.mjs sends a file, and every sample is recorded", async () => {
  const { audio } = readWav(join(ROOT, "examples", "data", "sine_pcm16.wav"));
  const sent = audio.subarray(0, 32_000);
  const format = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 } as const;
  const file = join(folder, "second.wav");
  writeFileSync(file, Buffer.concat([formatWavHeader(format, sent.length), sent]));
  const off = { ws: false, tcp: false, web: false };
  const dataDir = join(folder, "data");
  const receiver = await startReceiver({ dataDir, host: "127.0.0.1", udpPort: 0, ...off });
  const complete = once(receiver.events, "segment:complete");
  const words = [join(ROOT, "examples", "udp-sender.mjs"), file, `127.0.0.1:${receiver.ports.udp}`];
  const ended = once(spawn(process.execPath, words, { stdio: "ignore" }), "exit");
  const [{ path, gaps }] = (await complete) as [SegmentComplete];
  expect(await ended).toEqual([0, null]);
  await receiver.close();
  expect([gaps, readWav(path).audio.equals(sent)]).toEqual([[], true]);
});

describe("the C sketch in README.md", () => {
  const FRAMES = 50;

  /** The sketch inside a program that connects to 127.0.0.1 and counts up instead of reading a microphone. */
  function sketchProgram(): string {
    const [, declarations, statements] =
      /```c\n([\s\S]*?#pragma pack\(pop\)\n)([\s\S]*?)```/.exec(
        readFileSync(join(ROOT, "README.md"), "utf8"),
      ) ?? [];
    return `
      #include <arpa/inet.h>
      #include <stdint.h>
      #include <stdlib.h>
      #include <sys/socket.h>
      #include <unistd.h>
      ${declarations}
      static int16_t next_sample;
      static int frames_left = ${FRAMES};
      static int read_microphone(int16_t *samples, int count) {
        for (int i = 0; i < count; i++) samples[i] = next_sample++;
        return frames_left-- > 0;
      }
      int main(int argc, char **argv) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(socket_fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
        ${statements}
        return close(socket_fd);
      }`;
  }

  function compile(): string {
    const source = join(folder, "device.c");
    const program = join(folder, "device");
    writeFileSync(source, sketchProgram());
    const { status, stderr } = spawnSync("cc", ["-Wall", "-Werror", "-o", program, source], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return program;
  }

  it("compiles, and every sample it sends is recorded", async () => {
    const program = compile();
    const dataDir = join(folder, "data");
    const receiver = await startReceiver({ dataDir, host: "127.0.0.1", ws: false, tcpPort: 0, web: false });
    const complete = new Promise<SegmentComplete>((resolve) => {
      receiver.events.on("segment:complete", resolve);
    });
    const ended = once(spawn(program, [String(receiver.ports.tcp)]), "exit");
    const { path, stream } = await complete;
    expect(await ended).toEqual([0, null]);
    await receiver.close();
    expect(stream).toMatchObject({ source: "framed-tcp", streamId: 7, sampleRate: 16_000, channels: 1 });
    const { audio } = readWav(path);
    const samples = new Int16Array(audio.buffer.slice(audio.byteOffset, audio.byteOffset + audio.length));
    expect(samples).toEqual(Int16Array.from({ length: FRAMES * 320 }, (_, i) => i));
  });
});
