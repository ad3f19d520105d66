import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeBlock } from "@audio/ima-adpcm";
import { describe, expect, it } from "vitest";
import { adpcmFrames, handshake, payloadsOf, pcmFrames, tones, wavFile } from "./support/audio.js";
import { audioReceiver, audioStream, logLines, ServerProcess } from "./support/command.js";
import { binary, OPCODE, RawWebSocket } from "./support/raw-websocket.js";
import { filesBelow, joinedAudio, readRecording, wavsBelow } from "./support/recordings.js";
import { play, provoke, StreamClient } from "./support/stream-client.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const port = (address: string | null) => Number(/:(\d+)/.exec(address!)![1]);

/** What a receiver makes of frames of these samples: encoded and decoded again. */
function throughAdpcm(audio: Buffer, channels: 1 | 2): Buffer {
  const blocks = payloadsOf(adpcmFrames(audio, { frameSamples: 320, channels }));
  const pieces = blocks.map((block) => {
    const out = new Int16Array(320 * channels);
    const count = decodeBlock(block, 0, block.length, channels, "low", out, 0, 320);
    return Buffer.from(out.buffer, 0, count * channels * 2);
  });
  return Buffer.concat(pieces);
}

describe.concurrent("both programs", () => {
  it.each([
    ["pcm", 1],
    ["pcm", 2],
    ["adpcm", 1],
    ["adpcm", 2],
  ] as const)("8 streams of %s, %i channel(s): the segments are the input", async (codec, channels) => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({
      cwd: folder.path,
      flags: ["--ws-segment-seconds", "0.7"],
    });
    const audio = tones(16_000 * 3 + 168, { channels });
    await writeFile(join(folder.path, "sound.wav"), wavFile(audio, { channels }));
    const words = [
      "--wav",
      "sound.wav",
      "--codec",
      codec,
      "--streams",
      "8",
      "--url",
      server.ready.ws!,
      "--hwid",
      "kitchen",
      "--json",
    ];
    const { code, stdout, stderr } = await audioStream(words, { cwd: folder.path });
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ streams: expect.anything() });
    expect((await server.stop()).code).toBe(0);
    const expected = codec === "pcm" ? audio : throughAdpcm(audio, channels);
    for (let id = 1; id <= 8; id++) {
      const wavs = await wavsBelow(join(folder.path, "data"), `stream_${id}_`);
      expect(wavs).toHaveLength(5);
      expect((await joinedAudio(wavs.map((path) => ({ path })))).equals(expected)).toBe(true);
    }
  });

  it("raw PCM over TCP", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({
      cwd: folder.path,
      flags: ["--tcp-segment-seconds", "1"],
    });
    const audio = tones(40_000);
    await writeFile(join(folder.path, "sound.wav"), wavFile(audio));
    const words = ["--wav", "sound.wav", "--tcp", server.ready.tcp!, "--json"];
    expect(await audioStream(words, { cwd: folder.path })).toMatchObject({ code: 0, stderr: "" });
    expect((await server.stop()).code).toBe(0);
    const wavs = await wavsBelow(join(folder.path, "data", "audio"));
    expect((await joinedAudio(wavs.map((path) => ({ path })))).equals(audio)).toBe(true);
  });
});

describe.concurrent("SIGTERM", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s while devices stream: 1001 for each, every frame kept, exit 0",
    async (signal) => {
      await using folder = await temporaryFolder();
      await using server = await ServerProcess.start({
        cwd: folder.path,
        flags: ["--ws-segment-seconds", "0.5"],
      });
      const ids = [1, 2, 3, 4];
      const audio = tones(16_000 * 6);
      const frames = pcmFrames(audio, { frameSamples: 320 });
      const devices = ids.map(async (streamId) => {
        using client = await StreamClient.connect(server.ready.ws!);
        client.send(handshake({ streamId }));
        let sent = 0;
        while (client.socket.readyState === client.socket.OPEN && sent < frames.length) {
          client.send(frames[sent++]);
          await pause(15);
        }
        return { goodbye: await client.closed, sent };
      });
      await pause(1600);
      const start = performance.now();
      const { code, stdout } = await server.stop(signal);
      expect(performance.now() - start).toBeLessThan(10_000);
      expect(code).toBe(0);
      expect(logLines(stdout).at(-1)?.msg).toBe("stopped, every segment is complete");
      const data = join(folder.path, "data");
      for (const [i, device] of devices.entries()) {
        const { goodbye, sent } = await device;
        expect(goodbye).toEqual({ code: 1001, reason: "server stopping" });
        const wavs = await wavsBelow(data, `stream_${ids[i]}_`);
        const recorded = await joinedAudio(wavs.map((path) => ({ path })));
        expect(recorded.equals(audio.subarray(0, recorded.length))).toBe(true);
        // What crossed the goodbye on its way may be missing, no more: a frame or two.
        expect(recorded.length / 640).toBeGreaterThanOrEqual(sent - 3);
        for (const path of wavs) expect((await readRecording(path)).metadata).toBeDefined();
      }
      const others = (await filesBelow(data)).filter((name) => !/\.(wav|bin)$/.test(name));
      expect(others).toEqual(["catalogue.db", "web-password"]);
      expect(existsSync(join(data, "receiver.lock"))).toBe(false);
    },
  );

  it("again: it ends at once, and what stays is repaired", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    using raw = await RawWebSocket.open(port(server.ready.ws));
    const audio = tones(3200);
    raw.send(...[handshake(), ...pcmFrames(audio, { frameSamples: 320 })].map((message) => binary(message)));
    await pause(1500);
    server.child.kill("SIGTERM");
    await raw.frame(OPCODE.close); // which is never answered: the server waits for that
    expect((await server.stop("SIGTERM")).code).toBe(143);
    const recovered = await audioReceiver(["recover", "--json"], { cwd: folder.path });
    expect(recovered.code).toBe(0);
    const wavs = await wavsBelow(join(folder.path, "data"));
    expect((await joinedAudio(wavs.map((path) => ({ path })))).equals(audio)).toBe(true);
  });

  it("before any stream, and with the ready file gone, is a clean end too", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    for (const name of await filesBelow(folder.path))
      if (name.startsWith("ready")) await rm(join(folder.path, name));
    expect(await server.stop()).toMatchObject({ code: 0, stderr: "" });
  });
});

