/** examples/browser-mic in a real browser, with a tone for a microphone, against a real receiver. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { formatWavHeader, parseMetadata, parseWavHeader } from "@audio/wav";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ServerProcess } from "../packages/receiver/test/support/command.js";
import { until } from "../packages/receiver/test/support/waiting.js";

const EXAMPLE = join(import.meta.dirname, "..", "examples", "browser-mic");
const RATE = 16_000;
// What a lost frame, or a lost piece of the audio thread's, would move by a quarter of a turn and more.
const TONE_HZ = 1031;
const AMPLITUDE = 8000;
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox", // chromium refuses to run as root, as in a container, with its sandbox
  "--disable-gpu",
  "--disable-background-networking",
  "--use-fake-ui-for-media-stream", // the microphone is allowed without a question that nobody answers
  "--use-fake-device-for-media-stream",
  "--host-resolver-rules=MAP recorder.example 127.0.0.1",
];

let folder: string;
let site: Server;
let browser: Browser;
let page: Page;

/** Half a minute, so that it is not heard again from its beginning. */
function writeTone(path: string): void {
  const rate = 48_000;
  const pcm = Int16Array.from(
    { length: 30 * rate },
    (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * i) / rate),
  );
  const header = formatWavHeader({ sampleRate: rate, channels: 1, bitsPerSample: 16 }, pcm.byteLength);
  writeFileSync(path, Buffer.concat([header, Buffer.from(pcm.buffer)]));
}

/** The page as its README builds it, on a free loopback port. */
function serveSite(): Server {
  copyFileSync(join(EXAMPLE, "index.html"), join(folder, "index.html"));
  execFileSync("npm", ["run", "build", "--", `--outdir=${join(folder, "dist")}`], {
    cwd: EXAMPLE,
    stdio: "pipe",
  });
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    const type = TYPES[extname(path)];
    if (type === undefined) response.writeHead(404).end();
    else response.setHeader("content-type", type).end(readFileSync(join(folder, path)));
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "audio-browser-mic-"));
  const tone = join(folder, "tone.wav");
  writeTone(tone);
  site = serveSite();
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  const { CHROMIUM_PATH: executablePath = "/usr/bin/chromium" } = process.env;
  const args = [...CHROMIUM_FLAGS, `--use-file-for-fake-audio-capture=${tone}`];
  browser = await chromium.launch({ executablePath, args });
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  rmSync(folder, { recursive: true });
});

const address = (host: string) => `http://${host}:${(site.address() as AddressInfo).port}/`;
const state = (name: string) => page.locator(`#state[data-state=${name}]`).waitFor({ timeout: 20_000 });
const storedSeconds = async () => Number.parseFloat((await page.locator("#stored").textContent()) ?? "");
const stored = (seconds: number) =>
  until(`${seconds} s on disk`, async () => (await storedSeconds()) >= seconds, 20_000, 100);

function start(wsPort = 0): Promise<ServerProcess> {
  const flags = ["--ws-port", `${wsPort}`, "--no-tcp", "--no-web"];
  return ServerProcess.start({ cwd: folder, flags });
}

/** All that was recorded, in its order, and the gaps that the files tell of. */
function recorded() {
  const recordings = join(folder, "data", "received", "lobby");
  const files = readdirSync(recordings).filter((name) => name.endsWith(".wav"));
  const parts = files.map((name) => {
    const file = readFileSync(join(recordings, name));
    const { dataOffset, dataBytes } = parseWavHeader(file)!;
    const { startUs, gaps } = parseMetadata(file.subarray(dataOffset + dataBytes))!;
    return { startUs, gaps, pcm: file.subarray(dataOffset, dataOffset + dataBytes) };
  });
  parts.sort((a, b) => a.startUs - b.startUs);
  const bytes = new Uint8Array(Buffer.concat(parts.map(({ pcm }) => pcm)));
  return { samples: new Int16Array(bytes.buffer), gaps: parts.flatMap(({ gaps }) => gaps) };
}

/** The tone in a block: its amplitude, and its phase against a tone that never broke off, in turns. */
function toneAt(samples: Int16Array, at: number, length: number) {
  let [re, im] = [0, 0];
  for (let i = at; i < at + length; i++) {
    const angle = (2 * Math.PI * TONE_HZ * i) / RATE;
    re += samples[i] * Math.cos(angle);
    im -= samples[i] * Math.sin(angle);
  }
  return { amplitude: (2 * Math.hypot(re, im)) / length, turns: Math.atan2(im, re) / (2 * Math.PI) };
}

/** Blocks of 50 ms in which the tone is not as loud as it was played, or not where it would be by now. */
function brokenOff(samples: Int16Array): object[] {
  const length = RATE / 20;
  const count = Math.floor(samples.length / length) - 1;
  const blocks = Array.from({ length: count }, (_, i) => toneAt(samples, (i + 1) * length, length)); // not the beginning
  const difference = (turns: number) => Math.abs(turns - Math.round(turns));
  return blocks.filter(({ amplitude, turns }) => {
    return Math.abs(amplitude / AMPLITUDE - 1) > 0.05 || difference(turns - blocks[0].turns) > 0.05;
  });
}

it("records what the microphone hears, over a receiver that is killed, without a gap", async () => {
  await using first = await start();
  const { port } = new URL(first.ready.ws!);
  await page.goto(`${address("127.0.0.1")}?receiver=ws://127.0.0.1:${port}&name=lobby`);
  await page.getByRole("button", { name: "Start" }).click();
  await state("recording");
  await stored(2);
  const level = await page.locator("#level").evaluate((meter: HTMLMeterElement) => meter.value);
  expect(level).toBeCloseTo(20 * Math.log10(AMPLITUDE / 32_768), 0);
  await first.stop("SIGKILL");
  await state("waiting");
  await using second = await start(Number(port));
  await state("recording");
  await stored(4);
  await page.getByRole("button", { name: "Stop" }).click();
  await state("off");
  const [said, onDisk] = [await page.locator("#stored").textContent(), await storedSeconds()];
  await second.stop();
  const { samples, gaps } = recorded();
  expect(gaps).toEqual([]);
  expect(said).toMatch(/on the receiver's disk, 0\.0 s wait here$/);
  expect(Math.abs(samples.length / RATE - onDisk)).toBeLessThan(0.08); // in steps of 0.1 s, the last frame is short
  expect(brokenOff(samples)).toEqual([]);
});

it("says what is missing", async () => {
  await page.goto(address("recorder.example")); // no localhost, and no https: browsers give it no microphone
  await page.getByRole("button", { name: "Start" }).click();
  await state("trouble");
  expect(await page.locator("#state").textContent()).toMatch(/over https only.* came over http\.$/);
});
