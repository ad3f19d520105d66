/** `audio-receiver upload`, against a real S3 server. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStore, parseSegmentMetadata, type Store } from "@audio/upload";
import { formatWavHeader } from "@audio/wav";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { settingsFor } from "../../upload/test/support/settings.js";
import { audioReceiver } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

let server: S3Server;

beforeAll(async () => {
  server = await startS3Server();
}, 120_000);

afterAll(() => server?.stop());

/** A WAV of noise, as a receiver without metadata would leave it. */
function writeWav(path: string, seconds: number): void {
  const samples = seconds * 16_000;
  const header = formatWavHeader({ sampleRate: 16_000, channels: 1, bitsPerSample: 16 }, samples * 2);
  const audio = Int16Array.from({ length: samples }, () => Math.random() * 2000 - 1000);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, Buffer.concat([header, new Uint8Array(audio.buffer)]));
}

function nameOf(n: number): string {
  return `received/kitchen/stream_1_kitchen_20261121_18${String(n).padStart(2, "0")}00`;
}

function environment(bucket: string) {
  return {
    S3_BUCKET: bucket,
    S3_SERVICE_URL: server.url,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
    TIMEZONE: "UTC",
  };
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys;
}

function objects(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("audio-receiver upload", () => {
  it("uploads what is there, once, and says what it does", async () => {
    await using folder = await temporaryFolder();
    const bucket = await server.createBucket();
    const store = createStore(settingsFor(server, bucket));
    const names = Array.from({ length: 20 }, (_, n) => nameOf(n));
    for (const name of names) writeWav(join(folder.path, "data", `${name}.wav`), 1);
    writeWav(join(folder.path, "data/audio/2026-11-21/2026-11-21_1800.wav"), 2);
    const options = { cwd: folder.path, env: environment(bucket) };

    const dry = await audioReceiver(["upload", "--dry-run"], options);
    expect([dry.code, dry.stderr]).toEqual([0, ""]);
    expect(dry.stdout).toContain(`${names[3]}.wav → ${names[3]}.wav (31.3 KB)`);
    expect(dry.stdout).toContain(`21 files, 688.4 KB, would go to ${bucket}`);
    expect(await keysOf(store)).toEqual([]);

    const done = await audioReceiver(["upload", "--json"], options);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(objects(done.stdout).at(-1)).toMatchObject({
      totals: { bucket, files: 21, uploaded: 21, thereAlready: 0, failed: 0 },
    });
    const keys = await keysOf(store);
    expect(keys).toEqual(["received/2026-11-21/2026-11-21_1800.wav", ...names.map((name) => `${name}.wav`)]);
    const { stream } = await store.read(keys[1]);
    const original = readFileSync(join(folder.path, "data", keys[1]));
    expect(Buffer.concat(await stream.toArray()).equals(original)).toBe(true);
    const head = await store.head(keys[1]);
    expect(parseSegmentMetadata(head?.metadata ?? {})).toMatchObject({
      stem: names[0],
      device: "kitchen",
      startUs: Date.UTC(2026, 10, 21, 18) * 1000,
      samples: 16_000,
      sampleRate: 16_000,
    });

    const again = await audioReceiver(["upload"], options);
    expect(again).toEqual({ code: 0, stdout: `nothing to upload: it is all in ${bucket}\n`, stderr: "" });

    rmSync(join(folder.path, "data", "catalogue.db")); // what is in the store is found there again
    for (const suffix of ["-wal", "-shm"])
      rmSync(join(folder.path, "data", `catalogue.db${suffix}`), { force: true });
    const anew = await audioReceiver(["upload", "--json", "--from", "2026-11-21T18:10"], options);
    expect(objects(anew.stdout).at(-1)).toMatchObject({
      totals: { files: 10, uploaded: 0, thereAlready: 10 },
    });
    expect(await keysOf(store)).toEqual(keys);
    await store.close();
  });

  it("removes local files only when they are to go, and are there", async () => {
    await using folder = await temporaryFolder();
    const bucket = await server.createBucket();
    writeWav(join(folder.path, "data", `${nameOf(1)}.wav`), 1);
    const env = { ...environment(bucket), S3_REMOVE_LOCAL: "true" };
    const { code } = await audioReceiver(["upload"], { cwd: folder.path, env });
    expect(code).toBe(0);
    expect(() => readFileSync(join(folder.path, "data", `${nameOf(1)}.wav`))).toThrow(/ENOENT/);
    const { stdout } = await audioReceiver(["upload"], { cwd: folder.path, env });
    expect(stdout).toContain("nothing to upload");
  });

  it("says what is wrong in one line", async () => {
    await using folder = await temporaryFolder();
    const bucket = await server.createBucket();
    writeWav(join(folder.path, "data", `${nameOf(1)}.wav`), 1);
    const cwd = folder.path;
    const none = await audioReceiver(["upload"], { cwd });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("S3_BUCKET is missing (or AWS_BUCKET)");
    const env = { ...environment(bucket), AWS_SECRET_ACCESS_KEY: "wrong-secret" };
    const wrong = await audioReceiver(["upload"], { cwd, env });
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toMatch(/^audio-receiver: bucket test-.*the keys do not work .*\n$/);
    expect(wrong.stderr).not.toContain("wrong-secret");
    const missing = { ...environment(bucket), S3_BUCKET: "not-there" };
    const gone = await audioReceiver(["upload"], { cwd, env: missing });
    expect(gone.stderr).toMatch(/^audio-receiver: bucket not-there: there is no bucket not-there at .*\n$/);
  });
});
