/** Recordings that are in the bucket alone, heard through the web port. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openCatalogue } from "@audio/archive";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noiseBytes, wavFile } from "./support/audio.js";
import { disposable } from "./support/recorded-folder.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";

const SECONDS = 60;
const AUDIO = noiseBytes(SECONDS * 32_000, 5);
const OBJECT = wavFile(AUDIO);
const START_US = Date.UTC(2026, 10, 20, 3, 17) * 1000;
const asked: string[] = [];
// Answers a GET for a range as a store does.
const store = createServer(({ url = "", headers }, response) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (from === undefined || !url.startsWith("/older/a.wav"))
    return void response
      .writeHead(404, { "content-type": "application/xml" })
      .end("<Error><Code>NoSuchKey</Code></Error>");
  asked.push(`${from}-${to}`);
  const body = OBJECT.subarray(Number(from), Number(to) + 1);
  const range = `bytes ${from}-${to}/${OBJECT.length}`;
  response.writeHead(206, { "content-length": body.length, "content-range": range }).end(body);
});
let folder: { path: string } & AsyncDisposable;
let server: TestReceiver;
beforeAll(async () => {
  await once(store.listen(0, "127.0.0.1"), "listening");
  folder = await temporaryFolder();
  {
    using catalogue = disposable(openCatalogue(folder.path));
    const shape = { sampleRate: 16_000, channels: 1, bitsPerSample: 16, samples: SECONDS * 16_000, gaps: [] };
    const sender = { source: "websocket", device: "porch", streamId: 1, levels: undefined } as const;
    for (const [i, key] of ["a.wav", "missing.wav"].entries()) {
      const startUs = START_US + i * SECONDS * 1e6;
      const id = catalogue.segments.put({ ...shape, ...sender, stem: `received/porch/${i}`, startUs }, []);
      catalogue.segments.setRemote(id, "wav", OBJECT.length, { bucket: "older", key, verifiedUs: 1 });
    }
  }
  server = await TestReceiver.start({
    dataDir: folder.path,
    catalogue: true,
    timezone: "UTC",
    s3Enabled: true,
    s3Bucket: "recordings",
    s3ServiceUrl: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
    s3ForcePathStyle: true,
    awsAccessKeyId: "key",
    awsSecretAccessKey: "secret",
    s3Region: "us-east-1",
  });
}, 30_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  store.close();
});

const ask = (path: string, headers: Record<string, string> = {}) =>
  server.look(path, { headers: { authorization: basic("admin", WEB_PASSWORD), ...headers } });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

describe("what is in the bucket alone", () => {
  it("is given by its name, whole and in parts, of which no more is fetched", async () => {
    const whole = await ask("/stream/2026-11-20/0.wav");
    expect([whole.status, whole.headers.get("content-type")]).toEqual([200, "audio/wav"]);
    expect((await bytesOf(whole)).equals(OBJECT)).toBe(true);
    asked.length = 0;
    const part = await ask("/stream/2026-11-20/0.wav", {
      range: "bytes=1000000-1000999",
      "if-range": whole.headers.get("etag")!,
    });
    expect([part.status, asked]).toEqual([206, ["1000000-1000999"]]);
    expect((await bytesOf(part)).equals(OBJECT.subarray(1_000_000, 1_001_000))).toBe(true);
    const gone = await ask("/stream/2026-11-20/1.wav");
    expect([gone.status, await gone.text()]).toEqual([
      502,
      expect.stringContaining("the bucket does not give it"),
    ]);
  });

  it("plays by time, what cannot be had as silence, and only as far as it is asked for", async () => {
    const between = (from: number, to: number) =>
      `device=porch&from=${START_US + from * 1e6}&to=${START_US + to * 1e6}`;
    asked.length = 0;
    const answer = await ask(`/api/v1/audio?${between(50, 61)}`);
    const expected = Buffer.concat([AUDIO.subarray(50 * 32_000), Buffer.alloc(32_000)]);
    expect((await bytesOf(answer)).subarray(44, 44 + expected.length).equals(expected)).toBe(true);
    expect(asked).toEqual(["0-4095", `${44 + 50 * 32_000}-${OBJECT.length - 1}`]);
    const plan = await ask(`/api/v1/audio/plan?${between(50, 61)}`);
    expect(await plan.json()).toMatchObject({ samples: 11 * 16_000, missingUs: 0, remoteSegments: 2 });
  });
});
