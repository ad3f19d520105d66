/** Networks and stores that fail, and what becomes of an upload. */
import { createHash } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStore, type Store, type StoreSettings } from "../src/index.js";
import { randomFile } from "./support/files.js";
import { refusal, startProxy } from "./support/hostile-proxy.js";
import { type S3Server, startS3Server } from "./support/s3-server.js";
import { MEBIBYTE, settingsFor } from "./support/settings.js";

let server: S3Server;
let bucket: string;
let direct: Store;

beforeAll(async () => {
  server = await startS3Server();
  bucket = await server.createBucket();
  direct = createStore(settingsFor(server, bucket));
}, 120_000);

afterAll(async () => {
  await direct?.close();
  await server?.stop();
});

function storeAt(url: string, given: Partial<StoreSettings> = {}): Store {
  return createStore(settingsFor(server, bucket, { url, ...given }));
}

async function content(key: string): Promise<Buffer> {
  const { stream } = await direct.read(key);
  return Buffer.concat(await stream.toArray());
}

describe.each([
  ["one request", 300_000, "when-required"],
  ["parts", 11 * MEBIBYTE, "when-required"],
  ["one request, as AWS is asked", 300_000, "when-supported"],
] as const)("bytes that are corrupted on the way, in %s", (_, bytes, checksums) => {
  const isBody = (method: string) => method === "PUT";

  it("once: they are sent again", async () => {
    const proxy = await startProxy(server.url, ({ method, nth }) =>
      isBody(method) && nth === 0 ? { corrupt: "request" } : undefined,
    );
    const file = randomFile(bytes);
    const key = `corrupt-once/${checksums}-${bytes}.wav`;
    expect(await storeAt(proxy.url, { checksums }).put(file.path, key)).toMatchObject({ key, sent: true });
    expect((await content(key)).equals(file.content)).toBe(true);
    expect(proxy.count("PUT")).toBe(bytes > MEBIBYTE ? 4 : 2);
  });

  it("always: nothing is stored", async () => {
    const proxy = await startProxy(server.url, ({ method }) =>
      isBody(method) ? { corrupt: "request" } : undefined,
    );
    const key = `corrupt/${checksums}-${bytes}.wav`;
    const put = storeAt(proxy.url, { checksums }).put(randomFile(bytes).path, key);
    await expect(put).rejects.toMatchObject({ code: "corrupted", kind: "transient" });
    expect(await direct.head(key)).toBeUndefined();
  });
});

it.each([
  ["SlowDown", 503, "throttled"],
  ["TooManyRequests", 429, "throttled"],
  ["InternalError", 500, "store-failed"],
])(
  "a store that says %s is asked again, and then left to whoever has a queue",
  async (name, status, code) => {
    const { path } = randomFile(1000);
    const passing = await startProxy(server.url, ({ method, nth }) =>
      method === "PUT" && nth < 2 ? refusal(status, name) : undefined,
    );
    const put = await storeAt(passing.url).put(path, `busy/${name}.wav`);
    expect(put).toMatchObject({ sent: true });
    const lasting = await startProxy(server.url, () => refusal(status, name));
    const refused = storeAt(lasting.url).put(path, `busy/${name}.wav`);
    await expect(refused).rejects.toMatchObject({ code, kind: "transient", status });
    expect(lasting.seen.length).toBeLessThanOrEqual(6);
  },
);

it.each([
  ["AccessDenied", 403, "access-denied"],
  ["ExpiredToken", 400, "credentials"],
  ["RequestTimeTooSkewed", 403, "clock-skew"],
  ["AuthorizationHeaderMalformed", 400, "wrong-region"],
  ["PermanentRedirect", 301, "wrong-region"],
  ["QuotaExceeded", 403, "store-full"],
])("a store that says %s wants a person", async (name, status, code) => {
  const proxy = await startProxy(server.url, () => refusal(status, name));
  const store = storeAt(proxy.url);
  for (const trying of [() => store.check(), () => store.put(randomFile(10).path, "a.wav")])
    await expect(trying()).rejects.toMatchObject({ code, kind: "configuration" });
  expect(proxy.seen.length).toBeLessThanOrEqual(6);
});

it("an object that the store does not take concerns nobody else", async () => {
  const proxy = await startProxy(server.url, ({ method }) =>
    method === "PUT" ? refusal(400, "EntityTooLarge") : undefined,
  );
  const put = storeAt(proxy.url).put(randomFile(10).path, "large.wav");
  await expect(put).rejects.toMatchObject({ code: "object-refused", kind: "object" });
});

it.each(["<!doctype html><html><body>Welcome!<br></body></html>", "<html><body>ok</body></html>", ""])(
  "something that is no store is said to be none: %j",
  async (body) => {
    const proxy = await startProxy(server.url, () => ({ answer: { status: 200, body } }));
    await expect(storeAt(proxy.url).check()).rejects.toMatchObject({ code: "bad-endpoint" });
  },
);

