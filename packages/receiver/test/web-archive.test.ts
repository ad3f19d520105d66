import type { Socket } from "node:net";
import { basename, relative } from "node:path";
import {
  type Device,
  type DeviceDays,
  type Gap,
  parseLevels,
  type SegmentPage,
  type Timeline,
} from "@audio/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { play } from "./support/stream-client.js";
import { dial } from "./support/tcp-client.js";
import { basic, TestReceiver, WEB_PASSWORD } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const SECOND_US = 1_000_000;
const authorization = basic("admin", WEB_PASSWORD);
const frames = (seconds: number, seed = 1) =>
  pcmFrames(tones(16_000 * seconds, { seed }), { frameSamples: 320 });

/** A receiver that has recorded 3.5 s of the kitchen, 20 ms of them lost, and still records the porch. */
let server: TestReceiver;
let porch: Socket;
let startUs: number;
let endUs: number;

async function ask<T = unknown>(path: string): Promise<T> {
  const answer = await server.look(`/api/v1${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json();
}

const range = () => `from=${startUs - 10 * SECOND_US}&to=${startUs + 50 * SECOND_US}`;

const stemOf = (path: string) => relative(server.dataDir, path).replace(/\.wav$/, "");

beforeAll(async () => {
  server = await TestReceiver.start({
    catalogue: true,
    wsSegmentSeconds: 1,
    align: "start",
    timezone: "UTC",
    devices: { "127.0.0.1": { name: "porch" } },
  });
  const [first, , ...rest] = frames(3.5);
  await play(server.ws("/kitchen"), [handshake(), first, ...rest]);
  await server.streamClosed(7);
  [startUs, endUs] = [server.segments[0].startUs, server.segments[3].startUs + SECOND_US / 2];
  porch = await dial(server);
  porch.write(tones(8000, { seed: 3 }));
  await until("the porch is being recorded", async () => {
    const { devices } = await ask<Timeline>(`/timeline?device=porch&${range()}`);
    return devices[0].stretches.length === 1;
  });
  await until("the gap is known", async () => (await ask<Gap[]>("/gaps")).length === 1);
});

afterAll(async () => {
  porch.destroy();
  await server[Symbol.asyncDispose]();
});

describe("GET /timeline", () => {
  it("shows what was recorded, what is missing, and what grows", async () => {
    const found = await ask(`/timeline?device=kitchen&device=porch&device=nowhere&${range()}`);
    expect(found).toMatchObject({
      fromUs: startUs - 10 * SECOND_US,
      devices: [
        {
          device: "kitchen",
          stretches: [[startUs, endUs, "local"]],
          gaps: [{ device: "kitchen", cause: "lost-frames", lengthUs: 20_000, filled: true, gaps: 1 }],
        },
        { device: "porch", stretches: [[expect.any(Number), expect.any(Number), "recording"]], gaps: [] },
        { device: "nowhere", stretches: [], gaps: [], sounds: [] },
      ],
    });
  });
});

describe("GET /levels", () => {
  it("has the levels of what is in the catalogue and of what still grows", async () => {
    const query = `from=${startUs}&to=${startUs + 4 * SECOND_US}&points=8`;
    const answer = await server.look(`/api/v1/levels?device=kitchen&device=porch&device=~&${query}`);
    expect(answer.headers.get("content-type")).toBe("application/vnd.audio.levels");
    const { devices, points, fromUs } = parseLevels(await answer.arrayBuffer());
    expect([points, fromUs]).toEqual([8, startUs]);
    const [kitchen, growing, nobody] = devices;
    expect(Array.from(kitchen.peak, (byte) => byte > 200 && byte <= 240)).toEqual([
      ...new Array(7).fill(true),
      false,
    ]);
    expect(kitchen.peak[7]).toBe(255);
    expect(Array.from(growing.peak).some((byte) => byte > 200 && byte <= 240)).toBe(true);
    expect(new Set([...nobody.peak, ...nobody.rms])).toEqual(new Set([255]));
  });

  it("is not sent again to who has it", async () => {
    const path = `/api/v1/levels?device=kitchen&from=${startUs}&to=${endUs}&points=100`;
    const first = await server.look(path);
    const etag = first.headers.get("etag") ?? "";
    const again = await server.look(path, { headers: { authorization, "if-none-match": `W/${etag}` } });
    expect([first.status, again.status, await again.text()]).toEqual([200, 304, ""]);
    const other = await server.look(path, { headers: { authorization, "if-none-match": '"other"' } });
    expect(other.status).toBe(200);
  });

  it("refuses more than can be drawn", async () => {
    const answer = await server.look("/api/v1/levels?device=kitchen&from=2024-01-01&to=2026-01-01&points=10");
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: "query: 732 days of 1 device are more than 400 days of one device: ask for less" },
    ]);
  });
});

describe("GET /segments", () => {
  it("is walked page by page in both orders, live segments included", async () => {
    for (const order of ["oldest", "latest"]) {
      const stems: string[] = [];
      let next: string | null = "";
      while (next !== null) {
        const after: string = next === "" ? "" : `&after=${next}`;
        const page: SegmentPage = await ask(`/segments?limit=2&order=${order}${after}`);
        stems.push(...page.segments.map(({ stem }) => stem));
        next = page.next;
      }
      const wanted = [...server.begun].sort((a, b) => a.startUs - b.startUs).map(({ path }) => stemOf(path));
      expect(order === "oldest" ? stems : stems.reverse()).toEqual(wanted);
    }
  });

  it("says where their audio is, and what grows", async () => {
    const { segments } = await ask<SegmentPage>("/segments");
    const [first] = segments;
    expect(first).toMatchObject({ device: "kitchen", streamId: 7, samples: 16_000, isRecording: false });
    const audio = await server.look(`/${first.url}`);
    expect([audio.status, audio.headers.get("content-type")]).toEqual([200, "audio/wav"]);
    expect((await audio.arrayBuffer()).byteLength).toBe(
      first.forms.find(({ form }) => form === "wav")?.bytes,
    );
    const growing = segments.filter(({ isRecording }) => isRecording);
    expect(growing).toMatchObject([{ device: "porch", samples: 8000, url: null }]);
  });

  it("refuses a place that no page gave", async () => {
    const answer = await server.look("/api/v1/segments?after=1_2_3");
    expect(answer.status).toBe(400);
  });
});

describe("GET /days", () => {
  it("sums up each day that has something", async () => {
    const date = new Date(startUs / 1000).toISOString().slice(0, 10);
    const [kitchen, porch] = await ask<DeviceDays[]>(`/days?month=${date.slice(0, 7)}`);
    expect(kitchen).toMatchObject({
      device: "kitchen",
      days: [{ date, segments: 4, recordedUs: 3_500_000 }],
    });
    expect(kitchen.days[0].endUs - kitchen.days[0].startUs).toBe(86_400 * SECOND_US);
    expect(porch).toMatchObject({ device: "porch", days: [{ segments: 1 }] });
    expect(await ask("/days?month=1999-01")).toEqual([
      { device: "kitchen", days: [] },
      { device: "porch", days: [] },
    ]);
  });
});

describe("GET /devices", () => {
  it("lists who has recorded, who is connected, and what is written of them", async () => {
    const devices = await ask<Device[]>("/devices");
    expect(devices).toMatchObject([
      { device: "kitchen", segments: 4, source: "websocket", firstUs: startUs, lastUs: endUs, label: "" },
      { device: "porch", segments: 1, source: "tcp", format: { sampleRate: 16_000, channels: 1 } },
    ]);
    const headers = { authorization, "content-type": "application/json" };
    const body = JSON.stringify({ label: "Kitchen, by the window" });
    const answer = await server.look("/api/v1/devices/kitchen", { method: "PATCH", headers, body });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { ...devices[0], label: "Kitchen, by the window" },
    ]);
    expect(await ask("/devices/kitchen")).toMatchObject({ label: "Kitchen, by the window" });
    expect((await server.look("/api/v1/devices/nobody")).status).toBe(404);
  });
});

describe("the sums of old", () => {
  it("count the files that are there, and name the last ones", async () => {
    const stats = await (await server.look("/api/stats")).json();
    const size = server.segments.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(stats).toMatchObject({ total_dates: 1, total_files: 4, total_size: size });
    expect(stats.total_size_formatted).toBe(`${(size / 1024).toFixed(1)} KB`);
    const date = new Date(startUs / 1000).toISOString().slice(0, 10);
    expect(await (await server.look("/api/latest")).json()).toEqual({
      date,
      files: server.segments.map(({ path, bytes }) => ({ name: basename(path), size: bytes })),
    });
  });

  it("are nothing of nothing", async () => {
    await using empty = await TestReceiver.start({ catalogue: true });
    expect(await (await empty.look("/api/latest")).json()).toEqual([]);
    expect(await (await empty.look("/api/stats")).json()).toMatchObject({ total_dates: 0, total_size: 0 });
  });

  it("say so where there is no catalogue", async () => {
    await using server = await TestReceiver.start({ catalogue: false });
    const answer = await server.look("/api/latest");
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { error: expect.stringContaining("this receiver keeps no catalogue") },
    ]);
  });
});
