/** What listening through the web port may cost. */
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { openCatalogue } from "@audio/archive";
import { formatWavHeader } from "@audio/wav";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Places } from "../src/web/audio/places.js";
import { FFMPEG_AT_ONCE } from "../src/web/audio/playback.js";
import { GoodStream } from "./support/good-stream.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const RATE = 16_000;
const HOURS = 2;
const SAMPLES = HOURS * 3600 * RATE;
const START_US = Date.UTC(2026, 10, 20) * 1000;
let folder: { path: string } & AsyncDisposable;
let server: TestReceiver;
beforeAll(async () => {
  folder = await temporaryFolder();
  const stem = "received/hall/stream_1_hall_20261120_000000";
  mkdirSync(join(folder.path, "received/hall"), { recursive: true });
  const path = join(folder.path, `${stem}.wav`);
  writeFileSync(path, formatWavHeader({ sampleRate: RATE, channels: 1, bitsPerSample: 16 }, SAMPLES * 2));
  truncateSync(path, 44 + SAMPLES * 2); // a hole: silence that takes no room
  const catalogue = openCatalogue(folder.path);
  const shape = { sampleRate: RATE, channels: 1, bitsPerSample: 16, samples: SAMPLES, startUs: START_US };
  const sender = { source: "websocket", device: "hall", streamId: 1, gaps: [], levels: undefined } as const;
  catalogue.segments.put({ ...shape, ...sender, stem }, [{ form: "wav", bytes: 44 + SAMPLES * 2 }]);
  catalogue.close();
  server = await TestReceiver.start({
    dataDir: folder.path,
    catalogue: true,
    wsSegmentSeconds: 1,
    timezone: "UTC",
  });
}, 30_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const address = (more = "") =>
  `/api/v1/audio?device=hall&from=2026-11-20T00:00&to=2026-11-20T0${HOURS}:00${more}`;
const headers = { authorization: basic("admin", WEB_PASSWORD) };
/** Begins to ask, and reads nothing of the answer. */
const ask = (path: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(server.web(path), { headers, agent: false }, resolve).on("error", reject);
  });

/** Programs that this process has started and that still run. */
function ffmpegs(): number {
  const task = `/proc/${process.pid}/task`;
  const children = readdirSync(task).flatMap((id) =>
    readFileSync(join(task, id, "children"), "utf8")
      .split(" ")
      .filter(Boolean),
  );
  return children.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("ffmpeg");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false; // it has ended just now
      throw error;
    }
  }).length;
}

describe("hours of audio", () => {
  it("go through in constant memory, and take nothing from a recording", async () => {
    await using stream = await GoodStream.start(server.ws("/kitchen"), 1);
    const answer = await ask(address());
    expect([answer.statusCode, Number(answer.headers["content-length"])]).toEqual([
      200,
      expect.closeTo(SAMPLES * 2, -4),
    ]);
    const before = process.memoryUsage().rss;
    let most = 0;
    let bytes = 0;
    for await (const chunk of answer) {
      if (Math.floor(bytes / 1e7) < Math.floor((bytes + chunk.length) / 1e7))
        most = Math.max(most, process.memoryUsage().rss);
      bytes += chunk.length;
    }
    expect(bytes).toBe(Number(answer.headers["content-length"]));
    expect((most - before) / 1e6).toBeLessThan(100); // of 230 MB
    await stream.finish();
    const { status } = await server.streamClosed(1);
    expect([status.lostFrames, server.gaps]).toEqual([0, []]);
    await stream.expectRecorded(server.segmentsOf(1).map(({ path }) => path));
  }, 60_000);

  it("wait for one who does not read, and end with one who goes", async () => {
    const before = process.memoryUsage().rss;
    const answers = await Promise.all(["", "&format=flac", "&format=opus"].map((more) => ask(address(more))));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    await until("both encoders", () => ffmpegs() === 2);
    await pause(500);
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(100);
    for (const answer of answers) answer.destroy();
    await until("their end", () => ffmpegs() === 0);
  });

  it("are encoded for a few at once; one more is told when to come again", async () => {
    const answers: IncomingMessage[] = [];
    for (let i = 0; i < FFMPEG_AT_ONCE; i++) answers.push(await ask(address("&format=opus")));
    await until("all of them", () => ffmpegs() === FFMPEG_AT_ONCE);
    const late = await ask(address("&format=opus"));
    expect([late.statusCode, late.headers["retry-after"]]).toEqual([503, "5"]);
    for (const answer of answers) answer.destroy();
    const next = await ask(address("&format=opus"));
    expect(next.statusCode).toBe(200);
    next.destroy();
    await until("their end", () => ffmpegs() === 0);
  }, 30_000);
});

describe("places", () => {
  const asker = () => new AbortController();
  it("go to who waits, in order, and to nobody who has gone", async () => {
    const places = new Places({ most: 1, mostWaiting: 2, waitMs: 20_000 });
    const [first, second, third] = [asker(), asker(), asker()];
    await places.take(first.signal);
    const order: string[] = [];
    const waiting = places.take(second.signal).then(
      () => order.push("second"),
      (error) => order.push(error.status),
    );
    const last = places.take(third.signal).then(() => order.push("third"));
    await expect(places.take(asker().signal)).rejects.toMatchObject({ status: 503 });
    second.abort();
    await waiting;
    first.abort();
    await last;
    expect([order, places.taken]).toEqual([[503, "third"], 1]);
    third.abort();
    expect(places.taken).toBe(0);
  });

  it("are waited for not too long", async () => {
    const places = new Places({ most: 0, mostWaiting: 1, waitMs: 10 });
    await expect(places.take(asker().signal)).rejects.toMatchObject({
      status: 503,
      headers: { "retry-after": "5" },
    });
  });
});
