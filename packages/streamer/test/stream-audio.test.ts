import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { streamAudio } from "../src/stream-audio.js";
import { adpcmFrames, littleEndian, temporaryFolder, tones, writeWav } from "./support/audio.js";
import { sinkFor, tcpSinkFor } from "./support/sink.js";

const folder = temporaryFolder();
const speech = tones(16_000 * 3 + 5);
const file = writeWav(join(folder, "speech.wav"), speech);

describe("what arrives", () => {
  test("PCM is the file, byte for byte", async () => {
    const sink = await sinkFor();
    const before = Date.now();
    const summary = await streamAudio({ files: [file], url: sink.url, codec: "pcm", streamIdBase: 7 });
    const [stream] = sink.streams;
    expect(await stream.closed).toBe(1000);
    expect(stream.handshake).toMatchObject({
      streamId: 7,
      sampleRate: 16_000,
      channels: 1,
      codec: "pcm16",
      frameSamples: 320,
    });
    expect(Number(stream.handshake?.timestampMs)).toBeGreaterThanOrEqual(before);
    expect(Number(stream.handshake?.timestampMs)).toBeLessThanOrEqual(Date.now());
    expect(stream.audio.equals(littleEndian(speech))).toBe(true);
    expect(stream.sequences).toEqual(Array.from({ length: 151 }, (_, index) => index));
    expect(summary).toMatchObject({ streams: 1, frames: 151, bytes: stream.messageBytes, stopped: false });
    expect(summary.seconds).toBeCloseTo(3 + 5 / 16_000, 9);
    expect(summary.perStream[0]).toMatchObject({ streamId: 7, samples: speech.length, reconnects: 0 });
  });

  test.each(["low", "high"] as const)(
    "ADPCM with the earlier sample in the %s nibble is the encoder's",
    async (order) => {
      const sink = await sinkFor();
      await streamAudio({ files: [file], url: sink.url, nibbleOrder: order });
      expect(sink.streams[0].audio.equals(adpcmFrames(speech, 1, 320, order))).toBe(true);
    },
  );

  test("stereo keeps its channels, and ADPCM frames are whole groups", async () => {
    const stereo = tones(10_001, 2, 44_100);
    const path = writeWav(join(folder, "stereo.wav"), stereo, 2, 44_100);
    const sink = await sinkFor();
    await streamAudio({ files: [path], url: sink.url });
    expect(sink.streams[0].handshake).toMatchObject({ channels: 2, sampleRate: 44_100, frameSamples: 888 });
    expect(sink.streams[0].audio.equals(adpcmFrames(stereo, 2, 888))).toBe(true);
  });

  test("several files are one stream without a seam, several streams each play them all", async () => {
    const rest = tones(777).reverse();
    const files = [file, writeWav(join(folder, "rest.wav"), rest)];
    const sink = await sinkFor();
    const summary = await streamAudio({ files, url: sink.url, codec: "pcm", streams: 8, hwid: "aa:bb.cc" });
    const expected = Buffer.concat([littleEndian(speech), littleEndian(rest)]);
    expect(summary).toMatchObject({ streams: 8, frames: 8 * 153 });
    expect(sink.streams.map(({ handshake }) => handshake?.streamId).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const stream of sink.streams) {
      expect(stream.request.url).toBe("/ws/aa_bb_cc");
      expect(stream.audio.equals(expected)).toBe(true);
    }
  });

  test("a loop goes on with seq and coder state, and ends after the duration to the sample", async () => {
    const sink = await sinkFor();
    const summary = await streamAudio({ files: [file], url: sink.url, loop: true, durationSeconds: 10.0001 });
    const twice = Int16Array.from({ length: 160_002 }, (_, index) => speech[index % speech.length]);
    expect(summary.perStream[0].samples).toBe(160_002);
    expect(sink.streams[0].audio.equals(adpcmFrames(twice, 1, 320))).toBe(true);
    expect(sink.streams[0].sequences.at(-1)).toBe(500);
  });

  test("the token goes with the upgrade", async () => {
    const sink = await sinkFor();
    await streamAudio({ files: [file], url: sink.url, token: "s3cret" });
    expect(sink.streams[0].request.headers.authorization).toBe("Bearer s3cret");
  });

  test("raw TCP is nothing but the PCM", async () => {
    const sink = await tcpSinkFor();
    const summary = await streamAudio({
      files: [file],
      tcp: { host: "127.0.0.1", port: sink.port },
      streams: 2,
    });
    expect(summary).toMatchObject({ streams: 2, frames: 2 * 151, bytes: 2 * 2 * speech.length });
    for (const { chunks } of sink.connections) {
      expect(Buffer.concat(chunks).equals(littleEndian(speech))).toBe(true);
    }
  });
});

