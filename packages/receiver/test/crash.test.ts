import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { adpcmFrames, handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, logLines, ServerProcess } from "./support/command.js";
import { filesBelow, joinedAudio, readRecording, wavsBelow } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

const AUDIO = tones(16_000 * 5);
const FRAMES = pcmFrames(AUDIO, { frameSamples: 320 });
// The flush interval is 1 s; the rest is for a machine that is busy with other tests.
const LOST_AT_MOST_FRAMES = 100;

/** Streams in real time for some seconds, then kills the server in the middle. Returns the frames sent by then. */
async function killWhileStreaming(server: ServerProcess, seconds: number): Promise<number> {
  using client = await StreamClient.connect(`${server.ready.ws!}/kitchen`);
  client.send(handshake());
  const start = performance.now();
  let sent = 0;
  for (; sent < seconds * 50; sent++) {
    client.send(FRAMES[sent]);
    await pause(Math.max(0, start + (sent + 1) * 20 - performance.now()));
  }
  await server.stop("SIGKILL");
  return sent;
}

const partsBelow = async (folder: string) =>
  (await filesBelow(folder)).filter((name) => name.endsWith(".part"));

describe.concurrent("after kill -9", () => {
  it("the next start repairs what is unfinished, and no finished file changes", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const flags = ["--ws-segment-seconds", "1.5"];
    await using killed = await ServerProcess.start({ cwd: folder.path, flags });
    const sent = await killWhileStreaming(killed, 2.9);
    const [finished] = await wavsBelow(data);
    const before = await readFile(finished);
    expect((await partsBelow(data)).map((name) => name.replace(/^.*\.(?=\w+\.part)/, ""))).toEqual([
      "bin.part",
      "wav.part",
    ]);

    await using again = await ServerProcess.start({ cwd: folder.path, flags });
    expect(await partsBelow(data)).toEqual([]);
    const { code, stdout } = await again.stop();
    expect(code).toBe(0);
    const repaired = logLines(stdout).filter(({ msg }) => msg === "unfinished file recovered");
    expect(repaired.map(({ path }) => basename(String(path)).replace(/^.*\./, ""))).toEqual(["bin", "wav"]);

    expect((await readFile(finished)).equals(before)).toBe(true);
    const wavs = await wavsBelow(data);
    expect(wavs).toHaveLength(2);
    const { data: audio, riffBytes, fileBytes } = await readRecording(wavs[1]);
    expect(riffBytes).toBe(fileBytes - 8);
    const all = await joinedAudio(wavs.map((path) => ({ path })));
    expect(all.equals(AUDIO.subarray(0, all.length))).toBe(true);
    expect(audio.length % 640).toBe(0);
    expect(all.length / 640).toBeGreaterThanOrEqual(sent - LOST_AT_MOST_FRAMES);
    const bins = await Promise.all(wavs.map((path) => readFile(path.replace(/wav$/, "bin"))));
    const frames = Buffer.concat(bins);
    expect(frames.length % FRAMES[0].length).toBe(0);
    expect(frames.equals(Buffer.concat(FRAMES).subarray(0, frames.length))).toBe(true);
    expect(frames.length / FRAMES[0].length).toBeGreaterThanOrEqual(sent - LOST_AT_MOST_FRAMES);
  });

  it("a device that comes back in the same second overwrites nothing", async () => {
    await using folder = await temporaryFolder();
    const flags = ["--path-device", "{device}"];
    await using killed = await ServerProcess.start({ cwd: folder.path, flags });
    await killWhileStreaming(killed, 1.2);
    await using again = await ServerProcess.start({ cwd: folder.path, flags });
    await play(`${again.ready.ws!}/kitchen`, [handshake(), ...FRAMES.slice(0, 10)]);
    await again.stop();
    const wavs = (await wavsBelow(join(folder.path, "data"))).map((path) => basename(path));
    expect(wavs).toEqual(["kitchen.wav", "kitchen_2.wav"]);
  });
});

