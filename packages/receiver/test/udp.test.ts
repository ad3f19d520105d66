import { describe, expect, it } from "vitest";
import { tones } from "./support/audio.js";
import { filesBelow, joinedAudio, readRecording } from "./support/recordings.js";
import { ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { datagrams, UdpDevice } from "./support/udp-client.js";
import { pause, until } from "./support/waiting.js";

const SECOND = 16_000;

/** Segments in the order of their streams; those of two streams are complete in any order. */
function byStream(server: TestReceiver) {
  return server.segments.sort((a, b) => a.stream.key - b.stream.key);
}

describe.concurrent("PCM over UDP", () => {
  it("is off unless asked for", async () => {
    await using server = await TestReceiver.start();
    expect(server.receiver.ports.udp).toBeUndefined();
  });

  it("is recorded like raw PCM over TCP: by day and minute, no .bin", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(SECOND);
    await device.send(...datagrams(audio, { end: true }));
    await ended(server);
    const [segment, ...others] = server.segments;
    expect(others).toEqual([]);
    expect(segment).toMatchObject({
      samples: SECOND,
      bin: undefined,
      gaps: [],
      stream: {
        source: "udp",
        device: "127-0-0-1",
        peer: device.peer,
        sampleRate: SECOND,
        channels: 1,
        bitsPerSample: 16,
      },
    });
    expect(await filesBelow(server.dataDir)).toEqual([
      expect.stringMatching(/^audio\/(\d{4}-\d\d-\d\d)\/\1_\d{4}\.wav$/),
    ]);
    const { data, metadata } = await readRecording(segment.path);
    expect(data.equals(audio)).toBe(true);
    expect(metadata).toMatchObject({ source: "udp", device: "127-0-0-1", samples: SECOND });
    expect(server.opened).toMatchObject([{ codec: "raw-pcm" }]);
    const status = { frames: 50, bytes: 32_000, samples: SECOND, lostFrames: 0, repeatedFrames: 0 };
    expect(server.closed).toMatchObject([{ cause: "peer-closed", detail: "", status }]);
  });

  it("has the rate and channels of raw PCM, but always 16 bits; segments are cut to the sample", async () => {
    const format = { sampleRate: 48_000, channels: 2, bitsPerSample: 24 } as const;
    await using server = await TestReceiver.start({ udpPort: 0, tcpSegmentSeconds: 0.25, ...format });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(30_000, { channels: 2, sampleRate: 48_000 });
    await device.send(...datagrams(audio, { channels: 2, size: 350, end: true }));
    await ended(server);
    expect(server.segments.map(({ samples }) => samples)).toEqual([12_000, 12_000, 6000]);
    expect(server.segments[0].stream).toMatchObject({ sampleRate: 48_000, channels: 2, bitsPerSample: 16 });
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it("comes from a device that is called as the settings say", async () => {
    const devices = { "127.0.8.2": { name: "kitchen" } };
    await using server = await TestReceiver.start({ udpPort: 0, devices });
    await using device = await UdpDevice.open(server.udpPort, "127.0.8.2");
    await device.send(...datagrams(tones(320), { end: true }));
    await ended(server);
    expect(server.closed).toMatchObject([{ stream: { device: "kitchen" } }]);
  });

  it.each(["::1", "localhost"])("is heard on host %s", async (host) => {
    await using server = await TestReceiver.start({ udpPort: 0, host, ws: false, tcp: false, web: false });
    const address = host === "::1" ? "::1" : "127.0.0.1";
    await using device = await UdpDevice.open(server.udpPort, address);
    await device.send(...datagrams(tones(320), { end: true }));
    await ended(server);
    expect(server.closed).toMatchObject([{ stream: { device: address.replaceAll(/[.:]/g, "-") } }]);
  });

  it("of one datagram is a file, of an empty one none", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    await using empty = await UdpDevice.open(server.udpPort);
    const [only] = datagrams(tones(100), { end: true });
    const nothing = only.slice(0, 12);
    nothing.fill(0, 8, 10);
    await empty.send(nothing);
    await device.send(only, nothing);
    await ended(server);
    expect(server.segments.map(({ samples }) => samples)).toEqual([100]);
    expect(server.opened).toHaveLength(1);
  });
});

describe.concurrent("the end of a stream", () => {
  it("flag waits for what it has overtaken; what comes after it opens nothing", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(3200);
    const packets = datagrams(audio, { end: true });
    await device.send(...packets.slice(0, 7), packets[9], packets[8], packets[7]);
    await ended(server);
    await device.send(...packets.slice(3), packets[9]);
    await pause(100);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
    expect(server.opened).toHaveLength(1);
  });

  it("flag does not wait for ever: what is missing before it becomes silence", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(3200);
    const packets = datagrams(audio, { end: true });
    await device.send(...packets.slice(0, 7), packets[9]);
    await ended(server);
    await device.send(packets[7], packets[8]);
    await pause(100);
    expect((await joinedAudio(server.segments)).equals(audio.fill(0, 640 * 7, 640 * 9))).toBe(true);
    expect(server.opened).toHaveLength(1);
    expect(server.gaps).toMatchObject([{ cause: "lost-frames", samples: 640, filled: true }]);
  });

  it("comes after the idle time, with all that arrived", async () => {
    await using server = await TestReceiver.start({ udpPort: 0, tcpIdleSeconds: 1 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(3200);
    const packets = datagrams(audio);
    await device.send(...packets.slice(0, 8), packets[9]);
    await ended(server);
    expect(server.closed).toMatchObject([{ cause: "idle", detail: "no data for 1 s" }]);
    expect((await joinedAudio(server.segments)).equals(audio.fill(0, 640 * 8, 640 * 9))).toBe(true);
  });

  it("comes with the receiver's, with all that arrived", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(3200);
    const packets = datagrams(audio);
    await device.send(packets[0]);
    await until("it is let in", () => server.opened.length === 1);
    await device.send(...packets.slice(1, 8), packets[9]);
    await server.receiver.close();
    expect(server.closed).toMatchObject([{ cause: "server-stopping" }]);
    expect((await joinedAudio(server.segments)).equals(audio.fill(0, 640 * 8, 640 * 9))).toBe(true);
  });
});

