import { decodeBlock } from "@audio/ima-adpcm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adpcmFrames, handshake, payloadsOf, pcmFrames, tones } from "./support/audio.js";
import { filesBelow, joinedAudio, joinedFrames, readRecording } from "./support/recordings.js";
import { play } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";

async function record(messages: readonly Uint8Array[], options = {}): Promise<TestReceiver> {
  const server = await TestReceiver.start(options);
  expect(await play(server.ws("/kitchen"), messages)).toEqual({ code: 1000, reason: "" });
  await server.streamClosed(7);
  return server;
}

describe.concurrent("rotation", () => {
  it.each([
    [0.1, 16_000, 320],
    [0.25, 16_000, 320],
    [0.333, 16_000, 317],
    [1, 44_100, 1000],
    [1.0005, 8000, 160],
    [2.5, 1000, 7],
  ])(
    "every %s s of %i Hz, exact to the sample, also inside a frame of %i",
    async (seconds, sampleRate, frameSamples) => {
      const exact = Math.round(seconds * sampleRate);
      const audio = tones(exact * 4 + 13, { sampleRate });
      const frames = pcmFrames(audio, { frameSamples });
      await using server = await record([handshake({ sampleRate, frameSamples }), ...frames], {
        wsSegmentSeconds: seconds,
      });
      const segments = server.segmentsOf(7);
      expect(segments.map(({ samples }) => samples)).toEqual([exact, exact, exact, exact, 13]);
      expect((await joinedAudio(segments)).equals(audio)).toBe(true);
      expect((await joinedFrames(segments)).equals(Buffer.concat(frames))).toBe(true);
    },
  );

  it("at the last sample of a stream leaves no empty file behind", async () => {
    const audio = tones(3200);
    await using server = await record([handshake(), ...pcmFrames(audio, { frameSamples: 320 })], {
      wsSegmentSeconds: 0.1,
    });
    expect(server.segmentsOf(7).map(({ samples }) => samples)).toEqual([1600, 1600]);
    expect(await filesBelow(server.dataDir)).toHaveLength(4);
  });

  it("every 10 s by default", async () => {
    const frames = pcmFrames(tones(16_000 * 21), { frameSamples: 4000 });
    await using server = await record([handshake({ frameSamples: 4000 }), ...frames]);
    expect(server.segmentsOf(7).map(({ samples }) => samples)).toEqual([160_000, 160_000, 16_000]);
  });

  const streams = fc.record({
    codec: fc.constantFrom("pcm16" as const, "ima-adpcm" as const),
    nibbleOrder: fc.constantFrom("auto", "low"),
    channels: fc.constantFrom(1, 2),
    frameSamples: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4000 })),
    segmentFrames: fc.oneof(fc.integer({ min: 100, max: 300 }), fc.integer({ min: 100, max: 4000 })),
    samples: fc.integer({ min: 1, max: 9000 }),
  });
  it("cuts any frames at any length: the segments are the input, and so are their .bin", async () => {
    const property = fc.asyncProperty(
      streams,
      async ({ codec, nibbleOrder, channels, frameSamples: any, segmentFrames, samples }) => {
        const grouped = codec === "ima-adpcm" && channels === 2;
        const frameSamples = grouped ? Math.ceil(any / 8) * 8 : any;
        const total = grouped ? Math.ceil(samples / 8) * 8 : samples;
        const cutting = { frameSamples, channels };
        const audio = tones(total, { channels });
        const frames = codec === "pcm16" ? pcmFrames(audio, cutting) : adpcmFrames(audio, cutting);
        const start = handshake({ codec, channels, frameSamples, sampleRate: 1000 });
        const options = { wsSegmentSeconds: segmentFrames / 1000, nibbleOrder };
        await using server = await record([start, ...frames], options);
        const segments = server.segmentsOf(7);
        const pieces =
          codec === "pcm16"
            ? payloadsOf(frames)
            : payloadsOf(frames).map((block) => decoded(block, frameSamples, channels));
        expect((await joinedAudio(segments)).equals(Buffer.concat(pieces))).toBe(true);
        expect(segments.slice(0, -1).every((segment) => segment.samples === segmentFrames)).toBe(true);
        // A frame stands in the .bin of the segment in which its first sample lies.
        const starts = pieces.map((_, i) => i * frameSamples);
        for (const [k, segment] of segments.entries()) {
          const own = frames.filter((_, i) => Math.floor(starts[i] / segmentFrames) === k);
          expect(segment.bin === undefined).toBe(own.length === 0);
          expect((await joinedFrames([segment])).equals(Buffer.concat(own))).toBe(true);
        }
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });
});

function decoded(block: Uint8Array, frameSamples: number, channels: number): Buffer {
  const out = new Int16Array(frameSamples * channels);
  const count = decodeBlock(block, 0, block.length, channels as 1 | 2, "low", out, 0, frameSamples);
  return Buffer.from(out.buffer, 0, count * channels * 2);
}

