import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutAt, noiseBytes, tones } from "./support/audio.js";
import { filesBelow, joinedAudio, readRecording } from "./support/recordings.js";
import { dial, ended, send } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

describe.concurrent("raw PCM", () => {
  it("has the format of the listener, a name by day and minute, and no .bin", async () => {
    await using server = await TestReceiver.start();
    const audio = tones(16_000);
    await send(server, [audio]);
    await ended(server);
    const [segment, ...others] = server.segments;
    expect(others).toEqual([]);
    expect(segment).toMatchObject({
      samples: 16_000,
      bin: undefined,
      stream: { source: "tcp", device: "127-0-0-1", sampleRate: 16_000, channels: 1, bitsPerSample: 16 },
    });
    expect(await filesBelow(server.dataDir)).toEqual([
      expect.stringMatching(/^audio\/(\d{4}-\d\d-\d\d)\/\1_\d{4}\.wav$/),
    ]);
    const { data, metadata } = await readRecording(segment.path);
    expect(data.equals(audio)).toBe(true);
    expect(metadata).toMatchObject({ source: "tcp", device: "127-0-0-1", samples: 16_000 });
    expect(server.opened).toMatchObject([{ codec: "raw-pcm" }]);
    expect(server.closed).toMatchObject([
      { cause: "peer-closed", status: { bytes: 32_000, samples: 16_000, frames: 0 } },
    ]);
  });

  const formats = fc.record({
    bitsPerSample: fc.constantFrom(16 as const, 24 as const, 32 as const),
    channels: fc.constantFrom(1, 2, 3, 8),
    segmentFrames: fc.integer({ min: 100, max: 3000 }),
    bytes: fc.integer({ min: 1, max: 120_000 }),
    cuts: fc.array(fc.nat(120_000), { maxLength: 60 }),
  });
  it("loses and doubles no byte, whatever the format, the cuts and the segments", async () => {
    const property = fc.asyncProperty(
      formats,
      async ({ bitsPerSample, channels, segmentFrames, bytes, cuts }) => {
        const tcpSegmentSeconds = segmentFrames / 1000;
        await using server = await TestReceiver.start({
          sampleRate: 1000,
          bitsPerSample,
          channels,
          tcpSegmentSeconds,
        });
        const sent = noiseBytes(bytes, bytes);
        await send(server, cutAt(sent, cuts));
        await ended(server);
        const frameBytes = (channels * bitsPerSample) / 8;
        const whole = sent.subarray(0, bytes - (bytes % frameBytes));
        expect((await joinedAudio(server.segments)).equals(whole)).toBe(true);
        const lengths = server.segments.map(({ samples }) => samples);
        expect(lengths.slice(0, -1).every((samples) => samples === segmentFrames)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it("cut into single bytes is the same", async () => {
    await using server = await TestReceiver.start({ bitsPerSample: 24, channels: 2 });
    const sent = noiseBytes(1200);
    await send(
      server,
      [...sent].map((byte) => Uint8Array.of(byte)),
    );
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(sent)).toBe(true);
  });

  it.each([16, 24, 32] as const)("of %i bits keeps its depth", async (bitsPerSample) => {
    await using server = await TestReceiver.start({ bitsPerSample, channels: 2, sampleRate: 48_000 });
    const audio = noiseBytes(48_000 * (bitsPerSample / 8));
    await send(server, [audio]);
    await ended(server);
    const { header, data, fileBytes, riffBytes } = await readRecording(server.segments[0].path);
    expect(header).toMatchObject({
      bitsPerSample,
      channels: 2,
      sampleRate: 48_000,
      blockAlign: bitsPerSample / 4,
    });
    expect(data.equals(audio)).toBe(true);
    expect([riffBytes, server.segments[0].bytes]).toEqual([fileBytes - 8, fileBytes]);
  });

  it.each([1, 2, 3, 7, 8, 9, 31])("of %i bytes in all is audio too", async (bytes) => {
    await using server = await TestReceiver.start();
    const sent = noiseBytes(bytes, 3);
    await send(server, [sent]);
    await pause(300);
    const whole = sent.subarray(0, bytes - (bytes % 2));
    expect((await joinedAudio(server.segments)).equals(whole)).toBe(true);
    expect(server.segments).toHaveLength(whole.length > 0 ? 1 : 0);
  });

  it("that nobody sends leaves no file, and no stream", async () => {
    await using server = await TestReceiver.start();
    await send(server, []);
    await pause(300);
    expect([server.opened, await filesBelow(server.dataDir)]).toEqual([[], []]);
  });

  it.each([
    "CPDA",
    "CPDA\u0001\0",
    "CPDA\u0001\0\u0020",
    "CPDA\u0002\0\u0020\0",
    "CPDA\u0001\0\u0021\0",
    "CPDB\u0001\0\u0020\0",
  ])("that begins with %j is audio, not a handshake", async (start) => {
    await using server = await TestReceiver.start();
    const beginning = Buffer.from(start, "latin1");
    const more = noiseBytes(400 - beginning.length);
    await send(server, [beginning, more]);
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(Buffer.concat([beginning, more]))).toBe(true);
    expect(server.refused).toEqual([]);
  });

  it.each(["end", "silence"])(
    "that is only the beginning of a handshake's first bytes is audio, after %s",
    async (how) => {
      await using server = await TestReceiver.start({ tcpIdleSeconds: 0.5 });
      const socket = await dial(server);
      socket.write("CPDA");
      if (how === "end") socket.end();
      await ended(server);
      expect((await joinedAudio(server.segments)).toString()).toBe("CPDA");
      socket.destroy();
    },
  );
});

describe.concurrent("many devices", () => {
  it("20 at once in one minute: twenty files, nothing lost, nothing overwritten", async () => {
    await using server = await TestReceiver.start();
    const audio = Array.from({ length: 20 }, (_, i) => tones(32_000, { seed: i + 1 }));
    const addresses = audio.map((_, i) => `127.0.7.${i + 1}`);
    await Promise.all(
      audio.map((bytes, i) => send(server, cutAt(bytes, [5001, 20_001, 40_003]), addresses[i])),
    );
    await ended(server, 20);
    const files = await filesBelow(server.dataDir);
    expect(files.length).toBeGreaterThanOrEqual(20);
    const last = files.map((name) => Number(/_\d{4}(?:_(\d+))?\.wav$/.exec(name)?.[1] ?? 1));
    expect(new Set(files).size).toBe(files.length);
    expect(Math.max(...last)).toBeLessThanOrEqual(20);
    for (const [i, address] of addresses.entries()) {
      const device = address.replaceAll(".", "-");
      const own = server.segments.filter(({ stream }) => stream.device === device);
      expect((await joinedAudio(own)).equals(audio[i])).toBe(true);
    }
  });

  it("have the names that the settings give to their addresses", async () => {
    await using server = await TestReceiver.start({
      devices: { "127.0.7.50": { name: "kitchen" } },
      pathPcm: "tcp/{device}/{date}",
    });
    await send(server, [tones(160)], "127.0.7.50");
    await send(server, [tones(160)], "127.0.7.51");
    await ended(server, 2);
    expect(server.closed.map(({ stream }) => stream.device).sort()).toEqual(["127-0-7-51", "kitchen"]);
    const folders = (await filesBelow(server.dataDir)).map((name) => name.split("/")[1]);
    expect(folders).toEqual(["127-0-7-51", "kitchen"]);
  });
});

describe.concurrent("a connection that says nothing more", () => {
  it.each(["before the first byte", "after some audio"])("is closed after the idle time %s", async (when) => {
    await using server = await TestReceiver.start({ tcpIdleSeconds: 0.6 });
    const socket = await dial(server);
    const audio = tones(800);
    if (when === "after some audio") socket.write(audio);
    const start = performance.now();
    socket.resume();
    await once(socket, "close");
    expect(performance.now() - start).toBeGreaterThan(550);
    if (when === "before the first byte") return expect(server.opened).toEqual([]);
    await ended(server);
    expect(server.closed).toMatchObject([{ cause: "idle", detail: "no data for 0.6 s" }]);
    expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  });

  it("stays as long as a byte comes now and then", async () => {
    await using server = await TestReceiver.start({ tcpIdleSeconds: 1 });
    const socket = await dial(server);
    for (let i = 0; i < 12; i++) {
      socket.write(Uint8Array.of(i));
      await pause(250);
    }
    expect(server.closed).toEqual([]);
    socket.end();
    await ended(server);
    expect([...(await joinedAudio(server.segments))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
