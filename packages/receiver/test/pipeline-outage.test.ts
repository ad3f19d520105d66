/** What comes after a segment while something it needs is missing: the store, its keys, ffmpeg, room on the disk. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProxy } from "../../upload/test/support/hostile-proxy.js";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { PersistentDevice } from "./support/persistent-device.js";
import {
  expectAudio,
  expectCatalogued,
  expectStoredOnce,
  expectTidy,
  expectTold,
} from "./support/pipeline-proof.js";
import { PipelineScene } from "./support/pipeline-scene.js";
import { SmallDisk } from "./support/small-disk.js";
import { pause, until } from "./support/waiting.js";

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3Server();
}, 120_000);
afterAll(() => s3?.stop());

const FRAMES = 150; // 3 s: three segments, or two and a short one
const SECONDS = FRAMES * 0.02;
const device = (id: number, seconds = SECONDS) => new PersistentDevice(`sure${id}`, id, seconds);

/** Fails unless all that this device sent went through everything, once. */
async function expectAllDone(scene: PipelineScene, devices: readonly PersistentDevice[]): Promise<void> {
  const segments = await expectCatalogued(scene);
  await expectTidy(scene);
  await expectStoredOnce(scene, segments);
  expectTold(scene, segments);
  for (const one of devices) await expectAudio(scene, one, segments);
}

describe("while the store's keys are wrong", () => {
  it("it is asked now and then, nothing is deleted, and all goes up when they are right", async () => {
    const proxy = await startProxy(s3.url);
    const retention = { retentionKeepFreeMb: 1e9 }; // more than there is: all that may go, goes;
    const config = { compress: "none", ...retention };
    await using scene = await PipelineScene.create(s3, { config, storeUrl: proxy.url });
    using sure = device(1);
    {
      const { ready } = await scene.start({ AWS_SECRET_ACCESS_KEY: "wrong-secret" });
      await sure.finish(`${ready.ws}`);
      await until("all wait for the upload", () => scene.waiting().upload >= 3);
      await pause(3000);
      const log = await scene.stop();
      expect(proxy.seen.length).toBeGreaterThan(0);
      expect(proxy.seen.length).toBeLessThanOrEqual(10);
      expect(JSON.stringify(log)).not.toContain("wrong-secret");
      const told = log.filter(({ reason }) => /the keys do not work/.test(`${reason}`));
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThanOrEqual(4);
      expect(
        (await scene.recordings()).filter((name) => name.endsWith(".wav")).length,
      ).toBeGreaterThanOrEqual(3);
    }
    await scene.start();
    await scene.drained();
    const isGone = async () => (await scene.recordings()).every((name) => !name.endsWith(".wav"));
    await until("what is up makes room", isGone, 40_000);
    await scene.stop();
    await expectAllDone(scene, [sure]);
  }, 120_000);
});

describe("without ffmpeg", () => {
  it("it is said once, recording goes on, and what waits is done when there is one", async () => {
    await using scene = await PipelineScene.create(s3);
    using sure = device(1);
    const { ready } = await scene.start({ FFMPEG_PATH: "/nowhere/ffmpeg" });
    await sure.finish(`${ready.ws}`);
    await until("all wait for ffmpeg", () => scene.waiting().compress >= 2);
    await pause(1000);
    const log = await scene.stop();
    const atStart = log.filter(({ msg }) => /^what is to be compressed waits/.test(`${msg}`));
    expect(atStart).toMatchObject([
      { level: 40, msg: expect.stringContaining("FFMPEG_PATH: /nowhere/ffmpeg") },
    ]);
    const later = log.filter(({ msg }) => /^compress failed/.test(`${msg}`));
    expect(later.length).toBeLessThanOrEqual(2);
    expect((await scene.recordings()).filter((name) => name.endsWith(".flac"))).toEqual([]);

    await scene.start();
    await scene.drained(90_000);
    await scene.stop();
    expect((await scene.recordings()).some((name) => name.endsWith(".flac"))).toBe(true);
    await expectAllDone(scene, [sure]);
  }, 150_000);
});

describe("while the disk is full", () => {
  it("nothing is lost, nobody is told again and again, and all is done when there is room", async () => {
    await using disk = await SmallDisk.mount("size=12m");
    await using scene = await PipelineScene.create(s3, { dataDir: disk.path });
    using before = device(1);
    using during = device(2);
    const { ready } = await scene.start();
    await during.sendTo(`${ready.ws}`, FRAMES / 3);
    await before.sendTo(`${ready.ws}`, FRAMES);
    await until("somebody is told", () => scene.told("web").size > 0, 40_000);
    await disk.fill();
    await pause(4000);
    expect(scene.webhook.posted.length).toBeLessThan(20);
    await disk.clear();
    const isReady = async () => (await fetch(`${ready.web}/readyz`)).status === 200;
    await until("it records again", isReady, 40_000);
    await before.finish(`${ready.ws}`);
    await during.finish(`${ready.ws}`);
    await scene.drained(90_000);
    await scene.stop();
    await expectAllDone(scene, [before, during]);
  }, 180_000);
});
