/** examples/node-embed, run as a reader would: it records, answers, and stops without losing what was just said. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StreamAudioOptions, streamAudio } from "@audio/streamer";
import { parseWavHeader } from "@audio/wav";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../packages/receiver/test/support/waiting.js";

const EXAMPLES = join(import.meta.dirname, "..", "examples");

let folder: string;
let program: ReturnType<typeof start>;

function start() {
  const env = { ...process.env, HOST: "127.0.0.1", WS_PORT: "0", PORT: "0" };
  const child = spawn(process.execPath, [join(EXAMPLES, "node-embed", "main.mjs"), "data"], {
    cwd: folder,
    env,
  });
  const running = { child, ended: once(child, "exit"), said: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (running.said += text));
  return running;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "audio-embed-"));
  program = start();
  await until("it listens", () => program.said.includes("listening: "));
});
afterAll(async () => {
  program.child.kill("SIGKILL");
  await program.ended;
  rmSync(folder, { recursive: true });
});

const address = (what: RegExp) => what.exec(program.said)![0];
const ask = (path: string) => fetch(new URL(path, address(/http:\S+/)));
const stream = (options: StreamAudioOptions) =>
  streamAudio({ files: [join(EXAMPLES, "data", "speech.wav")], url: address(/ws:.*\/ws/), ...options });
const samplesOf = (wav: Uint8Array) => parseWavHeader(wav)!.dataBytes / 2;

it("does for a device what is meant for it, and gives its last file out", async () => {
  await stream({ hwid: "kitchen", durationSeconds: 2 });
  await until("its action", () => program.said.includes("kitchen: loudest second -"));
  const answer = await ask("latest/kitchen.wav");
  expect(samplesOf(new Uint8Array(await answer.arrayBuffer()))).toBe(32_000);
  expect(await (await ask("")).json()).toMatchObject({
    live: [],
    recorded: { kitchen: { recordedSeconds: 2, missingSeconds: 0 } },
  });
  const others = ["latest/garden.wav", "latest/..%2Fkitchen.wav", "latest/__proto__.wav", "elsewhere"];
  expect(await Promise.all(others.map(async (path) => (await ask(path)).status))).toEqual([
    404, 404, 404, 404,
  ]);
});

it("finishes what is being recorded when it is told to stop, whoever is connected", async () => {
  const { hostname, port } = new URL(address(/http:\S+/));
  const idle = connect(Number(port), hostname); // a connection that asks nothing
  await once(idle, "connect");
  const aborter = new AbortController();
  const sending = stream({ hwid: "garden", realtime: true, signal: aborter.signal }).catch(() => undefined);
  const isRecorded = async () => {
    const { live } = (await (await ask("")).json()) as { live: { device: string; seconds: number }[] };
    return live.some(({ device, seconds }) => device === "garden" && seconds > 1);
  };
  await until("a second of it", isRecorded, 20_000, 100);
  program.child.kill("SIGTERM");
  expect(await program.ended).toEqual([0, null]);
  aborter.abort();
  await sending;
  idle.destroy();
  expect(program.said).toMatch(/garden: \S+\.wav\n/);
  expect(program.said).toMatch(/stopped\n$/);
  const recorded = join(folder, "data", "received", "garden");
  const [wav, ...others] = readdirSync(recorded).filter((name) => !name.endsWith(".bin"));
  expect([others, wav.endsWith(".wav")]).toEqual([[], true]);
  expect(samplesOf(readFileSync(join(recorded, wav)))).toBeGreaterThan(16_000);
});
