/** Recordings deleted by hand of which copies are in a bucket, against a real S3 server. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Catalogue } from "@audio/archive";
import { createStore, type Store, segmentMetadata, type UploadSettings } from "@audio/upload";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../receiver/test/support/waiting.js";
import { refusal, startProxy } from "../../upload/test/support/hostile-proxy.js";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { settingsFor } from "../../upload/test/support/settings.js";
import type { Keeper } from "../src/index.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";
import { keeperOf } from "./support/keeper.js";

let server: S3Server;

beforeAll(async () => {
  server = await startS3Server();
}, 120_000);

afterAll(() => server?.stop());

const EVER = { device: "porch", fromUs: 0, toUs: Number.MAX_SAFE_INTEGER };

/** Three segments here and in a bucket of their own. */
async function scene() {
  const { dataDir, catalogue, [Symbol.dispose]: dispose } = newCatalogue();
  const bucket = await server.createBucket();
  const store = createStore(settingsFor(server, bucket));
  const keys: string[] = [];
  for (const n of [0, 1, 2]) keys.push(await upload(dataDir, catalogue, store, n));
  const settings: UploadSettings = {
    ...{
      store: settingsFor(server, bucket),
      prefix: "received",
      audio: true,
      bin: false,
      removeLocal: false,
    },
    ...{ key: "{prefix}/{hwid}/{file}", keyPcm: "{prefix}/{date}/{file}" },
  };
  const left = async () => {
    const found: string[] = [];
    for await (const { key } of store.list("")) found.push(key);
    return found;
  };
  return {
    ...{ dataDir, catalogue, store, keys, settings, left },
    isHere: (n: number) => existsSync(join(dataDir, `received/porch/stream_7_porch_${n}.wav`)),
    async [Symbol.asyncDispose]() {
      await store.close();
      dispose();
    },
  };
}

async function upload(dataDir: string, catalogue: Catalogue, store: Store, n: number): Promise<string> {
  const id = putSegment(catalogue, n);
  const segment = catalogue.segments.byId(id)!;
  const path = join(dataDir, `${segment.stem}.wav`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(320_044, n));
  const stored = await store.put(path, `${segment.stem}.wav`, segmentMetadata(segment));
  catalogue.segments.setRemote(id, "wav", 320_044, stored);
  return stored.key;
}

async function removed(keeper: Keeper, segments: number) {
  await until("it is ready", async () => (await keeper.loss(EVER)).kind === "loss");
  const answer = await keeper.remove({ ...EVER, segments, by: "ann" });
  if (answer.kind !== "loss") throw new Error(JSON.stringify(answer));
  return answer.loss;
}

describe("deleting what is in a bucket too", () => {
  it("deletes the copies, but no object that is another than the one that was uploaded", async () => {
    await using at = await scene();
    const { catalogue, store, keys, settings } = at;
    await store.remove(keys[1]);
    await store.remove(keys[2]);
    const other = join(at.dataDir, "other");
    writeFileSync(other, "somebody else's");
    await store.put(other, keys[2]);
    await using work = keeperOf(at.dataDir, settings);
    expect(await removed(work.keeper, 3)).toMatchObject({ segments: 3, remoteCopies: 3, kept: [] });
    expect(await at.left()).toEqual([keys[2]]);
    expect([0, 1, 2].map(at.isHere)).toEqual([false, false, false]);
    expect([...catalogue.segments.each()]).toEqual([]);
    const warned = work.notes.filter(({ message }) => message.startsWith("an object is not the copy"));
    expect(warned.map(({ fields }) => fields.key)).toEqual([keys[2]]);
  });

  it("deletes the files where the key may delete nothing, and says that the copies stay", async () => {
    await using at = await scene();
    const { catalogue, settings, keys } = at;
    const proxy = await startProxy(server.url, ({ method }) =>
      method === "DELETE" ? refusal(403, "AccessDenied") : undefined,
    );
    await using work = keeperOf(at.dataDir, { ...settings, store: { ...settings.store, url: proxy.url } });
    const loss = await removed(work.keeper, 3);
    expect(loss).toMatchObject({ segments: 3, remoteCopies: 0, keptSegments: 3 });
    expect(loss.kept[0].why).toMatch(
      /^its copy in the bucket stays: deleting .* the store does not allow it/,
    );
    expect([0, 1, 2].map(at.isHere)).toEqual([false, false, false]);
    expect(catalogue.segments.list()[0].forms).toMatchObject([{ local: false, remote: { key: keys[0] } }]);
    expect(catalogue.jobs.lengths()).toEqual([]);
    expect(await at.left()).toEqual(keys);
    expect(work.notes.filter(({ message }) => message === "copies of what was deleted stay")).toHaveLength(1);
  });

  it("deletes copies later while the store is away", async () => {
    await using at = await scene();
    const { catalogue, settings } = at;
    let isAway = true;
    const proxy = await startProxy(server.url, () => (isAway ? refusal(503, "SlowDown") : undefined));
    await using work = keeperOf(at.dataDir, { ...settings, store: { ...settings.store, url: proxy.url } });
    const loss = await removed(work.keeper, 3);
    expect(loss).toMatchObject({ segments: 3, remoteCopies: 0, keptSegments: 3 });
    expect(loss.kept[0].why).toContain("its copy in the bucket waits to be deleted: ");
    const queue = work.keeper.status().queues.find(({ step }) => step === "delete");
    expect(queue).toMatchObject({ waiting: 3, isWaiting: true });
    isAway = false;
    await until("the copies are gone", async () => (await at.left()).length === 0);
    await until("nobody knows of them", () => [...catalogue.segments.each()].length === 0);
  });
});
