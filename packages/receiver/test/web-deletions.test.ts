/** Recordings that somebody deletes in a browser: gone for good, and nothing else. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Connection, Loss } from "@audio/api";
import { openCatalogue } from "@audio/archive";
import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, logLines, ServerProcess } from "./support/command.js";
import { filesBelow } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const authorization = basic("admin", WEB_PASSWORD);
const frames = (seconds: number) => pcmFrames(tones(16_000 * seconds), { frameSamples: 320 });

interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

async function ask<T>(web: string, path: string, body?: unknown): Promise<Answer<T>> {
  const headers = { authorization, ...(body !== undefined && { "content-type": "application/json" }) };
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(new URL(`/api/v1${path}`, web), init);
  return { status: answer.status, body: (await answer.json()) as T };
}

/** What a deletion of everything of a device would take, once the catalogue can say so. */
async function wholeLoss(web: string, device: string, isThere: (loss: Loss) => boolean): Promise<Loss> {
  const look = async () => {
    const { status, body } = await ask<Loss>(web, `/loss?device=${device}&from=2001-01-01&to=2100-01-01`);
    if (status === 200 && isThere(body)) return body;
    return void (await pause(100));
  };
  return until("the loss is known", look, 50_000); // the keeper yields to whatever else runs
}

const EVER = { fromUs: Date.UTC(2001, 0) * 1000, toUs: Date.UTC(2100, 0) * 1000 };
const recordings = async (dataDir: string) =>
  (await filesBelow(dataDir)).filter((path) => /received\/.*\.(wav|bin)(\.part)?$/.test(path)).sort();

describe.concurrent("deleting in a browser", () => {
  it("takes what was shown, leaves what is pinned or being recorded, and is no gap", async () => {
    await using receiver = await TestReceiver.start({ catalogue: true, wsSegmentSeconds: 20 });
    const { dataDir } = receiver;
    const web = receiver.web("/");
    await play(receiver.ws("/kitchen"), [handshake(), ...frames(60)]);
    await play(receiver.ws("/porch"), [handshake(), ...frames(1)]);
    using live = await StreamClient.connect(receiver.ws("/kitchen"));
    live.send(handshake({ streamId: 8 }), ...frames(0.5));
    await until("it is recorded", async () =>
      (await recordings(dataDir)).some((path) => path.endsWith(".part")),
    );
    const loss = await wholeLoss(web, "kitchen", ({ segments, kept }) => segments === 3 && kept.length > 0);
    expect(loss).toMatchObject({
      device: "kitchen",
      recordedUs: 60_000_000,
      remoteCopies: 0,
      keptSegments: 1,
    });
    expect(loss.kept).toEqual([{ stem: expect.stringContaining("stream_8"), why: "it is being recorded" }]);
    const pinned = { device: "kitchen", fromUs: loss.fromUs! + 21_000_000, toUs: loss.fromUs! + 22_000_000 };
    expect((await ask(web, "/pins", pinned)).status).toBe(200);
    const request = { device: "kitchen", ...EVER };
    const tooFew = await ask<{ error: string }>(web, "/deletions", { ...request, segments: 1 });
    expect(tooFew).toEqual({
      status: 409,
      body: { error: "it would take 2 segments now: look again at what it takes" },
    });
    expect((await recordings(dataDir)).filter((path) => path.endsWith(".wav"))).toHaveLength(4);
    const done = await ask<Loss>(web, "/deletions", { ...request, segments: 2 });
    expect([done.status, done.body]).toMatchObject([200, { segments: 2, keptSegments: 2 }]);
    const left = (await recordings(dataDir)).filter((path) => path.endsWith(".wav"));
    expect(left.map((path) => /(kitchen|porch)\/stream_(\d)/.exec(path)?.slice(1))).toEqual([
      ["kitchen", "7"],
      ["porch", "7"],
    ]);
    expect((await ask(web, "/gaps?device=kitchen")).body).toEqual([]);
    await live.close();
    await receiver.streamClosed(8);
    await wholeLoss(web, "kitchen", ({ segments, keptSegments }) => segments === 1 && keptSegments === 1);
    const found = await audioReceiver(["reindex", "--data-dir", dataDir], { cwd: dataDir });
    expect(found.stdout).toContain(
      "new    0 segments, 0 with other files than before, 0 with files that are gone",
    );
  });

  it("is refused where there is no catalogue, and for what is no selection", async () => {
    await using receiver = await TestReceiver.start();
    const web = receiver.web("/");
    const whole = { device: "kitchen", ...EVER, segments: 1 };
    expect(await ask(web, "/deletions", whole)).toMatchObject({
      status: 503,
      body: { error: expect.stringContaining("no catalogue") },
    });
    for (const wrong of [{ segments: -1 }, { toUs: EVER.fromUs }, { segments: undefined }, { device: "*" }])
      expect((await ask(web, "/deletions", { ...whole, ...wrong })).status).toBe(400);
    expect((await ask(web, "/loss?device=kitchen&from=2026-01-01")).status).toBe(400);
  });

  it("tells when a device was connected, also when nobody saw the end", async () => {
    await using folder = await temporaryFolder();
    const options = { cwd: folder.path, env: { WEB_UI_PASSWORD: WEB_PASSWORD } };
    const history = async ({ ready }: ServerProcess) =>
      (await ask<Connection[]>(ready.web!, "/devices/kitchen/connections?from=-1h")).body;
    {
      await using server = await ServerProcess.start(options);
      await play(`${server.ready.ws}/kitchen`, [handshake(), ...frames(1)]);
      using live = await StreamClient.connect(`${server.ready.ws}/kitchen`);
      live.send(handshake({ streamId: 8 }), ...frames(0.5));
      const [open, ended] = await until("both are told", async () => {
        const found = await history(server);
        return Array.isArray(found) && found.length === 2 && found[1].closedUs !== null && found;
      });
      expect(open).toMatchObject({ streamId: 8, closedUs: null, cause: null, samples: null });
      expect(ended).toMatchObject({ device: "kitchen", streamId: 7, source: "websocket", codec: "pcm16" });
      expect(ended).toMatchObject({ cause: "peer-closed", detail: "", samples: 16_000, lostFrames: 0 });
      expect(ended.peer).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(ended.closedUs).toBeGreaterThanOrEqual(ended.openedUs);
      await server.stop("SIGKILL");
    }
    await using again = await ServerProcess.start(options);
    const isOver = (found: Connection[]) => found.length === 2 && found[0].cause === "unknown";
    await until("its end is unknown", async () => isOver(await history(again)));
    expect((await history(again))[0]).toMatchObject({ streamId: 8, closedUs: null, samples: null });
  });
});

