import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { decodeBlock } from "@audio/ima-adpcm";
import { formatFrame, type Handshake } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { adpcmFrames, type Coding, handshake, payloadsOf, tones } from "./support/audio.js";
import { joinedAudio, joinedFrames } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

const VECTORS = new URL("../../../test/vectors/", import.meta.url);

interface Signal {
  readonly name: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly frameSamples: number;
  readonly frames: number;
  readonly adpcmLow: string;
  readonly adpcmHigh: string;
  readonly decoded: string;
  readonly sha256: Readonly<Record<string, string>>;
}

const INDEX = JSON.parse(readFileSync(new URL("index.json", VECTORS), "utf8")) as {
  handshake: { file: string; hex: string };
  signals: Signal[];
};
const ORDERS = ["low", "high"] as const;
const vector = (file: string) => readFileSync(new URL(file, VECTORS));

/** The frame messages in a vector file, one after the other in the file. */
function framesIn(file: string, count: number): Buffer[] {
  const bytes = vector(file);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += frames[frames.length - 1].length) {
    frames.push(bytes.subarray(at, at + 12 + bytes.readUInt32LE(at + 4)));
  }
  expect(frames).toHaveLength(count);
  return frames;
}

/** What a decoder that knows the order makes of frames. */
function decoded(
  frames: readonly Uint8Array[],
  { frameSamples, channels = 1, order = "low" }: Coding,
): Buffer {
  const blocks = payloadsOf(frames).map((block) => {
    const out = new Int16Array(frameSamples * channels);
    const count = decodeBlock(block, 0, block.length, channels as 1 | 2, order, out, 0, frameSamples);
    return Buffer.from(out.buffer, 0, count * channels * 2);
  });
  return Buffer.concat(blocks);
}

describe.concurrent("the golden vectors over a real socket", () => {
  const runs = INDEX.signals.flatMap((signal) =>
    ORDERS.flatMap((order) => (["auto", order] as const).map((setting) => ({ signal, order, setting }))),
  );

  it("are what they were when they were made", () => {
    for (const { sha256 } of INDEX.signals) {
      for (const [file, sum] of Object.entries(sha256)) {
        expect([file, createHash("sha256").update(vector(file)).digest("hex")]).toEqual([file, sum]);
      }
    }
    expect(vector(INDEX.handshake.file).toString("hex")).toBe(INDEX.handshake.hex);
  });

  it.each(runs)(
    "$signal.name, $order nibble first, nibbleOrder $setting",
    async ({ signal, order, setting }) => {
      await using server = await TestReceiver.start({ nibbleOrder: setting, wsSegmentSeconds: 0.7 });
      const frames = framesIn(order === "low" ? signal.adpcmLow : signal.adpcmHigh, signal.frames);
      const start = vector(INDEX.handshake.file);
      expect(await play(server.ws("/kitchen"), [start, ...frames])).toMatchObject({ code: 1000 });
      const { status } = await server.streamClosed(7);
      const segments = server.segmentsOf(7);
      expect((await joinedAudio(segments)).equals(vector(signal.decoded))).toBe(true);
      expect((await joinedFrames(segments)).equals(Buffer.concat(frames))).toBe(true);
      const expected = setting !== "auto" ? setting : signal.name === "silence" ? "undecided" : order;
      expect(status.nibbleOrder).toBe(expected);
      const found = setting === "auto" && expected !== "undecided";
      expect(server.orders).toMatchObject(
        found ? [{ order, stream: { streamId: 7, device: "kitchen" } }] : [],
      );
    },
  );
});

