import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { streamAudio } from "../src/stream-audio.js";
import { acknowledgingSinkFor } from "./support/acknowledging-sink.js";
import { littleEndian, tones } from "./support/audio.js";
import { microphone } from "./support/microphone.js";

describe("a microphone", () => {
  test("loses nothing while the server is away", async () => {
    const first = await acknowledgingSinkFor();
    const { disk, port } = first;
    const pcm = tones(320 * 300);
    const summing = streamAudio({
      source: microphone(pcm, 5),
      url: first.url,
      codec: "pcm",
      random: () => 0,
    });
    await first.connections(1);
    await delay(300);
    await first.kill();
    await delay(700);
    const second = await acknowledgingSinkFor({ port, disk });
    const summary = await summing;
    const expected = { frames: 300, framesAcknowledged: 300, framesSkipped: 0, reconnects: 1 };
    expect(summary.perStream[0]).toMatchObject(expected);
    expect(disk.audio.equals(littleEndian(pcm))).toBe(true);
    expect(second.streams[0].sequences[0]).toBeGreaterThan(0);
  });

  test("loses the oldest when the outage outlasts the buffer, and seq shows the gap", async () => {
    const first = await acknowledgingSinkFor();
    const { disk, port } = first;
    const pcm = tones(320 * 400);
    const options = { codec: "pcm", random: () => 0, ackBufferBytes: 65_536 } as const;
    const summing = streamAudio({ ...options, source: microphone(pcm, 2), url: first.url });
    await first.connections(1);
    await delay(100);
    await first.kill();
    // 65 536 bytes are 45 frames of 1452 with what each costs.
    await delay(500);
    await acknowledgingSinkFor({ port, disk });
    const [{ frames, framesSkipped, framesAcknowledged }] = (await summing).perStream;
    const missing = Array.from({ length: 400 }, (_, seq) => disk.frames[seq]).filter(
      (frame) => !frame,
    ).length;
    expect(framesSkipped).toBeGreaterThan(0);
    expect(framesSkipped).toBe(missing);
    expect(framesAcknowledged).toBe(400 - missing);
    expect(frames).toBeLessThanOrEqual(400);
    disk.frames.forEach((frame, seq) => {
      expect(littleEndian(pcm.subarray(seq * 320, (seq + 1) * 320)).equals(frame)).toBe(true);
    });
  });

  test("goes on while the server holds it back, and drops nothing that still fits", async () => {
    const sink = await acknowledgingSinkFor({
      onConnection: ({ socket }) => {
        setTimeout(() => socket.pause(), 50);
        setTimeout(() => socket.resume(), 800);
      },
    });
    const pcm = tones(320 * 200);
    const seen: number[] = [];
    const summary = await streamAudio({
      source: microphone(pcm, 5),
      url: sink.url,
      codec: "pcm",
      onProgress: ([{ unacknowledgedSeconds }]) => seen.push(unacknowledgedSeconds),
    });
    expect(summary.perStream[0]).toMatchObject({ framesSkipped: 0, framesAcknowledged: 200, reconnects: 0 });
    expect(sink.disk.audio.equals(littleEndian(pcm))).toBe(true);
    expect(Math.max(...seen)).toBeGreaterThan(0.2);
    expect(seen.at(-1)).toBe(0);
  });
});
