/** The audio of a device by time, through the web port. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { decodedFromUrl, probedUrl } from "./support/ffmpeg.js";
import { play, StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver, WEB_PASSWORD } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const LOGIN = { authorization: basic("admin", WEB_PASSWORD) };
const KITCHEN = noiseBytes(3.01 * 32_000, 3);
const RATE = 16_000;
let server: TestReceiver;
let startUs: number;
beforeAll(async () => {
  server = await TestReceiver.start({ catalogue: true, wsSegmentSeconds: 1 });
  await play(server.ws("/kitchen"), [handshake(), ...pcmFrames(KITCHEN, { frameSamples: 320 })]);
  await until("the end", () => server.closed.length === 1);
  startUs = server.segmentsOf(7)[0].startUs;
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

const path = (from: number, to: number, more = "") =>
  `/api/v1/audio?device=kitchen&from=${startUs + from * 1e6}&to=${startUs + to * 1e6}${more}`;
const url = (from: number, to: number, more = "") =>
  server.web(path(from, to, more)).replace("//", `//admin:${encodeURIComponent(WEB_PASSWORD)}@`);
const ask = (address: string, headers: Record<string, string> = {}, method = "GET") =>
  server.look(address, { method, headers: { ...LOGIN, ...headers } });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
const part = (from: number, to: number) => KITCHEN.subarray(from * RATE * 2, to * RATE * 2);

describe.concurrent("audio as a WAV", () => {
  it("is what was sent, over all segments, to the sample", async () => {
    const answer = await ask(path(0.5, 2.75));
    const bytes = await bytesOf(answer);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("audio/wav");
    expect(Number(answer.headers.get("content-length"))).toBe(bytes.length);
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(bytes.subarray(44, 44 + 2.25 * RATE * 2).equals(part(0.5, 2.75))).toBe(true);
    expect((await decodedFromUrl(url(0, 3.01))).equals(KITCHEN)).toBe(true);
    expect((await probedUrl(url(0, 3.01))).streams[0]).toMatchObject({ duration_ts: 48_160, channels: 1 });
  });

  it("is given in parts, each the bytes of the whole", async () => {
    const whole = await bytesOf(await ask(path(0, 3.01)));
    const etag = (await ask(path(0, 3.01), {}, "HEAD")).headers.get("etag")!;
    for (const [range, start, end] of [
      ["bytes=0-0", 0, 1],
      ["bytes=0-43", 0, 44],
      ["bytes=43-32100", 43, 32_101],
      ["bytes=31999-64045", 31_999, 64_046],
      ["bytes=96000-", 96_000, whole.length],
      ["bytes=-100", whole.length - 100, whole.length],
      ["bytes=-99999999", 0, whole.length],
      ["bytes=500-99999999", 500, whole.length],
    ] as const) {
      const answer = await ask(path(0, 3.01), { range, "if-range": etag });
      expect([range, answer.status]).toEqual([range, 206]);
      expect(answer.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${whole.length}`);
      expect(Number(answer.headers.get("content-length"))).toBe(end - start);
      expect((await bytesOf(answer)).equals(whole.subarray(start, end))).toBe(true);
    }
    for (const range of ["bytes=0-1,5-6", "bytes=5-4", "bytes=-", "bytes=x", "seconds=0-1"])
      expect((await ask(path(0, 3.01), { range })).status).toBe(200);
    const other = await ask(path(0, 3.01), { range: "bytes=0-1", "if-range": '"other"' });
    expect([other.status, (await bytesOf(other)).equals(whole)]).toEqual([200, true]);
    for (const range of [`bytes=${whole.length}-`, "bytes=-0"]) {
      const beyond = await ask(path(0, 3.01), { range });
      expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${whole.length}`]);
    }
  });

  it("has a tag by which it is known again", async () => {
    const head = await ask(path(0, 2), {}, "HEAD");
    const [etag, length] = ["etag", "content-length"].map((name) => head.headers.get(name));
    expect([head.status, await head.text(), Number(length) > 64_044]).toEqual([200, "", true]);
    expect((await ask(path(0, 2), { "if-none-match": etag! })).status).toBe(304);
    expect((await ask(path(0, 1.5), {}, "HEAD")).headers.get("etag")).not.toBe(etag);
    expect((await ask(path(0, 2), { "if-none-match": '"x"' })).headers.get("etag")).toBe(etag);
  });

  it("is named by device and time when it is to be kept", async () => {
    const answer = await ask(path(0, 1, "&download=1"), {}, "HEAD");
    const name = /^attachment; filename="(kitchen_\d{8}_\d{6}-\d{8}_\d{6}\.wav)"; filename\*=UTF-8''\1$/;
    expect(answer.headers.get("content-disposition")).toMatch(name);
    expect((await ask(path(0, 1), {}, "HEAD")).headers.get("content-disposition")).toBeNull();
  });

  it("goes on to the last sample on disk of what is being recorded", async () => {
    await using own = await TestReceiver.start({ catalogue: true, wsSegmentSeconds: 60 });
    using device = await StreamClient.connect(own.ws("/hall"));
    const audio = noiseBytes(2 * 32_000, 9);
    device.send(handshake(), ...pcmFrames(audio, { frameSamples: 320 }));
    const { startUs: beganUs } = await until("a file", () => own.begun[0]);
    const heard = await until("audio", async () => {
      const address = `/api/v1/audio?device=hall&from=${beganUs}&to=${beganUs + 1.5e6}`;
      const answer = await own.look(address);
      const bytes = await bytesOf(answer);
      return answer.status === 200 && bytes.subarray(44, 44 + 48_000).equals(audio.subarray(0, 48_000));
    });
    expect(heard).toBe(true);
    expect(own.segments).toEqual([]);
  });
});

describe.concurrent("audio that is encoded", () => {
  it("is the same samples as FLAC", async () => {
    const answer = await ask(path(0, 3.01, "&format=flac"));
    expect(answer.headers.get("content-type")).toBe("audio/flac");
    expect(answer.headers.get("accept-ranges")).toBe("none");
    expect((await bytesOf(answer)).subarray(0, 4).toString()).toBe("fLaC");
    expect((await decodedFromUrl(url(0, 3.01, "&format=flac"))).equals(KITCHEN)).toBe(true);
  });

  it("is Opus of that length", async () => {
    const answer = await ask(path(0, 2, "&format=opus&download=1"));
    expect(answer.headers.get("content-type")).toBe("audio/ogg; codecs=opus");
    expect(answer.headers.get("content-disposition")).toContain('.opus"');
    expect((await bytesOf(answer)).subarray(0, 4).toString()).toBe("OggS");
    const { streams, format } = await probedUrl(url(0, 2, "&format=opus"));
    expect(streams[0].codec_name).toBe("opus");
    expect(JSON.stringify({ streams, format })).toContain("kitchen");
  });
});

describe.concurrent("what /audio cannot give", () => {
  it("is told with its reason", async () => {
    const failure = async (address: string) => {
      const answer = await ask(address);
      return [answer.status, ((await answer.json()) as { error: string }).error];
    };
    const [status, text] = await failure(path(100, 101));
    expect([status, text]).toEqual([404, expect.stringContaining("nothing was recorded of kitchen from 20")]);
    expect(await failure("/api/v1/audio?device=nobody&from=-1h&to=-1s")).toEqual([
      404,
      expect.stringContaining("nothing was recorded of nobody"),
    ]);
    expect(await failure(path(2, 1))).toEqual([400, "query: from must be before to"]);
    expect((await failure(path(0, 1, "&format=mp3")))[0]).toBe(400);
    expect((await failure("/api/v1/audio?device=kitchen"))[0]).toBe(400);
    expect(await failure(path(0, 40 * 3600))).toEqual([413, expect.stringContaining("less than 4 GiB")]);
    expect((await ask(path(0, 1), { authorization: "" })).status).toBe(401);
  });

  it("is told where the format changes, and without a catalogue", async () => {
    await using own = await TestReceiver.start({ catalogue: true });
    for (const sampleRate of [16_000, 8000]) {
      const frames = pcmFrames(noiseBytes(16_000), { frameSamples: 320 });
      await play(own.ws("/kitchen"), [handshake({ sampleRate }), ...frames]);
    }
    await until("both streams' end", () => own.closed.length === 2);
    const mixed = await until("a catalogue", async () => {
      const answer = await own.look("/api/v1/audio?device=kitchen&from=-1h&to=2200-01-01");
      return answer.status !== 503 && answer;
    });
    expect([mixed.status, await mixed.text()]).toEqual([
      409,
      expect.stringContaining("is 16000 Hz, mono, 16"),
    ]);
    await using bare = await TestReceiver.start({ catalogue: false });
    const none = await bare.look("/api/v1/audio?device=kitchen&from=-1h&to=-1s");
    expect([none.status, await none.text()]).toEqual([503, expect.stringContaining("keeps no catalogue")]);
  });
});

describe("what /audio would play", () => {
  it("is told beforehand", async () => {
    const plan = await ask(path(-1, 2).replace("audio?", "audio/plan?"));
    expect(await plan.json()).toEqual({
      device: "kitchen",
      fromUs: startUs - 1e6,
      toUs: startUs + 2e6,
      sampleRate: RATE,
      channels: 1,
      bitsPerSample: 16,
      samples: 3 * RATE,
      missingUs: 1e6,
      remoteSegments: 0,
      otherStreams: [],
    });
  });
});

describe("audio whose files are gone", () => {
  it("is silence of its length, and the log says so, once", async () => {
    const notes: unknown[] = [];
    server.receiver.events.on("keeper", (note) => notes.push(note));
    const { path: file } = server.segmentsOf(7)[1];
    for (const form of ["wav", "bin"]) await rm(file.replace(/wav$/, form));
    for (let time = 0; time < 2; time++) {
      const bytes = await bytesOf(await ask(path(0, 3)));
      expect(bytes.length).toBeGreaterThan(44 + 3 * RATE * 2); // metadata stands behind it
      expect(bytes.subarray(44, 44 + RATE * 2).equals(part(0, 1))).toBe(true);
      expect(bytes.subarray(44 + RATE * 2, 44 + RATE * 4).every((byte) => byte === 0)).toBe(true);
    }
    const about = notes.filter((note) => JSON.stringify(note).includes("cannot be read"));
    expect(about).toEqual([
      expect.objectContaining({ level: "warn", fields: expect.objectContaining({ samples: RATE }) }),
    ]);
  });
});