describe.concurrent("nibbleOrder auto", () => {
  const frameSamples = 320;
  const adpcm = (fields: Partial<Handshake> = {}) => handshake({ codec: "ima-adpcm", ...fields });

  async function record(
    frames: readonly Uint8Array[],
    start = adpcm(),
    options = {},
  ): Promise<[TestReceiver, Buffer]> {
    const server = await TestReceiver.start(options);
    await play(server.ws("/kitchen"), [start, ...frames]);
    await server.streamClosed(7);
    return [server, await joinedAudio(server.segmentsOf(7))];
  }

  it.each(ORDERS)("decides %s after silence of any length, and harms none of it", async (order) => {
    const audio = Buffer.concat([Buffer.alloc(640 * 50), tones(320 * 10)]);
    const coding = { frameSamples, order };
    const frames = adpcmFrames(audio, coding);
    const [server, recorded] = await record(frames);
    await using _ = server;
    expect(recorded.equals(decoded(frames, coding))).toBe(true);
    expect(server.orders).toMatchObject([{ order }]);
    expect(server.orders[0].frame).toBeGreaterThan(50);
  });

  it("is told once, with the frame that told", async () => {
    const frames = adpcmFrames(tones(3200), { frameSamples, order: "high" });
    const [server] = await record(frames);
    await using _ = server;
    expect(server.orders).toMatchObject([{ order: "high", frame: 2 }]);
    expect(server.closed[0].status.nibbleOrder).toBe("high");
  });

  it("stays undecided, and `low`, with a coder that starts anew every frame", async () => {
    const coding = { frameSamples, resetState: true };
    const frames = adpcmFrames(tones(3200), coding);
    const [server, recorded] = await record(frames);
    await using _ = server;
    expect(recorded.equals(decoded(frames, coding))).toBe(true);
    expect(server.closed[0].status.nibbleOrder).toBe("undecided");
    expect(server.orders).toEqual([]);
  });

  it("decides nothing from the two sides of a gap, but after it", async () => {
    const all = adpcmFrames(tones(320 * 6), { frameSamples, order: "high" });
    const frames = [all[0], ...all.slice(3)];
    const [server, recorded] = await record(frames);
    await using _ = server;
    const before = decoded([all[0]], { frameSamples, order: "low" });
    const after = decoded(all.slice(3), { frameSamples, order: "high" });
    expect(recorded.equals(Buffer.concat([before, Buffer.alloc(1280), after]))).toBe(true);
    expect(server.orders).toMatchObject([{ order: "high", frame: 3 }]);
  });

  it("does not decide from a frame that came twice", async () => {
    const all = adpcmFrames(tones(320 * 4), { frameSamples, order: "high" });
    const [server, recorded] = await record([all[0], all[0], ...all.slice(1)]);
    await using _ = server;
    expect(recorded.equals(decoded(all, { frameSamples, order: "high" }))).toBe(true);
  });

  it("writes a single frame as low", async () => {
    const frames = adpcmFrames(tones(320), { frameSamples });
    const [server, recorded] = await record(frames);
    await using _ = server;
    expect(recorded.equals(decoded(frames, { frameSamples }))).toBe(true);
  });

  it.each([
    [1, 1],
    [319, 1],
    [321, 1],
    [8, 2],
    [320, 2],
    [4096, 2],
  ])("frames of %i samples, %i channel(s), both orders, with a short last one", async (samples, channels) => {
    for (const order of ORDERS) {
      const coding = { frameSamples: samples, channels, order };
      const short = channels === 2 ? 8 * Math.floor(samples / 16) : samples >> 2;
      const whole = tones(samples * 12 + short, { channels });
      const frames = adpcmFrames(whole, coding);
      const [server, recorded] = await record(frames, adpcm({ channels, frameSamples: samples }));
      await using _ = server;
      if (server.orders.length > 0) expect(server.orders).toMatchObject([{ order }]);
      // Frames of one sample have no second nibble to tell the orders apart by: `low` then.
      const used = server.orders.length > 0 ? order : "low";
      if (samples > 8) expect(used).toBe(order);
      expect(recorded.equals(decoded(frames, { ...coding, order: used }))).toBe(true);
    }
  });

  it("waits for the next header also when frames are long and come in real time", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 60 });
    const coding = { frameSamples: 16_000, order: "high" } as const;
    const frames = adpcmFrames(tones(16_000 * 4), coding);
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(adpcm({ frameSamples: 16_000 }));
    for (const frame of frames) {
      client.send(frame);
      await pause(1000);
    }
    await client.close();
    await server.streamClosed(7);
    expect(server.orders).toMatchObject([{ order: "high", frame: 2 }]);
    expect((await joinedAudio(server.segmentsOf(7))).equals(decoded(frames, coding))).toBe(true);
  });

  it("gives a held frame to the file when the stream stops talking", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 0.5 });
    const frames = adpcmFrames(tones(320), { frameSamples });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(adpcm(), ...frames);
    await pause(4500); // the segment, 0.5 s long, is closed 2 s late at the latest
    expect(server.segmentsOf(7)).toMatchObject([{ samples: 320 }]);
  });
});

describe.concurrent("nibbleOrder per device", () => {
  it("overrides the general one, for that device only", async () => {
    await using server = await TestReceiver.start({
      nibbleOrder: "high",
      devices: { kitchen: { nibbleOrder: "low" } },
    });
    // A coder that resets: only the setting can tell.
    const coding = { frameSamples: 320, resetState: true };
    const audio = tones(3200);
    const ids = { kitchen: 1, garden: 2 } as const;
    const low = adpcmFrames(audio, { ...coding, order: "low" });
    for (const [device, streamId] of Object.entries(ids)) {
      await play(server.ws(`/${device}`), [handshake({ streamId, codec: "ima-adpcm" }), ...low]);
      await server.streamClosed(streamId);
    }
    expect((await joinedAudio(server.segmentsOf(ids.kitchen))).equals(decoded(low, coding))).toBe(true);
    const wrong = decoded(low, { ...coding, order: "high" });
    expect((await joinedAudio(server.segmentsOf(ids.garden))).equals(wrong)).toBe(true);
  });

  it("a frame's end decides nothing that its device's setting has decided", async () => {
    await using server = await TestReceiver.start({ devices: { kitchen: { nibbleOrder: "low" } } });
    const frames = adpcmFrames(tones(3200), { frameSamples: 320, order: "high" });
    await play(server.ws("/kitchen"), [handshake({ codec: "ima-adpcm" }), ...frames]);
    expect((await server.streamClosed(7)).status.nibbleOrder).toBe("low");
    expect(server.orders).toEqual([]);
  });
});

it("ADPCM over the largest frames keeps every sample", async () => {
  await using server = await TestReceiver.start({ wsSegmentSeconds: 3 });
  const coding = { frameSamples: 65_528, channels: 2, order: "high" } as const;
  const frames = adpcmFrames(tones(65_528 * 3, { channels: 2 }), coding);
  expect(frames[0].length).toBe(formatFrame("ima-adpcm", 0, new Uint8Array(65_528 + 8)).length);
  await play(server.ws(), [handshake({ codec: "ima-adpcm", channels: 2, frameSamples: 65_528 }), ...frames]);
  await server.streamClosed(7);
  expect((await joinedAudio(server.segmentsOf(7))).equals(decoded(frames, coding))).toBe(true);
});
