import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { PcmSource } from "../src/source/pcm.js";
import { streamAudio } from "../src/stream-audio.js";
import { littleEndian, temporaryFolder, tones, writeWav } from "./support/audio.js";
import { microphone } from "./support/microphone.js";
import { sinkFor, tcpSinkFor } from "./support/sink.js";

const folder = temporaryFolder();
const speech = tones(16_000 * 3 + 5);
const file = writeWav(join(folder, "speech.wav"), speech);

describe("what can go wrong", () => {
  test("a server that is not there yet is waited for", async () => {
    const free = await sinkFor();
    await free.kill();
    const streaming = streamAudio({ files: [file], url: free.url, connectTimeoutSeconds: 5 });
    await delay(700);
    const sink = await sinkFor({ port: free.port });
    const summary = await streaming;
    expect(summary.perStream[0].reconnects).toBe(0);
    expect(sink.streams[0].payloads).toHaveLength(151);
  });

  test("a server that never comes", async () => {
    const free = await sinkFor();
    await free.kill();
    const streaming = streamAudio({ files: [file], url: free.url, connectTimeoutSeconds: 0.4 });
    await expect(streaming).rejects.toMatchObject({ code: "connect-failed" });
    await expect(streaming).rejects.toThrow(
      `cannot connect to ${free.url} within 0.4 s: connect ECONNREFUSED`,
    );
  });

  test.each([401, 403, 404])("HTTP %d is final at once", async (status) => {
    const sink = await sinkFor({ refuse: () => status });
    const streaming = streamAudio({ files: [file], url: sink.url, connectTimeoutSeconds: 30 });
    await expect(streaming).rejects.toMatchObject({ code: "server-refused" });
    await expect(streaming).rejects.toThrow(`${sink.url}: server answered HTTP ${status}`);
  });

  test("HTTP 503 is tried again", async () => {
    let refusals = 0;
    const sink = await sinkFor({ refuse: () => (refusals++ < 2 ? 503 : undefined) });
    await streamAudio({ files: [file], url: sink.url });
    expect(refusals).toBe(3);
    expect(sink.streams[0].payloads).toHaveLength(151);
  });

  test("a close with 1008 is final and told with its reason", async () => {
    const sink = await sinkFor({
      onStream: ({ socket }) => setTimeout(() => socket.close(1008, "frame 3:\nbad"), 100),
    });
    const streaming = streamAudio({ files: [file], url: sink.url, realtime: true, loop: true });
    await expect(streaming).rejects.toMatchObject({ code: "server-refused" });
    await expect(streaming).rejects.toThrow(`server closed the connection: 1008 frame 3: bad`);
    expect(sink.streams).toHaveLength(1);
  });

  test.each([1001, 1013, "gone"] as const)("after %s it reconnects and seq goes on", async (how) => {
    const sink = await sinkFor({
      onStream: ({ socket }) => {
        if (sink.streams.length > 1) return;
        setTimeout(() => (how === "gone" ? socket.terminate() : socket.close(how)), 300);
      },
    });
    const notices: string[] = [];
    const summary = await streamAudio({
      files: [file],
      url: sink.url,
      codec: "pcm",
      realtime: true,
      durationSeconds: 2,
      onRetry: ({ reason }) => notices.push(reason),
    });
    const [before, after] = sink.streams;
    expect(sink.streams).toHaveLength(2);
    expect(summary.perStream[0]).toMatchObject({ frames: 100, samples: 32_000, reconnects: 1 });
    expect(notices).toHaveLength(1);
    expect(after.sequences.at(-1)).toBe(99);
    const lost = after.sequences[0] - before.sequences.length;
    expect(lost).toBeGreaterThanOrEqual(0);
    // What was on its way when it broke; 200 ms on a machine that is busy with other things.
    expect(lost).toBeLessThanOrEqual(10);
    expect(after.audio.equals(littleEndian(speech.subarray(after.sequences[0] * 320, 32_000)))).toBe(true);
    // The second handshake's time is that of its first sample on the stream's own axis.
    const stepMs = Number((after.handshake?.timestampMs ?? 0n) - (before.handshake?.timestampMs ?? 0n));
    expect(Math.abs(stepMs - after.sequences[0] * 20)).toBeLessThanOrEqual(1);
  });

  test("a server that is not ready at first does not upset the pace", async () => {
    const sink = await sinkFor({
      onStream: ({ socket }) => {
        if (sink.streams.length === 1) socket.close(1013);
      },
    });
    const summary = await streamAudio({
      files: [file],
      url: sink.url,
      realtime: true,
      durationSeconds: 1,
      random: () => 0,
    });
    expect(summary.frames).toBe(50);
    expect(summary.wallSeconds).toBeGreaterThan(0.7);
  });

  test("a break while the input says nothing is mended at once", async () => {
    const sink = await sinkFor({
      onStream: ({ socket }) => {
        if (sink.streams.length === 1) setTimeout(() => socket.terminate(), 100);
      },
    });
    const source = async (): Promise<PcmSource> => {
      const pieces = [tones(320), tones(320)];
      return {
        name: "slow microphone",
        sampleRate: 16_000,
        channels: 1,
        read: async () => {
          if (pieces.length === 1) await sink.connections(2);
          return pieces.pop();
        },
        close: async () => undefined,
      };
    };
    const summary = await streamAudio({ source, url: sink.url });
    expect(summary.perStream[0].reconnects).toBe(1);
    expect(sink.streams[1].sequences).toEqual([1]);
  });

  test("a live input does not wait for the server: what it said meanwhile is a gap", async () => {
    const sink = await sinkFor({
      onStream: ({ socket }) => {
        if (sink.streams.length === 1) setTimeout(() => socket.terminate(), 200);
      },
    });
    const pcm = tones(16_000 * 2);
    const source = microphone(pcm, 20);
    const summary = await streamAudio({ source, url: sink.url, codec: "pcm", random: () => 1 });
    const [before, after] = sink.streams;
    const [{ frames, framesSkipped }] = summary.perStream;
    // The first wait is 250 ms: about 12 frames, fewer where timers are late.
    expect(framesSkipped).toBeGreaterThan(2);
    expect(frames + framesSkipped).toBe(100);
    expect(after.sequences[0]).toBeGreaterThanOrEqual(before.sequences.length + framesSkipped);
    expect(after.audio.equals(littleEndian(pcm.subarray(after.sequences[0] * 320)))).toBe(true);
  });

  test("a server that stays away is given up after the reconnect timeout", async () => {
    const sink = await sinkFor({ onStream: () => setTimeout(() => void sink.kill(), 100) });
    const streaming = streamAudio({
      files: [file],
      url: sink.url,
      realtime: true,
      loop: true,
      reconnectTimeoutSeconds: 0.5,
    });
    await expect(streaming).rejects.toMatchObject({ code: "connection-lost" });
    await expect(streaming).rejects.toThrow(/could not reconnect for 0.5 s: connect ECONNREFUSED/);
  });

  test("a connection that breaks before the goodbye is no success", async () => {
    const sink = await sinkFor({
      onStream: (stream) => {
        stream.socket.on("message", () => {
          if (stream.payloads.length === 151) stream.socket.terminate();
        });
      },
    });
    const streaming = streamAudio({ files: [file], url: sink.url });
    await expect(streaming).rejects.toMatchObject({ code: "connection-lost" });
  });

  test("one stream that is refused ends the others cleanly and is named", async () => {
    const sink = await sinkFor({
      onStream: (stream) => {
        stream.socket.once("message", () => {
          if (stream.handshake?.streamId === 2) stream.socket.close(1008, "no");
        });
      },
    });
    const streaming = streamAudio({ files: [file], url: sink.url, streams: 3, realtime: true, loop: true });
    await expect(streaming).rejects.toThrow("stream 2: server closed the connection: 1008 no");
    const codes = await Promise.all(sink.streams.map(({ closed }) => closed));
    expect(codes.sort()).toEqual([1000, 1000, 1008]);
  });
});

