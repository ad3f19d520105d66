import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStore, resolveUpload, type StoreSettings, type UploadValues } from "../src/index.js";
import { randomFile } from "./support/files.js";
import { freePort } from "./support/free-port.js";
import { type S3Server, startS3Server } from "./support/s3-server.js";
import { settingsFor, valuesWith } from "./support/settings.js";

let server: S3Server;
let bucket: string;

beforeAll(async () => {
  server = await startS3Server();
  bucket = await server.createBucket();
}, 120_000);

afterAll(() => server?.stop());

function credentials(accessKeyId: string, secretAccessKey: string): Partial<StoreSettings> {
  return { credentials: { accessKeyId, secretAccessKey, sessionToken: undefined } };
}

describe.each<[string, () => Promise<Partial<StoreSettings>> | Partial<StoreSettings>, object]>([
  [
    "a wrong secret",
    () => credentials("TESTKEY", "wrong-secret"),
    { code: "credentials", kind: "configuration" },
  ],
  [
    "a wrong key id",
    () => credentials("NOBODY", "TESTSECRET"),
    { code: "credentials", kind: "configuration" },
  ],
  ["a missing bucket", () => ({ bucket: "not-there" }), { code: "no-bucket", kind: "configuration" }],
  [
    "an unreachable endpoint",
    async () => ({ url: `http://127.0.0.1:${await freePort()}` }),
    { code: "unreachable", kind: "transient" },
  ],
  [
    "an endpoint of no such name",
    () => ({ url: "http://s3.nowhere.invalid" }),
    { code: "bad-endpoint", kind: "configuration" },
  ],
  [
    "TLS where there is none",
    () => ({ url: server.url.replace("http:", "https:") }),
    { code: "bad-endpoint", kind: "configuration" },
  ],
])("%s", (_, given, expected) => {
  it("is found by check, put and read, and never shown", async () => {
    const store = createStore(settingsFor(server, bucket, await given()));
    const { path } = randomFile(1000);
    const tries = [() => store.check(), () => store.put(path, "a.wav"), () => store.read("a.wav")];
    for (const trying of tries) {
      const error = await trying().then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error).toMatchObject({ name: "UploadError", ...expected });
      expect(error?.message).not.toMatch(/wrong-secret|TESTSECRET/);
      expect(error?.message).not.toContain("\n");
    }
    await store.close();
  });
});

describe.each<[string, (url: string, name: string) => Partial<UploadValues>]>([
  [
    "of aws",
    (url, name) => ({
      s3ServiceUrl: url,
      awsBucket: name,
      awsAccessKeyId: "TESTKEY",
      awsSecretAccessKey: "TESTSECRET",
    }),
  ],
  [
    "of scaleway",
    (url, name) => ({
      s3Provider: "scaleway",
      scwServiceUrl: url,
      scwBucket: name,
      scwRegion: "fr-par",
      scwForcePathStyle: true,
      scwAccessKey: "TESTKEY",
      scwSecretKey: "TESTSECRET",
      scwDefaultProjectId: "11111111-2222-4333-8444-555555555555",
    }),
  ],
  [
    "of aws, as AWS itself is asked",
    (url, name) => ({
      s3ServiceUrl: url,
      s3Bucket: name,
      s3Checksums: "when-supported",
      s3PartMb: 5,
      awsAccessKeyId: "TESTKEY",
      awsSecretAccessKey: "TESTSECRET",
    }),
  ],
])("settings %s", (_, given) => {
  it.each([1000, 6_000_000])("put and read %i bytes", async (bytes) => {
    const settings = resolveUpload(valuesWith(given(server.url, bucket)));
    const store = createStore(settings!.store);
    await store.check();
    const { path, content } = randomFile(bytes);
    const { key } = await store.put(path, `${settings!.prefix}/a.wav`);
    const { stream } = await store.read(key);
    expect(Buffer.concat(await stream.toArray()).equals(content)).toBe(true);
    await store.close();
  });
});
