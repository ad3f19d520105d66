import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStore, parseSegmentMetadata, type Store, segmentMetadata } from "../src/index.js";
import { randomFile } from "./support/files.js";
import { type S3Server, startS3Server } from "./support/s3-server.js";
import { MEBIBYTE, settingsFor } from "./support/settings.js";

let server: S3Server;
let bucket: string;
let store: Store;

beforeAll(async () => {
  server = await startS3Server();
  bucket = await server.createBucket();
  store = createStore(settingsFor(server, bucket));
}, 120_000);

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

async function bytesOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

describe.each([
  ["nothing", 0],
  ["one request", 1_000_003],
  ["exactly a part", 5 * MEBIBYTE],
  ["three parts", 11 * MEBIBYTE + 7],
])("a file of %s", (_, bytes) => {
  it("comes back as it was, whole and in ranges", async () => {
    const { path, content } = randomFile(bytes);
    const key = `whole/${bytes}.wav`;
    const progress: number[] = [];
    const put = await store.put(
      path,
      key,
      { device: "kitchen" },
      { onProgress: (sent) => progress.push(sent) },
    );
    expect(put).toMatchObject({ bucket, key, bytes, sent: true });
    expect(progress.at(-1) ?? 0).toBe(bytes);
    const read = await store.read(key);
    expect(read).toMatchObject({ bytes, size: bytes });
    expect((await bytesOf(read.stream)).equals(content)).toBe(true);
    for (const [start, end] of [
      [0, 0],
      [43, 99],
      [bytes - 5, bytes - 1],
      [bytes - 5, undefined],
    ]) {
      if (bytes === 0) continue;
      const part = await store.read(key, { start, end });
      const expected = content.subarray(start, end === undefined ? undefined : end + 1);
      expect(part).toMatchObject({ bytes: expected.length, size: bytes });
      expect((await bytesOf(part.stream)).equals(expected)).toBe(true);
    }
  });

  it("is done the second time, without being sent", async () => {
    const { path, content } = randomFile(bytes);
    const key = `twice/${bytes}.wav`;
    const first = await store.put(path, key);
    writeFileSync(path, content); // another file of that content is the same to a store
    const progress: number[] = [];
    const second = await store.put(path, key, {}, { onProgress: (sent) => progress.push(sent) });
    expect(second).toMatchObject({ key, etag: first.etag, sent: false });
    expect(progress).toEqual([]);
    expect(await store.verify(path, key)).toMatchObject({ key, etag: first.etag });
    expect(await keys(`twice/${bytes}`)).toEqual([key]);
  });
});

it("leaves what others stored under the key, and takes the next number", async () => {
  const [mine, theirs] = [randomFile(1000), randomFile(1000)];
  await store.put(theirs.path, "shared/2026.wav");
  expect(await store.verify(mine.path, "shared/2026.wav")).toBeUndefined();
  expect(await store.put(mine.path, "shared/2026.wav")).toMatchObject({
    key: "shared/2026_2.wav",
    sent: true,
  });
  expect(await store.put(mine.path, "shared/2026.wav")).toMatchObject({
    key: "shared/2026_2.wav",
    sent: false,
  });
  expect(await store.verify(mine.path, "shared/2026.wav")).toMatchObject({ key: "shared/2026_2.wav" });
  const { stream } = await store.read("shared/2026.wav");
  expect((await bytesOf(stream)).equals(theirs.content)).toBe(true);
});

it("does not let two that put at once overwrite each other", async () => {
  const files = Array.from({ length: 4 }, () => randomFile(200_000));
  const stored = await Promise.all(files.map(({ path }) => store.put(path, "race.wav")));
  expect(stored.map(({ key }) => key).sort()).toEqual(["race.wav", "race_2.wav", "race_3.wav", "race_4.wav"]);
  for (const [i, { key }] of stored.entries()) {
    expect((await bytesOf((await store.read(key)).stream)).equals(files[i].content)).toBe(true);
  }
});

it("keeps metadata, whatever the names", async () => {
  const { path } = randomFile(100);
  const facts = {
    stem: "received/Küche/stream_1",
    device: 'Küche 🎤 "50 %"\r\nx-evil: 1',
    source: "websocket",
    streamId: 4_294_967_295,
    startUs: 1_767_225_600_123_456,
    samples: 160_000,
    sampleRate: 16_000,
    channels: 1,
    bitsPerSample: 16,
    gaps: [],
  };
  await store.put(path, "names/Küche 🎤/a b+c&d=e.flac", segmentMetadata(facts));
  const head = await store.head("names/Küche 🎤/a b+c&d=e.flac");
  expect(head).toMatchObject({ bytes: 100, contentType: "audio/flac" });
  expect(parseSegmentMetadata(head?.metadata ?? {})).toEqual(facts);
  expect(await keys("names/")).toEqual(["names/Küche 🎤/a b+c&d=e.flac"]);
});

it("takes 500 small objects", async () => {
  const { path } = randomFile(3200);
  const numbers = Array.from({ length: 500 }, (_, i) => `many/${String(i).padStart(3, "0")}.wav`);
  const waiting = [...numbers];
  const lane = async () => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) await store.put(path, key);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  expect(await keys("many/")).toEqual(numbers);
});

describe("a file", () => {
  it("that is gone or is none is refused", async () => {
    await expect(store.put("/nowhere/a.wav", "a.wav")).rejects.toMatchObject({
      code: "file-gone",
      kind: "object",
      message: "/nowhere/a.wav is not there (any more)",
    });
    await expect(store.put("/tmp", "a.wav")).rejects.toMatchObject({ code: "file-unreadable" });
  });

  it.each([1_000_000, 12 * MEBIBYTE])(
    "of %i bytes that changes while it is sent is not stored",
    async (bytes) => {
      const { path } = randomFile(bytes);
      const slow = createStore(settingsFor(server, bucket, { bytesPerSecond: bytes / 2 }));
      let changed = false;
      const onProgress = () => {
        if (!changed) appendFileSync(path, "more");
        changed = true;
      };
      await expect(slow.put(path, `changed/${bytes}.wav`, {}, { onProgress })).rejects.toMatchObject({
        code: "file-changed",
        kind: "object",
      });
      expect(await keys("changed/")).toEqual([]);
      const left = await store.abortOrphans("changed/", new Date(Date.now() + 60_000)).next();
      expect(left.done).toBe(true);
    },
  );

  it("that is deleted while it is sent is not stored", async () => {
    const { path } = randomFile(100_000);
    const slow = createStore(settingsFor(server, bucket, { bytesPerSecond: 100_000 }));
    const onProgress = () => rmSync(path, { force: true });
    const put = slow.put(path, "deleted/a.wav", {}, { onProgress });
    await expect(put).rejects.toMatchObject({ code: "file-gone", kind: "object" });
    expect(await keys("deleted/")).toEqual([]);
  });
});

it("says what is not there", async () => {
  expect(await store.head("nothing.wav")).toBeUndefined();
  await expect(store.read("nothing.wav")).rejects.toMatchObject({ code: "no-object", kind: "object" });
  const { path } = randomFile(10);
  await store.put(path, "ten.wav");
  await expect(store.read("ten.wav", { start: 10 })).rejects.toThrow(RangeError);
  expect(() => store.list("").return(undefined)).not.toThrow();
  await expect(store.put(path, "../ten.wav")).rejects.toThrow(RangeError);
});
