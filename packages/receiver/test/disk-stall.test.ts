import { afterEach, describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { joinedAudio } from "./support/recordings.js";
import { restoreDisk, stallDisk } from "./support/stalled-disk.js";
import { StreamClient } from "./support/stream-client.js";
import { dial } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

afterEach(restoreDisk);

async function readiness(server: TestReceiver): Promise<[number, string[]]> {
  const answer = await fetch(server.web("/readyz"));
  return [answer.status, ((await answer.json()) as { reasons: string[] }).reasons];
}

// One after the other: the stalled disk is everybody's.
describe("a disk that stalls for seconds", () => {
  it("is told, lets nobody new in, costs live streams nothing, and is forgotten when it goes on", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60 });
    const told: boolean[] = [];
    server.receiver.events.on("disk:stalled", ({ stalled }) => told.push(stalled));
    const frames = pcmFrames(noiseBytes(32_000 * 60), { frameSamples: 320 });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake());
    const start = performance.now();
    let sent = 0;
    const play = () => {
      for (; sent * 20 < performance.now() - start; sent++) client.send(frames[sent]);
    };
    const playing = setInterval(play, 20);
    await until("it is recorded", () => server.begun.length === 1);
    expect(await readiness(server)).toEqual([200, []]);
    const disk = stallDisk();
    await until("it shows", async () => (await readiness(server))[0] === 503);
    expect(await readiness(server)).toEqual([503, ["disk-stalled"]]);
    expect((await fetch(server.web("/healthz"))).status).toBe(200);
    using raw = await RawWebSocket.open(server.wsPort);
    await raw.gone();
    expect([raw.status, raw.answer.includes("disk-stalled")]).toEqual([503, true]);
    const socket = (await dial(server)).resume();
    await until("TCP is closed at once", () => socket.readableEnded || socket.destroyed);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await until("the event", () => told.length === 1);
    disk.resume();
    await until("it is well", async () => (await readiness(server))[0] === 200, 5000);
    await until("the event of its end", () => told.length === 2);
    expect(told).toEqual([true, false]);
    clearInterval(playing);
    play();
    await client.close();
    await server.streamClosed(7);
    expect([server.gaps, server.failed]).toEqual([[], []]);
    const audio = Buffer.concat(frames.slice(0, sent).map((frame) => frame.subarray(12)));
    expect((await joinedAudio(server.segmentsOf(7))).equals(audio)).toBe(true);
  });

  it("is why audio is missing that a device could not keep while it was held", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60 });
    const format = { sampleRate: 384_000, channels: 8, frameSamples: 3840 }; // 6 MB/s, 10 ms a frame
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake(format));
    const payload = noiseBytes(3840 * 16);
    const start = performance.now();
    let dropped = 0;
    let seq = 0;
    // It has 100 kB to keep what the network does not take; what comes on top is lost.
    const play = () => {
      for (; seq * 10 < performance.now() - start; seq++) {
        if (client.socket.bufferedAmount > 100_000) dropped++;
        else client.send(pcmFrames(payload, { ...format, firstSeq: seq })[0]);
      }
    };
    const playing = setInterval(play, 10);
    await until("it is recorded", () => server.begun.length === 1);
    const disk = stallDisk();
    await until("it loses audio", () => dropped > 100);
    disk.resume();
    await until("it is heard again", () => client.socket.bufferedAmount === 0);
    await pause(500);
    clearInterval(playing);
    await client.close();
    const { status } = await server.streamClosed(7);
    expect(status.lostFrames).toBe(dropped);
    expect(new Set(server.gaps.map(({ cause }) => cause))).toEqual(new Set(["overload"]));
    const missing = server.gaps.reduce((sum, { samples }) => sum + samples, 0);
    expect(missing).toBe(dropped * 3840);
  });
});
