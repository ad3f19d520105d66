import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames, tones } from "./support/audio.js";
import { decodedByFfmpeg, probed } from "./support/ffmpeg.js";
import { filesBelow, joinedAudio, readRecording } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { ended, send } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const AUDIO = tones(16_000 * 4);
const FRAMES = pcmFrames(AUDIO, { frameSamples: 320 });

/** Sends frames at the pace of a live device; returns seconds of audio sent so far. */
function live(
  client: StreamClient,
  frames: readonly Uint8Array[],
): { done: Promise<void>; seconds: () => number } {
  let sent = 0;
  const play = async () => {
    const start = performance.now();
    for (; sent < frames.length; sent++) {
      client.send(frames[sent]);
      await pause(Math.max(0, start + (sent + 1) * 20 - performance.now()));
    }
  };
  return { done: play(), seconds: () => sent * 0.02 };
}

describe.concurrent("a recording in progress", () => {
  it("is NAME.wav.part and NAME.bin.part, valid at any moment, at most about a second behind", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60 });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake());
    const device = live(client, FRAMES);
    const folder = join(server.dataDir, "received", "kitchen");
    const names = await until("the .part files", async () => {
      const found = await readdir(folder).catch(() => []);
      return found.length === 2 && found.sort();
    });
    expect(names[0]).toMatch(/^stream_7_kitchen_\d{8}_\d{6}\.bin\.part$/);
    expect(names[1]).toBe(names[0].replace(".bin.", ".wav."));
    const path = join(folder, names[1]);
    let claimed = 0;
    while (device.seconds() < 3.9) {
      const sent = device.seconds();
      const { data, riffBytes, dataBytes } = await readRecording(path);
      expect(data.length).toBe(dataBytes); // never more than is there
      expect(riffBytes).toBe(36 + dataBytes);
      expect(data.equals(AUDIO.subarray(0, data.length))).toBe(true);
      expect(data.length).toBeGreaterThanOrEqual(claimed);
      expect(data.length / 32_000).toBeGreaterThan(sent - 3); // 0.9 s to the flush, 0.2 s nap, the rest for a busy machine
      claimed = data.length;
      await pause(40);
    }
    expect(claimed).toBeGreaterThan(0);
    expect((await decodedByFfmpeg(path)).length).toBeGreaterThanOrEqual(claimed);
    await device.done;
    await client.close();
    await server.streamClosed(7);
    expect((await filesBelow(server.dataDir)).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect((await joinedAudio(server.segmentsOf(7))).equals(AUDIO)).toBe(true);
  });

  it("has a header also before its first second, as soon as there is a file", async () => {
    await using server = await TestReceiver.start();
    using client = await StreamClient.connect(server.ws());
    client.send(handshake(), FRAMES[0]);
    const [name] = await until("the file", async () => {
      const files = (await filesBelow(server.dataDir)).filter((file) => file.endsWith(".wav.part"));
      return files.length > 0 && files;
    });
    await until("44 bytes", async () => (await readFile(join(server.dataDir, name))).length >= 44);
    expect((await readRecording(join(server.dataDir, name))).header).toMatchObject({
      sampleRate: 16_000,
      channels: 1,
    });
    await client.close();
  });
});