describe("raw TCP", () => {
  test("reconnects and goes on at a sample frame", async () => {
    const sink = await tcpSinkFor((socket) => {
      if (sink.connections.length === 1) setTimeout(() => socket.destroy(), 300);
    });
    const stereo = tones(16_000, 2);
    const files = [writeWav(join(folder, "stereo.wav"), stereo, 2)];
    const tcp = { host: "127.0.0.1", port: sink.port };
    const summary = await streamAudio({ files, tcp, realtime: true, durationSeconds: 0.9 });
    expect(summary.perStream[0]).toMatchObject({ frames: 45, reconnects: 1 });
    const all = littleEndian(stereo.subarray(0, 14_400 * 2));
    const [before, after] = sink.connections.map(({ chunks }) => Buffer.concat(chunks));
    expect(before.equals(all.subarray(0, before.length))).toBe(true);
    expect(after.equals(all.subarray(all.length - after.length))).toBe(true);
    expect(after.length % (320 * 4)).toBe(0);
  });

  test("a server that never comes", async () => {
    const sink = await tcpSinkFor();
    await sink.close();
    const tcp = { host: "127.0.0.1", port: sink.port };
    const streaming = streamAudio({ files: [file], tcp, connectTimeoutSeconds: 0.4 });
    await expect(streaming).rejects.toThrow(
      `cannot connect to tcp://127.0.0.1:${sink.port} within 0.4 s: connect`,
    );
  });

  test("a slow reader holds the sender back and gets everything", async () => {
    const sink = await tcpSinkFor((socket) => {
      socket.pause();
      setTimeout(() => socket.resume(), 500);
    });
    const tcp = { host: "127.0.0.1", port: sink.port };
    const summary = await streamAudio({ files: [file], tcp, loop: true, durationSeconds: 1_000 });
    expect(summary.wallSeconds).toBeGreaterThan(0.4);
    expect(sink.connections[0].chunks.reduce((total, { length }) => total + length, 0)).toBe(32_000_000);
  });
});