const MANY = 1500;

/** Recordings of a tenth of a second each, with their frames as received, in two folders. */
async function manyRecordings(dataDir: string): Promise<void> {
  const frame = Buffer.alloc(3200);
  const wav = Buffer.alloc(44 + 3200);
  wav.write("RIFF", 0).toString();
  wav.writeUInt32LE(36 + 3200, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    wav.writeUInt16LE(value, at);
  wav.writeUInt32LE(16_000, 24);
  wav.writeUInt32LE(32_000, 28);
  wav.write("data", 36);
  wav.writeUInt32LE(3200, 40);
  const folder = join(dataDir, "received/kitchen");
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < MANY; n++) {
    const time = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString().replace(/\D/g, "").slice(0, 14);
    const stem = join(folder, `stream_7_kitchen_${time.slice(0, 8)}_${time.slice(8)}`);
    await writeFile(`${stem}.wav`, wav);
    await writeFile(`${stem}.bin`, frame);
  }
}

it("stands still where it is killed: what has gone is gone, and the catalogue knows the rest", async () => {
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, "data");
  const received = join(dataDir, "received/kitchen");
  await manyRecordings(dataDir);
  const options = { cwd: folder.path, env: { WEB_UI_PASSWORD: WEB_PASSWORD, TIMEZONE: "UTC" } };
  expect((await audioReceiver(["reindex"], options)).stdout).toContain(`new    1 500 segments`);
  const names = () => readdir(received).catch(() => [] as string[]);
  {
    await using server = await ServerProcess.start(options);
    const web = server.ready.web!;
    const loss = await wholeLoss(web, "kitchen", ({ segments }) => segments === MANY);
    const deleting = ask(web, "/deletions", { device: "kitchen", ...EVER, segments: loss.segments });
    deleting.catch(() => undefined); // its connection breaks
    await until("some are gone", async () => (await names()).length < 2 * MANY);
    const { stdout } = await server.stop("SIGKILL");
    expect(logLines(stdout).filter(({ msg }) => String(msg).includes("deleted by"))).toEqual([]);
  }
  const left = (await names()).length;
  expect(left).toBeGreaterThan(0);
  await using server = await ServerProcess.start(options);
  const web = server.ready.web!;
  const loss = await wholeLoss(web, "kitchen", () => true);
  const after = (await names()).sort();
  expect(after.filter((name) => name.endsWith(".wav"))).toHaveLength(loss.segments);
  expect(after.filter((name) => name.endsWith(".bin"))).toHaveLength(loss.segments);
  const catalogue = openCatalogue(dataDir, { readOnly: true });
  const known = [...catalogue.segments.each()].flatMap(({ stem, forms }) =>
    forms.map(({ form }) => `${stem}.${form}`),
  );
  catalogue.close();
  expect(known.map((path) => path.replace("received/kitchen/", "")).sort()).toEqual(after);
  const { status, body } = await ask<Loss>(web, "/deletions", {
    device: "kitchen",
    ...EVER,
    segments: loss.segments,
  });
  expect([status, body]).toMatchObject([200, { segments: loss.segments, kept: [] }]);
  expect(await names()).toEqual([]);
  const { stdout } = await server.stop();
  expect(logLines(stdout).map(({ msg }) => msg)).toContain("recordings deleted by admin");
});