describe.concurrent("a stream that stalls", () => {
  it("has its segment closed on time, and a gap and a new segment when it goes on", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 1 });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake(), ...FRAMES.slice(0, 15));
    const [first] = await until(
      "the closed segment",
      () => server.segments.length > 0 && server.segments,
      8000,
    );
    expect(first.samples).toBe(15 * 320);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    const wentOnUs = Date.now() * 1000;
    client.send(...FRAMES.slice(15, 25));
    await pause(800);
    await client.close();
    await server.streamClosed(7);
    const [, second, ...others] = server.segmentsOf(7);
    expect(others).toEqual([]);
    expect((await joinedAudio(server.segmentsOf(7))).equals(AUDIO.subarray(0, 25 * 640))).toBe(true);
    // The newest audio lies at its arrival: 200 ms of it were sent at once.
    expect(Math.abs(second.startUs + 200_000 - wentOnUs)).toBeLessThan(1_000_000);
    const missing = ((second.startUs - first.startUs) / 1e6 - 0.3) * 16_000;
    expect(server.gaps).toMatchObject([{ cause: "disconnected", filled: false }]);
    expect(Math.abs(server.gaps[0].samples - missing)).toBeLessThan(2);
    expect(Math.abs(server.gaps[0].startUs - (first.startUs + 300_000))).toBeLessThan(100);
    expect((await readRecording(second.path)).metadata?.gaps).toHaveLength(1);
  });

  it("between two connections of a device is a gap of that device", async () => {
    await using server = await TestReceiver.start();
    for (const round of [0, 1]) {
      await play(server.ws("/kitchen"), [handshake(), ...FRAMES.slice(0, 10)]);
      await until("the stream's end", () => server.closed.length === round + 1);
      if (round === 0) await pause(2600);
    }
    const [first, second] = server.segmentsOf(7);
    expect(server.gaps).toMatchObject([
      { cause: "disconnected", filled: false, stream: { device: "kitchen" } },
    ]);
    expect(server.gaps[0].startUs).toBe(first.startUs + 200_000);
    expect(
      Math.abs((server.gaps[0].samples * 1e6) / 16_000 - (second.startUs - server.gaps[0].startUs)),
    ).toBeLessThan(100);
  });

  it("for less than 2 s and catches up leaves one file without a gap", async () => {
    await using server = await TestReceiver.start();
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake(), ...FRAMES.slice(0, 10));
    await pause(1300);
    client.send(...FRAMES.slice(10, 80));
    await client.close();
    await server.streamClosed(7);
    expect(server.segmentsOf(7)).toMatchObject([{ samples: 80 * 320, gaps: [] }]);
    expect(server.gaps).toEqual([]);
  });
});

describe.concurrent("a finished file, read by programs that we did not write", () => {
  it("WebSocket: 44 bytes, audio, then chunks that ffmpeg knows", async () => {
    await using server = await TestReceiver.start({ timezone: "UTC" });
    await play(server.ws("/kitchen"), [
      handshake({ channels: 2 }),
      ...pcmFrames(AUDIO, { frameSamples: 320, channels: 2 }),
    ]);
    await server.streamClosed(7);
    const [{ path, startUs }] = server.segmentsOf(7);
    const { data, fileBytes, riffBytes, chunks } = await readRecording(path);
    expect([data.equals(AUDIO), riffBytes]).toEqual([true, fileBytes - 8]);
    expect(chunks.subarray(0, 4).toString()).toBe("bext");
    const { streams, format } = await probed(path);
    expect(streams).toMatchObject([
      {
        codec_name: "pcm_s16le",
        sample_rate: "16000",
        channels: 2,
        bits_per_sample: 16,
        duration_ts: 32_000,
      },
    ]);
    expect(format.tags).toMatchObject({
      artist: "kitchen",
      encoder: expect.stringMatching(/^audio-receiver \d/),
    });
    const seconds = (startUs / 1e6) % 86_400;
    expect(Math.abs(Number(format.tags?.time_reference) - seconds * 16_000)).toBeLessThanOrEqual(1);
    expect((await decodedByFfmpeg(path)).equals(AUDIO)).toBe(true);
  });

  it.each([16, 24, 32] as const)("TCP: %i bits, an odd number of data bytes", async (bitsPerSample) => {
    await using server = await TestReceiver.start({ bitsPerSample, sampleRate: 48_000 });
    const audio = noiseBytes((4801 * bitsPerSample) / 8);
    await send(server, [audio]);
    await ended(server);
    const [{ path }] = server.segments;
    const { fileBytes, riffBytes } = await readRecording(path);
    expect(riffBytes).toBe(fileBytes - 8);
    expect((await probed(path)).streams).toMatchObject([
      { codec_name: `pcm_s${bitsPerSample}le`, sample_rate: "48000", duration_ts: 4801 },
    ]);
    expect((await decodedByFfmpeg(path, bitsPerSample)).equals(audio)).toBe(true);
  });
});