describe.concurrent(".bin", () => {
  it("of a last segment that holds only the tail of a frame: there is none", async () => {
    const frames = pcmFrames(tones(2000), { frameSamples: 1000 });
    await using server = await record([handshake({ frameSamples: 1000, sampleRate: 1000 }), ...frames], {
      wsSegmentSeconds: 1.5,
    });
    const [first, last, ...others] = server.segmentsOf(7);
    expect([first.samples, last.samples, others]).toEqual([1500, 500, []]);
    expect(first.bin?.bytes).toBe(2 * (12 + 2000));
    expect(last.bin).toBeUndefined();
    const names = (await filesBelow(server.dataDir)).map((name) => name.slice(name.lastIndexOf(".")));
    expect(names.sort()).toEqual([".bin", ".wav", ".wav"]);
  });

  it("each begins with the handshake as it came, when asked for", async () => {
    const start = handshake({ timestampMs: 1_767_225_600_123n });
    const frames = pcmFrames(tones(4000), { frameSamples: 320 });
    await using server = await record([start, ...frames], { binHandshake: true, wsSegmentSeconds: 0.1 });
    const segments = server.segmentsOf(7);
    expect(segments).toHaveLength(3);
    const rest: Buffer[] = [];
    for (const segment of segments) {
      const bin = await joinedFrames([segment]);
      expect(bin.subarray(0, 32).equals(start)).toBe(true);
      expect(bin.length).toBe(segment.bin?.bytes);
      rest.push(bin.subarray(32));
    }
    expect(Buffer.concat(rest).equals(Buffer.concat(frames))).toBe(true);
  });

  it("is not written at all when not wanted", async () => {
    await using server = await record([handshake(), ...pcmFrames(tones(3200), { frameSamples: 320 })], {
      bin: false,
    });
    expect(server.segmentsOf(7)).toMatchObject([{ bin: undefined }]);
    expect((await filesBelow(server.dataDir)).filter((name) => !name.endsWith(".wav"))).toEqual([]);
  });
});

describe.concurrent("a completed segment's event", () => {
  it("tells where, when, how much and how loud", async () => {
    const square = Buffer.alloc(16_000 * 2 * 2.5);
    for (let i = 0; i < square.length / 2; i++) square.writeInt16LE((i & 8) === 0 ? 16_384 : -16_384, i * 2);
    square.fill(0, 32_000, 64_000);
    const before = Date.now() * 1000;
    await using server = await record([
      handshake({ streamId: 7, timestampMs: 1n }),
      ...pcmFrames(square, { frameSamples: 320 }),
    ]);
    const [segment] = server.segmentsOf(7);
    expect(segment).toMatchObject({
      stream: {
        device: "kitchen",
        streamId: 7,
        source: "websocket",
        sampleRate: 16_000,
        channels: 1,
        bitsPerSample: 16,
      },
      samples: 40_000,
      gaps: [],
      levels: {
        peakDbfs: [-6.02, -120, -6.02],
        rmsDbfs: [-6.02, -120, -6.02],
        clippedSamples: 0,
        flatSeconds: 1,
      },
    });
    const [loud, silent] = [228, 0].map((level) => new Array<number>(11).fill(level));
    expect(Array.from(segment.levels.track)).toEqual([1, ...loud, ...silent, ...loud.slice(5)]);
    expect(segment.path.startsWith(`${server.dataDir}/received/kitchen/`)).toBe(true);
    expect(segment.bin?.path).toBe(segment.path.replace(/\.wav$/, ".bin"));
    expect(segment.startUs).toBeGreaterThanOrEqual(before - 100_000);
    expect(segment.startUs).toBeLessThanOrEqual(Date.now() * 1000 + 100_000);
    const { fileBytes, metadata } = await readRecording(segment.path);
    expect(segment.bytes).toBe(fileBytes);
    expect(metadata).toMatchObject({
      startUs: segment.startUs,
      samples: 40_000,
      device: "kitchen",
      streamId: 7,
      source: "websocket",
    });
    expect(server.begun).toMatchObject([
      { path: segment.path, startUs: segment.startUs, stream: { key: segment.stream.key } },
    ]);
  });

  it("places every segment of a replayed file on the axis of its samples", async () => {
    const frames = pcmFrames(tones(44_100 * 8, { sampleRate: 44_100 }), { frameSamples: 4410 });
    await using server = await record([handshake({ sampleRate: 44_100, frameSamples: 4410 }), ...frames], {
      wsSegmentSeconds: 0.7,
    });
    const segments = server.segmentsOf(7);
    expect(segments).toHaveLength(12);
    for (const [k, { startUs }] of segments.entries()) {
      expect(Math.abs(startUs - segments[0].startUs - k * 700_000)).toBeLessThanOrEqual(1);
    }
  });
});

it("a stream that sends nothing leaves no file", async () => {
  await using server = await record([handshake()]);
  expect([server.segments, server.begun, await filesBelow(server.dataDir)]).toEqual([[], [], []]);
  expect(server.closed).toMatchObject([{ cause: "peer-closed", status: { frames: 0, samples: 0 } }]);
});
