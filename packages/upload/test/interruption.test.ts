/** Uploads that are stopped, slowed down or killed in the middle. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createStore, type Store, type StoreSettings, UploadError } from "../src/index.js";
import { randomFile } from "./support/files.js";
import { startProxy } from "./support/hostile-proxy.js";
import { type S3Server, startS3Server } from "./support/s3-server.js";
import { MEBIBYTE, settingsFor } from "./support/settings.js";

let server: S3Server;
let bucket: string;

beforeAll(async () => {
  server = await startS3Server();
  bucket = await server.createBucket();
}, 120_000);

afterAll(() => server?.stop());

function storeWith(given: Partial<StoreSettings> = {}): Store {
  return createStore(settingsFor(server, bucket, given));
}

async function content(key: string): Promise<Buffer> {
  const { stream } = await storeWith().read(key);
  return Buffer.concat(await stream.toArray());
}

async function orphans(prefix: string, begunBefore: Date): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storeWith().abortOrphans(prefix, begunBefore)) keys.push(key);
  return keys;
}

const later = () => new Date(Date.now() + 3_600_000);

it("goes on with its parts after the store died in the middle", async () => {
  const file = randomFile(18 * MEBIBYTE);
  const key = "killed/a.wav";
  const store = storeWith({ concurrency: 1, bytesPerSecond: 8 * MEBIBYTE });
  let killed: Promise<void> | undefined;
  const onProgress = (bytes: number) => {
    if (bytes > 12 * MEBIBYTE) killed ??= server.kill();
  };
  await expect(store.put(file.path, key, {}, { onProgress })).rejects.toMatchObject({ kind: "transient" });
  await killed;
  await expect(store.put(file.path, key)).rejects.toMatchObject({ code: "unreachable" });
  await server.restart();
  const proxy = await startProxy(server.url);
  const again = storeWith({ url: proxy.url });
  expect(await again.put(file.path, key)).toMatchObject({ key, sent: true });
  expect(proxy.count("PUT")).toBe(2); // parts 3 and 4; the first two were there
  expect((await content(key)).equals(file.content)).toBe(true);
  expect(await orphans("killed/", later())).toEqual([]);
});

it("does not take over the parts of another file", async () => {
  const [first, second] = [randomFile(11 * MEBIBYTE), randomFile(11 * MEBIBYTE)];
  const stopping = new AbortController();
  const onProgress = (bytes: number) => {
    if (bytes > 6 * MEBIBYTE) stopping.abort();
  };
  const { signal } = stopping;
  const slow = storeWith({ concurrency: 1, bytesPerSecond: 20 * MEBIBYTE });
  await expect(slow.put(first.path, "mixed/a.wav", {}, { signal, onProgress })).rejects.toThrow(UploadError);
  await storeWith().put(second.path, "mixed/a.wav");
  expect((await content("mixed/a.wav")).equals(second.content)).toBe(true);
  await storeWith().put(first.path, "mixed/a.wav");
  expect((await content("mixed/a_2.wav")).equals(first.content)).toBe(true);
  await orphans("mixed/", later());
});

it("aborts what a crash left, under the prefix and old enough, and nothing else", async () => {
  const file = randomFile(11 * MEBIBYTE);
  const leave = async (key: string) => {
    const stopping = new AbortController();
    const onProgress = (bytes: number) => {
      if (bytes > 6 * MEBIBYTE) stopping.abort();
    };
    const slow = storeWith({ concurrency: 1, bytesPerSecond: 40 * MEBIBYTE });
    await slow.put(file.path, key, {}, { signal: stopping.signal, onProgress }).catch(() => undefined);
  };
  await Promise.all([leave("ours/a.wav"), leave("ours/b.wav"), leave("theirs/a.wav")]);
  expect(await orphans("ours/", new Date(Date.now() - 3_600_000))).toEqual([]);
  expect((await orphans("ours/", later())).sort()).toEqual(["ours/a.wav", "ours/b.wav"]);
  expect(await orphans("ours/", later())).toEqual([]);
  expect(await orphans("theirs/", later())).toEqual(["theirs/a.wav"]);
});

it.each([
  ["being sent", "PUT"],
  ["waiting for the store", "HEAD"],
])(
  "stops at once while %s",
  async (_, method) => {
    const proxy = await startProxy(server.url, (seen) =>
      seen.method === method ? { hang: true } : undefined,
    );
    const store = storeWith({ url: proxy.url, bytesPerSecond: 20_000 });
    const stopping = new AbortController();
    const put = store.put(randomFile(1_000_000).path, "stopped.wav", {}, { signal: stopping.signal });
    setTimeout(() => stopping.abort(), 300);
    await expect(put).rejects.toMatchObject({ code: "aborted", kind: "aborted" });
    const early = store.put(randomFile(10).path, "stopped.wav", {}, { signal: AbortSignal.abort() });
    await expect(early).rejects.toMatchObject({ code: "aborted" });
  },
  5000,
);

it("stays below the bandwidth, all transfers together", async () => {
  const store = storeWith({ bytesPerSecond: 400_000 });
  const files = Array.from({ length: 4 }, () => randomFile(200_000));
  const start = performance.now();
  await Promise.all(files.map(({ path }, i) => store.put(path, `paced/${i}.wav`)));
  // 2 s at that rate, less the quarter of a second that may come in a burst
  expect(performance.now() - start).toBeGreaterThan(1700);
});

it("needs no more memory for a large file", async () => {
  const file = randomFile(96 * MEBIBYTE);
  const store = storeWith();
  file.content.fill(0);
  const before = process.memoryUsage();
  let most = 0;
  const onProgress = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before.arrayBuffers);
  };
  await store.put(file.path, "large.wav", {}, { onProgress });
  expect(most).toBeLessThan(48 * MEBIBYTE);
});
