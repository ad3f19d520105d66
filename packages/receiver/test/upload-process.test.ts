/** A receiver that uploads, as a process, with a real S3 server: outages, kills, restarts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ArchiveError, type Catalogue, openCatalogue, type Segment } from "@audio/archive";
import { createStore, type Store } from "@audio/upload";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { settingsFor } from "../../upload/test/support/settings.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { logLines, ServerProcess } from "./support/command.js";
import { play } from "./support/stream-client.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const LONGEST_MS = 50_000;
const LOOK_EVERY_MS = 200; // into the catalogue, or the store
let server: S3Server;

// One for each test: another attempt must not find the gateway that the one before has killed.
beforeEach(async () => {
  server = await startS3Server();
}, 120_000);

afterEach(() => server?.stop());

function amazon(bucket: string): Record<string, string> {
  const keys = { AWS_ACCESS_KEY_ID: server.accessKey, AWS_SECRET_ACCESS_KEY: server.secretKey };
  return { S3_ENABLED: "true", S3_SERVICE_URL: server.url, AWS_BUCKET: bucket, ...keys };
}

function scaleway(bucket: string): Record<string, string> {
  const keys = { SCW_ACCESS_KEY: server.accessKey, SCW_SECRET_KEY: server.secretKey };
  const place = { SCW_SERVICE_URL: server.url, SCW_BUCKET: bucket, SCW_REGION: "fr-par" };
  return { S3_ENABLED: "true", S3_PROVIDER: "scaleway", ...place, ...keys };
}

function segments(folder: string): Segment[] {
  let catalogue: Catalogue;
  try {
    catalogue = openCatalogue(join(folder, "data"), { readOnly: true });
  } catch (error) {
    if ((error as ArchiveError).code === "catalogue-missing") return []; // it is being made
    throw error;
  }
  try {
    return [...catalogue.segments.each()];
  } finally {
    catalogue.close();
  }
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys;
}

async function untilUploaded(store: Store, count: number): Promise<string[]> {
  return until(
    `${count} objects`,
    async () => {
      const keys = await keysOf(store);
      return keys.length >= count && keys;
    },
    LONGEST_MS,
    LOOK_EVERY_MS,
  );
}

/** Sends some seconds, which become ten segments a second. */
async function record({ ready }: ServerProcess, seconds: number): Promise<void> {
  const frames = pcmFrames(tones(16_000 * seconds), { frameSamples: 320 });
  expect(await play(`${ready.ws}/kitchen`, [handshake(), ...frames])).toMatchObject({ code: 1000 });
}

const flags = ["--ws-segment-seconds", "0.1"];

describe.each([
  ["aws", amazon],
  ["scaleway", scaleway],
])("a receiver that uploads, by the settings of %s", (_, environment) => {
  it("gets everything there after an outage, over a restart of its own", async () => {
    await using folder = await temporaryFolder();
    const bucket = await server.createBucket();
    const store = createStore(settingsFor(server, bucket));
    const options = { cwd: folder.path, env: environment(bucket), flags };
    await server.kill();
    {
      await using receiver = await ServerProcess.start(options);
      await record(receiver, 1);
      await until("the outage is noticed", () => segments(folder.path).length === 10, LONGEST_MS);
      expect(await receiver.stop()).toMatchObject({ code: 0 });
    }
    await server.restart();
    await using receiver = await ServerProcess.start(options);
    await record(receiver, 1);
    const keys = await untilUploaded(store, 20);
    const recorded = segments(folder.path);
    expect(keys).toEqual(recorded.map(({ stem }) => `${stem}.wav`).sort());
    for (const { stem } of recorded.slice(0, 3)) {
      const { stream } = await store.read(`${stem}.wav`);
      const local = readFileSync(join(folder.path, "data", `${stem}.wav`));
      expect(Buffer.concat(await stream.toArray()).equals(local)).toBe(true);
    }
    await receiver.stop();
    await store.close();
  });
});

describe("a receiver that uploads", () => {
  it("brings 500 segments there, each once, though it is killed in the middle", async () => {
    await using folder = await temporaryFolder();
    const bucket = await server.createBucket();
    const store = createStore(settingsFor(server, bucket));
    const env = { ...amazon(bucket), S3_REMOVE_LOCAL: "true" };
    const options = { cwd: folder.path, env, flags };
    {
      await using receiver = await ServerProcess.start(options);
      await record(receiver, 50);
      await untilUploaded(store, 50);
      await receiver.stop("SIGKILL");
    }
    await using receiver = await ServerProcess.start(options);
    await untilUploaded(store, 500);
    const isMoved = ({ forms }: Segment) =>
      forms.every(({ form, local, remote }) => form === "bin" || (!local && remote));
    await until(
      "the catalogue says so",
      () => segments(folder.path).filter(isMoved).length === 500,
      LONGEST_MS,
      LOOK_EVERY_MS,
    );
    expect(await keysOf(store)).toEqual(
      segments(folder.path)
        .map(({ stem }) => `${stem}.wav`)
        .sort(),
    );
    await receiver.stop();
    await store.close();
  }, 120_000);

  it("says what is wrong with the keys, in one line, and records on", async () => {
    await using folder = await temporaryFolder();
    const env = { ...amazon(await server.createBucket()), AWS_SECRET_ACCESS_KEY: "wrong-secret" };
    await using receiver = await ServerProcess.start({ cwd: folder.path, env, flags });
    await record(receiver, 1);
    await until("all is recorded", () => segments(folder.path).length === 10, LONGEST_MS);
    await pause(1000);
    const { stdout, code } = await receiver.stop();
    expect(code).toBe(0);
    expect(stdout).not.toContain("wrong-secret");
    const complaints = logLines(stdout).filter(({ reason }) => /the keys do not work/.test(String(reason)));
    const uploads = complaints.filter(({ msg }) => String(msg).startsWith("upload failed"));
    expect(uploads.length).toBeGreaterThan(0);
    expect(uploads.length).toBeLessThanOrEqual(4); // as many as were tried at once, and then it waits
    expect(complaints.length - uploads.length).toBeLessThanOrEqual(1); // the search of the bucket, once
  });
});