describe("stopping", () => {
  test("closes with 1000 and tells what was sent", async () => {
    const sink = await sinkFor();
    const controller = new AbortController();
    const streaming = streamAudio({
      files: [file],
      url: sink.url,
      streams: 3,
      realtime: true,
      loop: true,
      signal: controller.signal,
    });
    await sink.connections(3);
    setTimeout(() => controller.abort(), 200);
    const summary = await streaming;
    expect(summary.stopped).toBe(true);
    expect(summary.frames).toBe(sink.streams.reduce((total, { payloads }) => total + payloads.length, 0));
    expect(await Promise.all(sink.streams.map(({ closed }) => closed))).toEqual([1000, 1000, 1000]);
  });

  test("does not wait long for a server that is not reading", async () => {
    const sink = await sinkFor({ onStream: ({ socket }) => socket.pause() });
    const started = performance.now();
    const signal = AbortSignal.timeout(200);
    const summary = await streamAudio({ files: [file], url: sink.url, codec: "pcm", loop: true, signal });
    expect(summary.stopped).toBe(true);
    // 3 s for the goodbye
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("works while connecting, while reconnecting, and before the start", async () => {
    const free = await sinkFor();
    await free.kill();
    const connecting = streamAudio({
      files: [file],
      url: free.url,
      connectTimeoutSeconds: 60,
      signal: AbortSignal.timeout(100),
    });
    expect(await connecting).toMatchObject({ stopped: true, frames: 0, wallSeconds: 0 });
    const sink = await sinkFor({ onStream: () => setTimeout(() => void sink.kill(), 50) });
    const options = { files: [file], url: sink.url, realtime: true, signal: AbortSignal.timeout(1_000) };
    expect(await streamAudio(options)).toMatchObject({ stopped: true });
    expect(await streamAudio({ files: [file], signal: AbortSignal.abort() })).toMatchObject({
      stopped: true,
    });
  });
});
