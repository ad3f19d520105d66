/** A catalogue and a bucket, against a real S3 server. */
import { writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Catalogue, SegmentFacts } from "@audio/archive";
import {
  createStore,
  type ObjectMetadata,
  type Store,
  segmentMetadata,
  type UploadSettings,
} from "@audio/upload";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../receiver/test/support/waiting.js";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { settingsFor } from "../../upload/test/support/settings.js";
import { bucketMark } from "../src/bucket/bucket-watch.js";
import { type BucketSearchOptions, searchBucket } from "../src/bucket/search-bucket.js";
import { SegmentUpload } from "../src/index.js";
import { newCatalogue } from "./support/catalogue.js";
import { keeperOf } from "./support/keeper.js";

let server: S3Server;

beforeAll(async () => {
  server = await startS3Server();
}, 120_000);

afterAll(() => server?.stop());

const START_US = 1_763_769_600_000_000;

function facts(n: number, more: Partial<SegmentFacts> = {}): SegmentFacts {
  return {
    stem: `received/porch/stream_7_porch_${n}`,
    ...{
      source: "websocket",
      device: "porch",
      streamId: 7,
      sampleRate: 16_000,
      channels: 1,
      bitsPerSample: 16,
    },
    ...{ startUs: START_US + n * 10_000_000, samples: 160_000, gaps: [], levels: undefined },
    ...more,
  };
}

/** A bucket of its own, with a catalogue. */
async function scene() {
  const { dataDir, catalogue, [Symbol.dispose]: dispose } = newCatalogue();
  const bucket = await server.createBucket();
  const store = createStore(settingsFor(server, bucket));
  const upload: UploadSettings = {
    ...{
      store: settingsFor(server, bucket),
      prefix: "received",
      audio: true,
      bin: false,
      removeLocal: false,
    },
    ...{ key: "{prefix}/{hwid}/{file}", keyPcm: "{prefix}/{date}/{file}" },
  };
  const uploads = new SegmentUpload({ upload, store, catalogue, dataDir, timezone: "UTC" });
  const search = (more: Partial<BucketSearchOptions> = {}) =>
    searchBucket({ catalogue, store, uploads, prefix: "received/", concurrency: 8, now: Date.now, ...more });
  const put = async (key: string, metadata: ObjectMetadata, content = `content of ${key}`) => {
    const path = join(dataDir, "object");
    writeFileSync(path, content);
    await store.put(path, key, metadata);
  };
  return {
    ...{ dataDir, catalogue, store, upload, search, put },
    async [Symbol.asyncDispose]() {
      await store.close();
      dispose();
    },
  };
}