describe.concurrent("a sender that begins anew", () => {
  const first = tones(320 * 100, { seed: 1 });
  const second = tones(320 * 50, { seed: 2 });
  it.each([
    ["with number 0", { start: false }, 100],
    ["with the start flag, going on with its numbers", { firstSeq: 100 }, 100],
    ["with the start flag, far behind", { firstSeq: 20, firstMs: 90_000 }, 100],
    ["far ahead", { start: false, firstSeq: 100_000 }, 100],
    ["with its start lost", { start: false, firstSeq: 2_000_000_000 }, 100],
  ])("%s is another stream", async (_, numbering, expectedSeq) => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    await device.send(...datagrams(first));
    await device.send(...datagrams(second, { ...numbering, end: true }));
    await ended(server, 2);
    const audio = await Promise.all(byStream(server).map((segment) => joinedAudio([segment])));
    expect([audio.length, audio[0].equals(first), audio[1].equals(second)]).toEqual([2, true, true]);
    expect(server.restarts).toMatchObject([{ expectedSeq, stream: { source: "udp" } }]);
    const [before] = server.closed.sort((a, b) => a.stream.key - b.stream.key);
    expect(before).toMatchObject({ cause: "peer-closed", detail: "the sender began anew" });
    expect(server.gaps).toEqual([]);
  });

  it("after its end is another stream, however short the first was", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    for (const seed of [1, 2, 3]) {
      await device.send(...datagrams(tones(640, { seed }), { end: true }));
    }
    await ended(server, 3);
    const expected = [1, 2, 3].map((seed) => tones(640, { seed }));
    expect((await joinedAudio(byStream(server))).equals(Buffer.concat(expected))).toBe(true);
    expect(server.restarts).toEqual([]);
  });

  it("is not one whose first datagram comes twice, or second", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(3200);
    const [start, next, ...rest] = datagrams(audio, { end: true });
    await device.send(next, start, start, next, start, ...rest);
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
    expect(server.closed).toMatchObject([{ status: { frames: 10, repeatedFrames: 3 } }]);
  });
});