describe("pace", () => {
  test("real time: frames come when they would have been recorded", async () => {
    const sink = await sinkFor();
    const summary = await streamAudio({ files: [file], url: sink.url, realtime: true, durationSeconds: 1.5 });
    const [, ...frames] = sink.streams[0].arrivalsMs;
    expect(frames).toHaveLength(75);
    expect(summary.wallSeconds).toBeGreaterThanOrEqual(1.5);
    expect(summary.wallSeconds).toBeLessThan(5);
    // Spread over the time, not saved up for the end: 740 ms lie between these two, less where arrivals are late.
    expect(frames[74] - frames[37]).toBeGreaterThan(400);
  });

  test("progress is told while it runs and at the end", async () => {
    const sink = await sinkFor();
    const seen: string[] = [];
    await streamAudio({
      files: [file],
      url: sink.url,
      realtime: true,
      durationSeconds: 0.7,
      onProgress: ([stream]) => seen.push(`${stream.state} ${stream.totalSeconds}`),
    });
    expect(seen).toContain("streaming 0.7");
    expect(seen.at(-1)).toBe("done 0.7");
  });
});

describe("inputs that cannot be streamed", () => {
  test("are named before anything is sent", async () => {
    const sink = await sinkFor();
    const stream = (files: string[], more: object = {}) => streamAudio({ files, url: sink.url, ...more });
    const surround = writeWav(join(folder, "surround.wav"), tones(600, 6), 6);
    const other = writeWav(join(folder, "other.wav"), tones(600), 1, 8_000);
    const empty = writeWav(join(folder, "empty.wav"), new Int16Array(0));
    await expect(stream(["/nowhere.wav"])).rejects.toThrow("cannot read /nowhere.wav: no such file");
    await expect(stream([folder])).rejects.toThrow(`cannot read ${folder}: it is a directory`);
    await expect(stream([import.meta.filename])).rejects.toThrow(
      /cannot read .*: not a WAV file: begins with/,
    );
    await expect(stream([empty])).rejects.toMatchObject({ code: "input-empty" });
    await expect(stream([file, other])).rejects.toThrow(
      /other.wav has 8000 Hz, 1 channel, but .*speech.wav has 16000/,
    );
    await expect(stream([surround])).rejects.toThrow(
      "6 channels; codec adpcm carries 1 or 2: use --codec pcm",
    );
    await expect(stream([file], { frameMs: 5_000 })).rejects.toThrow(
      /--frame-ms 5000 makes 80000 samples .* 1 to 65535/,
    );
    expect(sink.streams).toHaveLength(0);
    expect(await stream([surround], { codec: "pcm" })).toMatchObject({ frames: 2 });
    expect(sink.streams[0].handshake?.channels).toBe(6);
  });

  test("options that contradict each other are the caller's mistake", async () => {
    await expect(streamAudio({})).rejects.toThrow(TypeError);
    await expect(streamAudio({ files: [] })).rejects.toThrow(TypeError);
    await expect(streamAudio({ files: ["-"], streams: 2 })).rejects.toThrow(TypeError);
    await expect(streamAudio({ files: [file], hwid: "?" })).rejects.toThrow(TypeError);
    const tcp = { host: "localhost", port: 1 };
    await expect(streamAudio({ files: [file], tcp, codec: "adpcm" })).rejects.toThrow(TypeError);
    await expect(streamAudio({ files: [file], tcp, acknowledge: true })).rejects.toThrow(TypeError);
    await expect(streamAudio({ files: [file], ackBufferBytes: 1_000 })).rejects.toThrow(
      "ackBufferBytes is 1000; allowed: a whole number at least 65536, at most 1073741824",
    );
    await expect(streamAudio({ files: [file], streams: 0 })).rejects.toThrow(RangeError);
    await expect(streamAudio({ files: [file], frameMs: -1 })).rejects.toThrow(
      "frameMs is -1; allowed: above 0",
    );
  });
});