it("a connection that breaks in the middle is made again", async () => {
  const file = randomFile(2_000_000);
  const proxy = await startProxy(server.url, ({ method, nth }) =>
    method === "PUT" && nth === 0 ? { cut: { what: "request", afterBytes: 500_000 } } : undefined,
  );
  const progress: number[] = [];
  const onProgress = (bytes: number) => progress.push(bytes);
  await storeAt(proxy.url).put(file.path, "broken.wav", {}, { onProgress });
  expect((await content("broken.wav")).equals(file.content)).toBe(true);
  expect(progress.at(-1)).toBe(2_000_000);
  expect(progress).toContain(0); // it began anew
});

it("a store that does not answer is not waited for forever", async () => {
  const proxy = await startProxy(server.url, () => ({ hang: true }));
  const put = storeAt(proxy.url, { timeoutMs: 200 }).put(randomFile(10).path, "hang.wav");
  await expect(put).rejects.toMatchObject({ code: "timeout", kind: "transient" });
});

it("a read that breaks or stops is an error, not an end", async () => {
  await direct.put(randomFile(3_000_000).path, "cut.wav");
  const cut = { what: "response", afterBytes: 1_000_000 } as const;
  const cutting = await startProxy(server.url, ({ method }) => (method === "GET" ? { cut } : undefined));
  const { stream, bytes } = await storeAt(cutting.url).read("cut.wav");
  expect(bytes).toBe(3_000_000);
  await expect(stream.toArray()).rejects.toMatchObject({ code: "unreachable", kind: "transient" });
});

describe("a store whose ETag is no MD5", () => {
  const kms = { etag: '"0123456789abcdef0123456789abcdef"', "x-amz-server-side-encryption": "aws:kms" };

  it("but that keeps a SHA-256 is believed", async () => {
    const file = randomFile(1000);
    const sha256 = createHash("sha256").update(file.content).digest("base64");
    const headers = { ...kms, "x-amz-checksum-sha256": sha256, "x-amz-checksum-type": "FULL_OBJECT" };
    const proxy = await startProxy(server.url, ({ method }) => (method === "HEAD" ? { headers } : undefined));
    const store = storeAt(proxy.url, { checksums: "when-supported" });
    expect(await store.put(file.path, "kms.wav")).toMatchObject({ sent: true });
    expect(proxy.count("GET")).toBe(0);
    const put = proxy.seen.find(({ method }) => method === "PUT");
    expect(put?.headers).toMatchObject({ "x-amz-checksum-sha256": sha256 });
    expect(put?.headers).not.toHaveProperty("content-md5");
  });

  it("and that keeps nothing else is read back", async () => {
    const proxy = await startProxy(server.url, ({ method }) =>
      method === "HEAD" ? { headers: kms } : undefined,
    );
    const file = randomFile(1000);
    expect(await storeAt(proxy.url).put(file.path, "kms-2.wav")).toMatchObject({
      key: "kms-2.wav",
      sent: true,
    });
    expect(proxy.count("GET", /kms-2\.wav\?/)).toBe(1);
  });
});

it("an object that the store itself spoiled is found, and replaced by the next try", async () => {
  const file = randomFile(1000);
  const key = "spoiled.wav";
  const proxy = await startProxy(server.url, ({ method }) =>
    method === "PUT" ? { answer: { status: 200, body: "" } } : undefined,
  );
  const spoiled = Buffer.from(file.content);
  spoiled[500] ^= 1;
  // What the store keeps in its place, as a store does whose memory is bad
  const Metadata = { sha256: createHash("sha256").update(file.content).digest("hex") };
  const client = new S3Client({
    endpoint: server.url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
  });
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: spoiled, Metadata }));
  const put = storeAt(proxy.url).put(file.path, key);
  await expect(put).rejects.toMatchObject({ code: "corrupted", kind: "transient" });
  expect(await direct.put(file.path, key)).toMatchObject({ key, sent: true });
  expect((await content(key)).equals(file.content)).toBe(true);
  client.destroy();
});

it("a store that knows no conditions is asked without them", async () => {
  const proxy = await startProxy(server.url, ({ method, headers }) =>
    method === "PUT" && headers["if-none-match"] !== undefined ? refusal(501, "NotImplemented") : undefined,
  );
  const store = storeAt(proxy.url);
  expect(await store.put(randomFile(1000).path, "plain-1.wav")).toMatchObject({ sent: true });
  expect(await store.put(randomFile(1000).path, "plain-2.wav")).toMatchObject({ sent: true });
  expect(proxy.count("PUT")).toBeLessThanOrEqual(5);
});