describe.concurrent("audio-receiver recover", () => {
  it("repairs, tells as JSON what it did, and finds nothing the second time", async () => {
    await using folder = await temporaryFolder();
    await using killed = await ServerProcess.start({ cwd: folder.path });
    await killWhileStreaming(killed, 1.4);
    const first = await audioReceiver(["recover", "--json"], { cwd: folder.path });
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const { dataDir, files } = JSON.parse(first.stdout);
    expect(dataDir).toBe(join(folder.path, "data"));
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(file).toMatchObject({ outcome: "recovered", path: file.part.replace(/\.part$/, "") });
      expect((await readFile(file.path)).length).toBe(file.bytes);
    }
    const second = await audioReceiver(["recover", "data"], { cwd: folder.path });
    expect([second.code, second.stdout]).toEqual([0, `nothing to recover in ${dataDir}\n`]);
  });

  it("cuts torn samples and frames, and removes what holds no audio", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const recorded = join(data, "received");
    await mkdir(recorded, { recursive: true });
    await using server = await ServerProcess.start({ cwd: folder.path });
    await play(server.ready.ws!, [handshake({ streamId: 1 }), ...FRAMES.slice(0, 20)]);
    await server.stop();
    const [whole] = await wavsBelow(data);
    const { data: audio } = await readRecording(whole);
    const header = Buffer.from((await readFile(whole)).subarray(0, 44));
    header.writeUInt32LE(36 + 6400, 4); // as the last flush but one left it
    header.writeUInt32LE(6400, 40);
    await writeFile(join(recorded, "torn.wav.part"), Buffer.concat([header, audio.subarray(0, 9999)]));
    await writeFile(join(recorded, "torn.bin.part"), Buffer.concat(FRAMES).subarray(0, 3 * 652 + 100));
    await writeFile(join(recorded, "empty.wav.part"), "");
    await writeFile(join(recorded, "header.wav.part"), header);
    const { code, stdout } = await audioReceiver(["recover", "--data-dir", data, "--json"], {
      cwd: folder.path,
    });
    expect(code).toBe(0);
    const outcomes = JSON.parse(stdout).files.map((file: Record<string, unknown>) => [
      basename(String(file.part)),
      file.outcome,
      file.outcome === "empty" ? file.path : file.cutBytes,
    ]);
    expect(outcomes).toEqual([
      ["empty.wav.part", "empty", undefined],
      ["header.wav.part", "empty", undefined],
      ["torn.bin.part", "recovered", 100],
      ["torn.wav.part", "recovered", 1],
    ]);
    expect((await readRecording(join(recorded, "torn.wav"))).data.equals(audio.subarray(0, 9998))).toBe(true);
    expect((await readFile(join(recorded, "torn.bin"))).length).toBe(3 * 652);
    expect((await filesBelow(recorded)).filter((name) => /empty|header/.test(name))).toEqual([]);
  });

  it("puts aside what is no recording, with the reason, and says so by its exit code", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "data", "audio"), { recursive: true });
    await writeFile(
      join(folder.path, "data", "audio", "notes.wav.part"),
      "this is no recording, whatever its name says, long enough",
    );
    const { code, stdout } = await audioReceiver(["recover"], { cwd: folder.path });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^quarantined {2}.*notes\.wav\.part → .*quarantine.*: .+\n$/);
    expect(await filesBelow(join(folder.path, "data"))).toEqual([
      "quarantine/audio_notes.wav.part",
      "quarantine/audio_notes.wav.part.reason.txt",
    ]);
    await using server = await ServerProcess.start({ cwd: folder.path });
    expect((await server.stop()).code).toBe(0);
  });

  it("leaves a directory alone that a server writes to", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    using client = await StreamClient.connect(server.ready.ws!);
    client.send(
      handshake({ codec: "ima-adpcm" }),
      ...adpcmFrames(AUDIO.subarray(0, 6400), { frameSamples: 320 }),
    );
    await pause(1200);
    const parts = await partsBelow(join(folder.path, "data"));
    expect(parts).toHaveLength(2);
    const data = join(folder.path, "data");
    for (const words of [["recover"], ["recover", "--json"], ["serve", "--no-ws", "--no-tcp", "--no-web"]]) {
      const { code, stdout, stderr } = await audioReceiver(words, { cwd: folder.path });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toBe(
        `audio-receiver: data directory ${data} is in use by process ${server.child.pid}: stop that one or choose another --data-dir\n`,
      );
    }
    expect(await partsBelow(data)).toEqual(parts);
    await client.close();
    expect((await server.stop()).code).toBe(0);
    expect(await wavsBelow(data)).toHaveLength(1);
  });
});
