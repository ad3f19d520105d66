/** What `/metrics` says, against what really happened. */
import { describe, expect, it } from "vitest";
import { adpcmFrames, handshake, pcmFrames, tones } from "./support/audio.js";
import { parseScrape, type ScrapedFamily, sampleOf } from "./support/scrape.js";
import { play, StreamClient } from "./support/stream-client.js";
import { ended, send } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const FRAMES = { frameSamples: 320 };
const SECOND = tones(16_000);

async function scrape(server: TestReceiver): Promise<Map<string, ScrapedFamily>> {
  const answer = await server.look("/metrics");
  expect(answer.status).toBe(200);
  return parseScrape(await answer.text());
}

describe.concurrent("a scrape", () => {
  it("counts streams of every kind while they last and when they have ended", async () => {
    await using server = await TestReceiver.start();
    using client = await StreamClient.connect(server.ws("/kitchen"));
    const frames = pcmFrames(SECOND, FRAMES);
    client.send(handshake({ streamId: 1 }), ...frames.slice(0, 20), ...frames.slice(22, 32), frames[30]);
    await send(server, [SECOND]);
    await play(server.ws(), [handshake({ streamId: 2, codec: "ima-adpcm" }), ...adpcmFrames(SECOND, FRAMES)]);
    await ended(server, 2);
    const families = await until("the frames", async () => {
      const found = await scrape(server);
      return sampleOf(found, "frames_total", { codec: "pcm16" }) === 30 && found;
    });
    const value = (name: string, labels?: Record<string, string>) => sampleOf(families, name, labels);
    expect(value("streams_live")).toBe(1);
    expect(value("streams_live", { source: "websocket", codec: "pcm16" })).toBe(1);
    expect(value("streams_opened_total")).toBe(3);
    expect(value("streams_closed_total", { cause: "peer-closed" })).toBe(2);
    expect(value("connections", { listener: "websocket" })).toBe(1);
    expect(value("devices_live")).toBe(1);
    expect(value("frames_total", { codec: "ima-adpcm" })).toBe(50);
    expect(value("received_bytes_total", { source: "websocket", codec: "pcm16" })).toBe(30 * 640);
    expect(value("received_bytes_total", { source: "tcp" })).toBe(32_000);
    expect(value("audio_seconds_total", { codec: "ima-adpcm" })).toBeCloseTo(1);
    expect(value("audio_seconds_total", { codec: "pcm16" })).toBeCloseTo(0.64);
    expect(value("lost_frames_total", { codec: "pcm16" })).toBe(2);
    expect(value("repeated_frames_total", { codec: "pcm16" })).toBe(1);
    expect(value("gaps_total", { cause: "lost-frames" })).toBe(1);
    expect(value("gap_seconds_total", { cause: "lost-frames" })).toBeCloseTo(0.04);
    expect(value("segments_completed_total", { source: "tcp" })).toBe(1);
    expect(value("recorded_seconds_total")).toBeCloseTo(2);
    await client.close();
    await ended(server, 3);
    const after = await scrape(server);
    expect(sampleOf(after, "streams_live")).toBe(0);
    expect(sampleOf(after, "frames_total", { codec: "pcm16" })).toBe(30);
    expect(sampleOf(after, "lost_frames_total")).toBe(2);
  });

  it("tells of each device: whether it is live, how loud, until when, and what is missing", async () => {
    await using server = await TestReceiver.start();
    const frames = pcmFrames(SECOND, FRAMES);
    await play(server.ws("/kitchen"), [handshake(), ...frames.slice(0, 10), ...frames.slice(15)]);
    await ended(server);
    const families = await scrape(server);
    const kitchen = (name: string) => sampleOf(families, name, { device: "kitchen" });
    expect(kitchen("device_live")).toBe(0);
    expect(kitchen("device_gap_seconds_total")).toBeCloseTo(0.1);
    expect(kitchen("device_peak_dbfs")).toBe(server.segments[0].levels.peakDbfs.at(-1));
    expect(kitchen("device_rms_dbfs")).toBe(server.segments[0].levels.rmsDbfs.at(-1));
    const { startUs, samples } = server.segments[0];
    expect(kitchen("device_last_audio_timestamp_seconds")).toBeCloseTo(startUs / 1e6 + samples / 16_000, 1);
  });

  it("tells how loud a device is while its segment grows, and what is wrong with its microphone", async () => {
    await using server = await TestReceiver.start();
    using client = await StreamClient.connect(server.ws("/kitchen"));
    const clipped = Buffer.alloc(32_000, Buffer.from([0xff, 0x7f, 0x01, 0x80]));
    const sounds = Buffer.concat([SECOND, SECOND, clipped, Buffer.alloc(64_000)]);
    client.send(handshake(), ...pcmFrames(sounds, FRAMES));
    const live = await until("the level of the last second", async () => {
      const families = await scrape(server);
      const peak = sampleOf(families, "device_peak_dbfs", { device: "kitchen" });
      return peak === -120 && families;
    });
    expect(sampleOf(live, "device_rms_dbfs", { device: "kitchen" })).toBe(-120);
    await client.close();
    await ended(server);
    const families = await scrape(server);
    expect(sampleOf(families, "device_clipped_samples_total", { device: "kitchen" })).toBe(16_000);
    expect(sampleOf(families, "device_flat_seconds_total", { device: "kitchen" })).toBe(2);
  });

  it("names so many devices and no more", async () => {
    await using server = await TestReceiver.start({ maxMetricDevices: 2 });
    const frames = pcmFrames(SECOND, FRAMES);
    for (const device of ["a", "b", "c", "d"])
      await play(server.ws(`/${device}`), [handshake(), ...frames.slice(0, 10), ...frames.slice(15)]);
    await ended(server, 4);
    const { samples } = (await scrape(server)).get("audio_receiver_device_gap_seconds_total")!;
    expect(samples.map(({ labels }) => labels.device)).toEqual(["a", "b", "(other)"]);
    expect(samples[2].value).toBeCloseTo(0.2);
  });

  it("knows devices of earlier runs", async () => {
    await using before = await TestReceiver.start();
    await play(before.ws("/kitchen"), [handshake(), ...pcmFrames(SECOND, FRAMES)]);
    await ended(before);
    await before.receiver.close();
    await using server = await TestReceiver.start({ dataDir: before.dataDir });
    const heard = sampleOf(await scrape(server), "device_last_audio_timestamp_seconds", {
      device: "kitchen",
    });
    expect(Math.abs(heard - before.segments[0].startUs / 1e6)).toBeLessThan(5);
  });

  it("has the disk's times and room, and who was turned away", async () => {
    await using server = await TestReceiver.start({ fsync: "segment", maxConnections: 1 });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake(), ...pcmFrames(SECOND, FRAMES));
    await expect(StreamClient.connect(server.ws("/garden"))).rejects.toThrow();
    await client.close();
    await ended(server);
    const families = await until("a commit of the journal", async () => {
      const found = await scrape(server);
      return sampleOf(found, "journal_commit_duration_seconds_count") > 0 && found;
    });
    for (const what of ["disk_write", "disk_sync", "journal_commit"]) {
      const count = sampleOf(families, `${what}_duration_seconds_count`);
      expect([what, count]).toEqual([what, expect.toSatisfy((found: number) => found > 0)]);
      expect(sampleOf(families, `${what}_duration_seconds_bucket`, { le: "+Inf" })).toBe(count);
      expect(sampleOf(families, `${what}_duration_seconds_sum`)).toBeGreaterThan(0);
    }
    expect(sampleOf(families, "disk_written_bytes_total")).toBeGreaterThan(64_000);
    expect(sampleOf(families, "recorded_bytes_total", { form: "wav" })).toBe(server.segments[0].bytes);
    expect(sampleOf(families, "recorded_bytes_total", { form: "bin" })).toBe(server.segments[0].bin!.bytes);
    expect(sampleOf(families, "disk_free_bytes")).toBeGreaterThan(0);
    expect(sampleOf(families, "disk_size_bytes")).toBeGreaterThan(sampleOf(families, "disk_free_bytes"));
    expect(sampleOf(families, "gate_refused_total", { reason: "unavailable" })).toBe(1);
    expect(sampleOf(families, "peers_refused_total", { listener: "websocket" })).toBe(1);
    expect(sampleOf(families, "ready")).toBe(1);
  });
});

describe("the names", () => {
  const UNITS = ["seconds", "bytes", "dbfs", "ratio"];

  it("are as Prometheus wants them", async () => {
    await using server = await TestReceiver.start();
    const ours = Array.from((await scrape(server)).values()).filter(({ name }) => name.startsWith("audio_"));
    expect(ours.length).toBeGreaterThan(40);
    for (const { name, type, help, samples } of ours) {
      expect(name).toMatch(/^audio_receiver_[a-z]+(_[a-z]+)*$/);
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
      expect(help).toMatch(/^\S.+\S$/);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|days|kb|mb|percent|ppm)(_total)?$/);
      const unit = name
        .replace(/_total$/, "")
        .split("_")
        .at(-1)!;
      if (type === "histogram") expect(UNITS).toContain(unit);
      const series = samples.map((sample) => JSON.stringify([sample.name, sample.labels]));
      expect(new Set(series).size).toBe(series.length);
    }
  });
});
