import { afterEach, describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { joinedAudio } from "./support/recordings.js";
import { restoreDisk, stallDisk } from "./support/stalled-disk.js";
import { StreamClient } from "./support/stream-client.js";
import { dial, ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { dialTls, pairOf, trusting } from "./support/tls-client.js";
import { pause, until } from "./support/waiting.js";

const MEGABYTE = 1_000_000;

afterEach(restoreDisk);

/** Bytes that the live streams have accepted, once that number stands still. */
async function settledBytes(server: TestReceiver): Promise<number> {
  let last = -1;
  const accepted = () => server.receiver.streams.reduce((sum, { bytes }) => sum + bytes, 0);
  await until("nothing more is read", async () => {
    const previous = last;
    last = accepted();
    await pause(300);
    return last > 0 && accepted() === last && previous === last;
  });
  return last;
}

// One after the other: the stalled disk is everybody's.
describe("while the disk takes nothing", () => {
  it("a WebSocket sender is no longer read, and no byte is lost when the disk goes on", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60, pingSeconds: 1 });
    const disk = stallDisk();
    const audio = noiseBytes(30 * MEGABYTE);
    const frames = pcmFrames(audio, { frameSamples: 4000 });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake({ frameSamples: 4000, sampleRate: 384_000 }), ...frames);
    expect(await settledBytes(server)).toBeLessThan(2 * MEGABYTE);
    await pause(3500); // more than the keepalive's patience: a peer that we keep waiting is not dead
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    disk.resume();
    expect(await client.close()).toEqual({ code: 1000, reason: "" });
    expect((await server.streamClosed(7)).status).toMatchObject({ bytes: audio.length, lostFrames: 0 });
    expect((await joinedAudio(server.segmentsOf(7))).equals(audio)).toBe(true);
  });

  it("a TCP sender is no longer read, and no byte is lost when the disk goes on", async () => {
    await using server = await TestReceiver.start({ tcpIdleSeconds: 1, sampleRate: 384_000 });
    const disk = stallDisk();
    const audio = noiseBytes(30 * MEGABYTE);
    const socket = await dial(server);
    socket.end(audio);
    expect(await settledBytes(server)).toBeLessThan(2 * MEGABYTE);
    await pause(2000); // nor is it idle
    expect(server.closed).toEqual([]);
    disk.resume();
    socket.resume();
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it("a sender over TLS is no longer read either", async () => {
    const { cert, key } = pairOf("first");
    await using server = await TestReceiver.start({ sampleRate: 384_000, tlsCert: cert, tlsKey: key });
    const disk = stallDisk();
    const audio = noiseBytes(20 * MEGABYTE);
    const socket = await dialTls(server.tcpPort, await trusting("first"));
    socket.end(audio);
    expect(await settledBytes(server)).toBeLessThan(2 * MEGABYTE);
    disk.resume();
    socket.resume();
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it("a stream waits for no more than streamMemoryKb", async () => {
    await using server = await TestReceiver.start({ streamMemoryKb: 4000, sampleRate: 384_000 });
    const disk = stallDisk();
    const audio = noiseBytes(20 * MEGABYTE);
    const socket = await dial(server);
    socket.end(audio);
    const bytes = await settledBytes(server);
    expect(bytes).toBeGreaterThan(3.5 * MEGABYTE);
    expect(bytes).toBeLessThan(6 * MEGABYTE);
    disk.resume();
    socket.resume();
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it("all streams together stay within memoryMb, and each is allowed a little", async () => {
    await using server = await TestReceiver.start({ memoryMb: 16, wsSegmentSeconds: 600 });
    const disk = stallDisk();
    const audio = noiseBytes(MEGABYTE);
    const frames = pcmFrames(audio, { frameSamples: 2000 });
    const ids = Array.from({ length: 60 }, (_, i) => i + 1);
    const clients = await Promise.all(ids.map(() => StreamClient.connect(server.ws())));
    for (const [i, client] of clients.entries()) {
      client.send(handshake({ streamId: ids[i], frameSamples: 2000, sampleRate: 384_000 }), ...frames);
    }
    const bytes = await settledBytes(server);
    expect(bytes).toBeLessThan(40 * MEGABYTE);
    expect(server.receiver.streams.every((stream) => stream.bytes > 50_000)).toBe(true);
    disk.resume();
    await Promise.all(clients.map((client) => client.close()));
    await ended(server, ids.length);
    for (const id of ids) {
      expect((await joinedAudio(server.segmentsOf(id))).equals(audio)).toBe(true);
    }
  });

  it("a real-time stream loses nothing of some seconds, and neither does its time", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60 });
    const audio = noiseBytes(32_000 * 4);
    const frames = pcmFrames(audio, { frameSamples: 320 });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake(), ...frames.slice(0, 20));
    await pause(400);
    const disk = stallDisk();
    for (const frame of frames.slice(20)) {
      client.send(frame);
      await pause(15);
    }
    disk.resume();
    await client.close();
    await server.streamClosed(7);
    const segments = server.segmentsOf(7);
    expect((await joinedAudio(segments)).equals(audio)).toBe(true);
    expect([segments.length, server.gaps]).toEqual([1, []]);
  });
});