describe.concurrent("the ready file", () => {
  it("tells pid and addresses, null for what is off, and goes with the server", async () => {
    await using folder = await temporaryFolder();
    const flags = ["--no-tcp", "--no-web", "--host", "0.0.0.0"];
    await using server = await ServerProcess.start({ cwd: folder.path, flags });
    const { pid, ws, ...off } = server.ready;
    expect([pid, off]).toEqual([server.child.pid, { tcp: null, udp: null, web: null }]);
    expect(ws).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws$/);
    expect(Object.keys(server.ready)).toEqual(["pid", "ws", "tcp", "udp", "web"]);
    using client = await StreamClient.connect(ws!);
    await client.close();
    await server.stop();
    expect((await filesBelow(folder.path)).filter((name) => name.includes("ready"))).toEqual([]);
  });

  it("names the TCP and web ports as others write them", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path, flags: ["--no-ws"] });
    expect(server.ready).toMatchObject({ ws: null });
    expect(server.ready.tcp).toMatch(/^127\.0\.0\.1:\d+$/);
    const health = await fetch(`${server.ready.web}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok", reasons: [] }]);
    const ready = await fetch(`${server.ready.web}/readyz?verbose`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ok", reasons: [] }]);
    expect((await fetch(`${server.ready.web}/healthz/x`)).status).toBe(401);
    expect((await fetch(`${server.ready.web}/readyz`, { method: "HEAD" })).status).toBe(200);
  });
});

describe.concurrent("the log", () => {
  it("is JSON, one line for one refusal, with the peer", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    await provoke(server.ready.ws!, ["text"]);
    const { stdout, stderr } = await server.stop();
    const refusals = logLines(stdout).filter(({ msg }) => String(msg).includes("binary required"));
    expect(refusals).toMatchObject([{ peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), code: 1003 }]);
    expect(stderr).toBe("");
  });

  it("does not tell every lost frame", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    const frames = pcmFrames(tones(320 * 200), { frameSamples: 320 }).filter((_, seq) => seq % 2 === 0);
    await play(server.ready.ws!, [handshake(), ...frames]);
    const lines = logLines((await server.stop()).stdout);
    expect(lines.filter(({ msg }) => msg === "audio missing")).toMatchObject([
      { cause: "lost-frames", stream: 1 },
    ]);
    expect(lines.filter(({ msg }) => msg === "stream closed")).toMatchObject([
      { frames: 100, lostFrames: 99 },
    ]);
  });

  it("that nobody reads any more stops no recording", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    const audio = tones(3200);
    for (let streamId = 1; streamId <= 3; streamId++) {
      using client = await StreamClient.connect(server.ready.ws!);
      client.send(handshake({ streamId }), ...pcmFrames(audio, { frameSamples: 320 }));
      expect(await client.close()).toMatchObject({ code: 1000 });
    }
    const data = join(folder.path, "data");
    await until("three recordings", async () => (await wavsBelow(data)).length === 3);
    server.child.kill("SIGTERM");
    expect((await server.outcome).code).toBe(0);
  });
});

describe.concurrent("demo", () => {
  it("records three simulated devices at once", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({
      cwd: folder.path,
      command: "demo",
      flags: ["--ws-segment-seconds", "0.5"],
    });
    const received = join(folder.path, "data", "received");
    const devices = ["kitchen", "garden", "workshop"];
    await until("two segments of each device", async () => {
      const counts = await Promise.all(
        devices.map(async (name) => (await wavsBelow(join(received, name)).catch(() => [])).length),
      );
      return counts.every((count) => count >= 2);
    });
    expect((await server.stop()).code).toBe(0);
    for (const device of devices) {
      const [first] = await wavsBelow(join(received, device));
      const { metadata, data } = await readRecording(first);
      expect(metadata).toMatchObject({ device, samples: metadata!.sampleRate / 2 });
      expect(data.some((byte) => byte !== 0)).toBe(true);
    }
    expect((await filesBelow(folder.path)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});
