import type { Socket } from "node:net";
import { parseLevels, type Timeline } from "@audio/api";
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

beforeAll(async () => {
  server = await TestReceiver.start({
    catalogue: true,
    wsSegmentSeconds: 1,
    align: "start",
    timezone: "UTC",
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
