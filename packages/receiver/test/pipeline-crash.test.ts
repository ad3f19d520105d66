/**
 * What comes after a segment, with a receiver that is killed again and again: compression, upload, hooks and catalogue
 * against a real ffmpeg, a real S3 server, a real receiver of webhooks. PIPELINE_KILLS in the environment asks for more.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProxy } from "../../upload/test/support/hostile-proxy.js";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { type Moment, momentComes, type StoreTap } from "./support/kill-moments.js";
import { PersistentDevice } from "./support/persistent-device.js";
import {
  expectAudio,
  expectCatalogued,
  expectExported,
  expectNothingLost,
  expectStoredOnce,
  expectTidy,
  expectTold,
} from "./support/pipeline-proof.js";
import { PipelineScene } from "./support/pipeline-scene.js";

const { PIPELINE_KILLS = "0" } = process.env;
const MOMENTS: readonly Moment[] = [
  "ffmpeg runs",
  "an upload begins",
  "FLAC and WAV are there",
  "the local file is about to go",
  "the search begins",
  "an upload is verified",
  "the catalogue is written",
  "at any time",
];
const FRAMES_PER_ROUND = 50; // 1 s: a segment, and a short one that a kill cuts off
const ROUND_SECONDS = FRAMES_PER_ROUND * 0.02;

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3Server();
}, 120_000);
afterAll(() => s3?.stop());

/** The same random numbers in 0 … 1 in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A log line that no kill explains. */
const isUnexplained = ({ level }: Record<string, unknown>) => Number(level) >= 50;

describe("a receiver that is killed with work behind it", () => {
  it.each([
    ["local files go, frames are kept", MOMENTS, 1, { s3RemoveLocal: true, s3UploadBin: true }],
    [
      "local files stay",
      MOMENTS.slice(-3).concat("ffmpeg runs"),
      2,
      { s3RemoveLocal: false, s3UploadBin: false },
    ],
  ] as const)(
    "loses nothing, does nothing twice: %s",
    async (_, aimed, seed, config) => {
      const tap: StoreTap = { onRequest: undefined };
      const proxy = await startProxy(s3.url, (seen) => void tap.onRequest?.(seen, proxy));
      await using scene = await PipelineScene.create(s3, { config, storeUrl: proxy.url });
      const random = generator(seed);
      const more = Array.from({ length: Number(PIPELINE_KILLS) }, () => MOMENTS[Math.floor(random() * 8)]);
      const moments = [...aimed, ...more];
      const seconds = ROUND_SECONDS * (moments.length + 1);
      const devices = [1, 2, 3].map((id) => new PersistentDevice(`sure${id}`, id, seconds));
      const passers: PersistentDevice[] = [];
      const known = new Set<string>();

      for (const [round, moment] of moments.entries()) {
        const { ready } = await scene.start();
        const passer = new PersistentDevice(`passing${round}`, 100 + round, ROUND_SECONDS, false);
        passers.push(passer);
        const frames = (round + 1) * FRAMES_PER_ROUND;
        const sending = [...devices, passer].map((device) =>
          device.sendTo(`${ready.ws}`, frames).catch(() => undefined),
        );
        await momentComes(moment, scene, tap, random());
        await scene.stop("SIGKILL");
        await Promise.all(sending);
        for (const stem of await scene.stems()) known.add(stem);
        await expectNothingLost(scene, known);
      }
      const { ready } = await scene.start();
      await Promise.all(devices.map((device) => device.finish(`${ready.ws}`)));
      await scene.drained(90_000);
      await scene.stop();

      await expectNothingLost(scene, known);
      const segments = await expectCatalogued(scene);
      await expectTidy(scene);
      await expectStoredOnce(scene, segments);
      expectTold(scene, segments);
      for (const device of [...devices, ...passers]) await expectAudio(scene, device, segments);
      await expectExported(scene, devices[0]);
      expect(scene.logs.filter(isUnexplained)).toEqual([]);
    },
    180_000,
  );
});