async function fill(store: Store, dataDir: string, from: number, to: number): Promise<void> {
  const waiting = Array.from({ length: to - from }, (_, i) => from + i);
  const lane = async () => {
    for (let n = waiting.pop(); n !== undefined; n = waiting.pop()) {
      const path = join(dataDir, `object-${n}`);
      await writeFile(path, `content ${n}`);
      await store.put(path, `received/porch/stream_7_porch_${n}.flac`, segmentMetadata(facts(n)));
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

const local = (catalogue: Catalogue, isSaved: boolean) =>
  catalogue.local.oldest({ deviceId: 1, isSaved, fromUs: 0, toUs: 2 * START_US, limit: 10 }).length;

describe("a search of a bucket", () => {
  it("brings in what is ours, as it was, and leaves the rest alone", async () => {
    await using at = await scene();
    const { catalogue, search, put } = at;
    const gaps = [
      { startUs: START_US + 15_000_000, samples: 16_000, cause: "disconnected", filled: false },
    ] as const;
    const lossy = facts(1, { gaps, device: undefined, source: "udp" });
    await put("received/a.flac", segmentMetadata(lossy));
    await put("received/b.wav", segmentMetadata(facts(2)));
    await put("received/b.bin", segmentMetadata(facts(2)));
    await put("received/b_2.wav", segmentMetadata(facts(2)), "a second copy");
    await put("received/c.wav", segmentMetadata(facts(2, { samples: 7 })), "another of the same name");
    await put("received/song.wav", {});
    await put("received/readme.txt", segmentMetadata(facts(3)));
    await put("elsewhere/d.wav", segmentMetadata(facts(4)));
    for (const stem of ["../../etc/passwd", "/etc/passwd", "a//b", "a\\b", ".hidden", "a/./b"])
      await put(`received/${Math.random()}.wav`, segmentMetadata(facts(5, { stem })));
    const sums = await search();
    expect(sums).toMatchObject({
      objects: 13,
      added: 3,
      addedSegments: 2,
      doubles: 2,
      foreign: 8,
      known: 0,
      gone: 0,
    });
    const [one, two, ...more] = catalogue.segments.list();
    expect(more).toEqual([]);
    expect(one).toMatchObject({ ...lossy, endUs: lossy.startUs + 11_000_000 });
    const remote = { bucket: at.store.bucket, key: "received/a.flac", verifiedUs: undefined };
    expect(one.forms).toEqual([{ form: "flac", bytes: 26, local: false, remote }]);
    expect(two.forms.map(({ form }) => form)).toEqual(["bin", "wav"]);
    expect(await search()).toMatchObject({ known: 3, asked: 9, added: 0, gone: 0 });
  });

  it("goes on where it was broken off", async () => {
    await using at = await scene();
    await fill(at.store, at.dataDir, 0, 450);
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await expect(at.search({ signal: stop.signal, onProgress })).rejects.toThrow();
    const before = at.catalogue.segments.list().length;
    expect(before).toBeGreaterThanOrEqual(200);
    expect(before).toBeLessThan(450);
    expect(await at.search()).toMatchObject({ objects: 450, known: before, asked: 450 - before });
    expect(at.catalogue.segments.list().length).toBe(450);
  });

  it("asks for no object whose file is here, and lets no file go because of one", async () => {
    await using at = await scene();
    const { catalogue } = at;
    await fill(at.store, at.dataDir, 0, 3);
    const ids = [0, 1].map((n) => catalogue.segments.put(facts(n), [{ form: "flac", bytes: 9 }]));
    await at.put("received/other.wav", segmentMetadata(facts(1)));
    expect(await at.search()).toMatchObject({ objects: 4, waiting: 2, asked: 2, added: 2 });
    expect(ids.map((id) => catalogue.jobs.has(id, "upload"))).toEqual([true, true]);
    expect(catalogue.segments.byId(ids[1])?.forms).toMatchObject([{ remote: undefined }, { local: false }]);
    expect([local(catalogue, true), local(catalogue, false)]).toEqual([0, 2]);
    const { upload, store, dataDir } = at;
    const removing = { upload: { ...upload, removeLocal: true }, store, catalogue, dataDir, timezone: "UTC" };
    expect(new SegmentUpload(removing).removable(catalogue.segments.byId(ids[1])!)).toEqual([]);
  });

  it("forgets what is not there, uploads its file again, and nothing where all is missing", async () => {
    await using at = await scene();
    const { catalogue, store } = at;
    await fill(store, at.dataDir, 0, 1);
    const gone = (n: number) => ({
      bucket: store.bucket,
      key: `received/gone_${n}.flac`,
      verifiedUs: START_US,
    });
    const [lost, here] = [5, 6].map((n) => catalogue.segments.put(facts(n), []));
    for (const id of [lost, here]) catalogue.segments.setRemote(id, "flac", 9, gone(id));
    catalogue.segments.addLocal(here, "flac", 9);
    expect(await at.search()).toMatchObject({ added: 1, gone: 0, absent: 2 });
    expect(catalogue.segments.list().length).toBe(3);
    expect(await at.search()).toMatchObject({ known: 1, gone: 2, absent: 0 });
    expect(catalogue.segments.byId(lost)).toBeUndefined();
    expect(catalogue.segments.byId(here)?.forms).toMatchObject([{ local: true, remote: undefined }]);
    expect([local(catalogue, false), catalogue.jobs.has(here, "upload")]).toEqual([1, true]);
    expect(await at.search({ prefix: "nothing/" })).toMatchObject({ objects: 0, gone: 0, absent: 0 });
  });

  it("takes what was replaced in the bucket for what it is now", async () => {
    await using at = await scene();
    const { catalogue, store } = at;
    await at.put("received/a.wav", segmentMetadata(facts(1)), "what is there now");
    await at.put("received/b.wav", {}, "something else");
    for (const [n, key] of [
      [1, "received/a.wav"],
      [2, "received/b.wav"],
    ] as const)
      catalogue.segments.setRemote(catalogue.segments.put(facts(n), []), "wav", 5, {
        ...{ bucket: store.bucket, key, verifiedUs: START_US },
      });
    expect(await at.search()).toMatchObject({ asked: 2, added: 1, foreign: 1 });
    expect(catalogue.segments.list().map(({ forms }) => forms)).toMatchObject([
      [{ bytes: 17, remote: { verifiedUs: undefined } }],
    ]);
  });

  it("prefers metadata to what the name of a .bin tells", async () => {
    await using at = await scene();
    const { catalogue } = at;
    const id = catalogue.segments.put(facts(1, { startUs: START_US, samples: 5 }), [
      { form: "bin", bytes: 9 },
    ]);
    await at.put("received/a.flac", segmentMetadata(facts(1)));
    expect(await at.search()).toMatchObject({ added: 1, addedSegments: 0 });
    expect(catalogue.segments.byId(id)).toMatchObject({ samples: 160_000, startUs: START_US + 10_000_000 });
  });
});

describe("a keeper with a new catalogue", () => {
  it("searches the bucket once, and each local file is asked for once, by its upload", async () => {
    await using at = await scene();
    const { dataDir, catalogue, upload } = at;
    await fill(at.store, dataDir, 0, 5);
    catalogue.segments.put(facts(0), [{ form: "flac", bytes: 9 }]);
    const path = join(dataDir, `${facts(0).stem}.flac`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "content 0");
    {
      await using first = keeperOf(dataDir, upload);
      await until("it is searched", () => first.keeper.status().bucket?.state === "complete");
      await until("it is compared", () => catalogue.segments.byStem(facts(0).stem)?.forms[0].remote);
      expect(first.keeper.status().bucket?.sums).toMatchObject({
        objects: 5,
        asked: 4,
        added: 4,
        waiting: 1,
      });
      expect(first.keeper.status().upload).toMatchObject({ errors: {} });
    }
    const [here] = catalogue.segments.list();
    expect(here.forms[0].remote?.verifiedUs).toBeGreaterThan(START_US);
    await using next = keeperOf(dataDir, upload);
    expect(next.keeper.status().bucket).toMatchObject({ state: "complete", sums: undefined });
  });

  it("waits for a bucket that cannot be reached, says so once, and ends at once", async () => {
    await using at = await scene();
    const url = "http://127.0.0.1:9";
    await using work = keeperOf(at.dataDir, { ...at.upload, store: { ...at.upload.store, url } });
    const reason = await until("it has tried", () => work.keeper.status().bucket?.reason);
    expect(reason).toContain("127.0.0.1:9");
    const told = work.notes.filter(({ message }) => message.startsWith("the bucket"));
    expect(told).toMatchObject([
      { level: "warn", message: "the bucket cannot be searched, will be tried again" },
    ]);
    expect(work.keeper.status().search.state).toBe("complete");
    expect(at.catalogue.notes.mark(bucketMark(at.upload))).toBeUndefined();
  });
});
