import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NapWheel } from "../src/ingest/nap-wheel.js";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { joinedAudio } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { dial, ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const TICK_MS = 25;

describe("the nap wheel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each([1, 2, 5, 8])("wakes once, within the last of %i ticks", (ticks) => {
    const wheel = new NapWheel();
    const wake = vi.fn();
    wheel.nap({ wake }, ticks);
    vi.advanceTimersByTime(ticks * TICK_MS - 1);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it("has no timer while nobody sleeps", () => {
    const wheel = new NapWheel();
    expect(vi.getTimerCount()).toBe(0);
    for (const ticks of [3, 8]) wheel.nap({ wake: () => undefined }, ticks);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(8 * TICK_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets a sleeper lie down again as it wakes", () => {
    const wheel = new NapWheel();
    let naps = 0;
    const sleeper = { wake: () => ++naps < 5 && wheel.nap(sleeper, 8) };
    wheel.nap(sleeper as never, 8);
    vi.advanceTimersByTime(8 * TICK_MS * 5);
    expect(naps).toBe(5);
  });

  it("wakes everybody at once when the server stops", () => {
    const wheel = new NapWheel();
    const wakes = [1, 4, 8, 8].map((ticks) => {
      const wake = vi.fn();
      wheel.nap({ wake }, ticks);
      return wake;
    });
    wheel.wakeAll();
    for (const wake of wakes) expect(wake).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

// A server that reads these more slowly than they come would need half a minute for what is sent in a second.
describe.concurrent("a live stream that is fast", () => {
  it("over WebSocket, 8 channels at 384 kHz, is read as fast as it comes", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60 });
    const frameSamples = 3840;
    const audio = noiseBytes(frameSamples * 16 * 100);
    using client = await StreamClient.connect(server.ws());
    client.send(handshake({ channels: 8, sampleRate: 384_000, frameSamples }));
    for (const frame of pcmFrames(audio, { frameSamples, channels: 8 })) {
      client.send(frame);
      await pause(8);
    }
    await until("everything is read", () => server.receiver.streams[0]?.bytes === audio.length, 8000);
    await client.close();
    await server.streamClosed(7);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it("over TCP, 8 channels of 32 bits at 384 kHz, is read as fast as it comes", async () => {
    await using server = await TestReceiver.start({ channels: 8, bitsPerSample: 32, sampleRate: 384_000 });
    const audio = noiseBytes(32 * 3840 * 80);
    const socket = await dial(server);
    for (let at = 0; at < audio.length; at += 32 * 3840) {
      socket.write(audio.subarray(at, at + 32 * 3840));
      await pause(8);
    }
    await until("everything is read", () => server.receiver.streams[0]?.bytes === audio.length, 8000);
    socket.end();
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it.each([1000, 16_000, 96_000, 384_000])(
    "a replay at %i Hz is not slowed down to its own pace",
    async (sampleRate) => {
      await using server = await TestReceiver.start({ wsSegmentSeconds: 600 });
      const audio = noiseBytes(sampleRate * 2 * 60);
      const frameSamples = sampleRate / 50;
      const start = performance.now();
      await play(server.ws(), [
        handshake({ sampleRate, frameSamples }),
        ...pcmFrames(audio, { frameSamples }),
      ]);
      await server.streamClosed(7);
      expect(performance.now() - start).toBeLessThan(20_000);
      expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
    },
  );
});

describe.concurrent("maxPace", () => {
  it.each(["ws", "tcp"] as const)(
    "over %s, is the fastest that a replay is read; nothing is lost",
    async (port) => {
      await using server = await TestReceiver.start({ maxPace: 20, wsSegmentSeconds: 60 });
      const audio = noiseBytes(16_000 * 2 * 60);
      const start = performance.now();
      if (port === "ws") await play(server.ws(), [handshake(), ...pcmFrames(audio, { frameSamples: 320 })]);
      else (await dial(server)).end(audio);
      await ended(server);
      // 60 s at 20 times real time, less the second's worth that may come at once.
      expect(performance.now() - start).toBeGreaterThan(2000);
      expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
    },
  );
});
