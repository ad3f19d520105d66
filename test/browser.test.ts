/**
 * The pure packages in a real browser: bundled for one, served to one, run in one. The page's half is
 * browser/page.ts; chromium is Debian's, or what CHROMIUM_PATH names.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as PageChecks from "./browser/page.js";

declare const checks: typeof PageChecks; // the bundle's global, in the page

const HERE = import.meta.dirname;
const VECTORS = join(HERE, "vectors");
const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox", // chromium refuses to run as root, as in a container, with its sandbox
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const index = JSON.parse(await readFile(join(VECTORS, "index.json"), "utf8")) as {
  handshake: { file: string; hex: string; fields: { streamId: number; timestampMs: number } };
  signals: PageChecks.Signal[];
};

let bundle: { text: string; metafile: Metafile };
let server: Server;
let profile: string;
let browser: BrowserContext;
let page: Page;

async function bundleForBrowser() {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(HERE, "browser", "page.ts")],
    absWorkingDir: join(HERE, ".."),
    bundle: true,
    platform: "browser",
    conditions: ["@audio/source"],
    format: "iife",
    globalName: "checks",
    target: "es2022",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return { text: outputFiles[0].text, metafile };
}

/** The page, the bundle and the vectors, on a free loopback port. */
function servePage(script: string): Server {
  const html = `<!doctype html><meta charset="utf-8"><title>checks</title><script src="/page.js"></script>`;
  return createServer(async (request, response) => {
    const path = request.url ?? "/";
    const vector = /^\/vectors\/([\w.-]+)$/.exec(path);
    if (vector) response.end(await readFile(join(VECTORS, vector[1])));
    else if (path === "/page.js") response.setHeader("content-type", "text/javascript").end(script);
    else if (path === "/") response.setHeader("content-type", "text/html").end(html);
    else response.writeHead(404).end();
  });
}

beforeAll(async () => {
  bundle = await bundleForBrowser();
  server = servePage(bundle.text);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  profile = await mkdtemp(join(tmpdir(), "audio-browser-"));
  const { CHROMIUM_PATH: executablePath = "/usr/bin/chromium" } = process.env;
  browser = await chromium.launchPersistentContext(profile, { executablePath, args: CHROMIUM_FLAGS });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  if (profile) await rm(profile, { recursive: true, force: true });
});

it("bundles the five pure packages and nothing else", () => {
  const inputs = Object.keys(bundle.metafile.inputs);
  const packages = new Set(inputs.map((path) => /^packages\/([^/]+)\/src\//.exec(path)?.[1] ?? path));
  expect([...packages].sort()).toEqual([
    "ima-adpcm",
    "levels",
    "protocol",
    "segments",
    "test/browser/page.ts",
    "wav",
  ]);
});

describe("ima-adpcm", () => {
  const cases = index.signals.flatMap((signal) => [
    { signal, name: signal.name, order: "low" as const },
    { signal, name: signal.name, order: "high" as const },
  ]);
  it.each(cases)("is bit-exact on $name, $order nibble first", async ({ signal, order }) => {
    const result = await page.evaluate(([signal, order]) => checks.codeVector(signal, order), [
      signal,
      order,
    ] as const);
    expect(result).toEqual({ encoded: undefined, decoded: undefined, finalState: signal.finalState });
  });
});

describe("protocol", () => {
  it("parses the golden handshake and writes the same bytes", async () => {
    const path = `vectors/${index.handshake.file}`;
    const { handshake, hex } = await page.evaluate((path) => checks.roundTripHandshake(path), path);
    expect(hex).toBe(index.handshake.hex);
    expect(handshake.streamId).toBe(index.handshake.fields.streamId);
    expect(handshake.timestampMs).toBe(BigInt(index.handshake.fields.timestampMs));
  });

  it("splits frames that it made", async () => {
    const format = { sampleRate: 48_000, channels: 2, codec: "pcm16", frameSamples: 480 } as const;
    const handshake = { streamId: 7, timestampMs: 0n, ...format };
    const result = await page.evaluate((handshake) => checks.roundTripFrames(handshake, 3), handshake);
    const bytes = 12 + 480 * 2 * 2;
    const seen = [0, 1, 2].map((seq) => ({ seq, bytes, difference: undefined }));
    expect(result).toEqual({ seen, buffered: 0, limit: bytes });
  });
});

describe("wav", () => {
  const formats = [
    { sampleRate: 16_000, channels: 1, bitsPerSample: 16 },
    { sampleRate: 44_100, channels: 2, bitsPerSample: 16 },
    { sampleRate: 48_000, channels: 2, bitsPerSample: 24 },
  ] as const;
  it.each(formats)(
    "$sampleRate Hz, $channels channels, $bitsPerSample bits plays as written",
    async (format) => {
      const sampleFrames = 4801; // odd, and more than one block of the browser's decoder
      const result = await page.evaluate(([format, frames]) => checks.playWav(format, frames), [
        format,
        sampleFrames,
      ] as const);
      const blockAlign = (format.channels * format.bitsPerSample) / 8;
      const dataBytes = sampleFrames * blockAlign;
      expect(result.header).toMatchObject({
        encoding: "pcm",
        ...format,
        blockAlign,
        dataOffset: 44,
        dataBytes,
      });
      expect(result.device).toBe("browser");
      expect(result.decodedFrames).toBe(sampleFrames);
      expect(result.error).toBe(0);
    },
  );
});

describe("segments", () => {
  it("cuts and names through the hour that summer time repeats", async () => {
    const start = Date.UTC(2026, 9, 25, 0, 59, 53) * 1000; // 02:59:53 in Vienna, 7 s before the clocks go back
    const cut = await page.evaluate((start) => checks.cutSegments(start, "Europe/Vienna", 2), start);
    const name = (time: string) => `received/esp32/stream_7_esp32_20261025_${time}`;
    expect(cut).toEqual([
      { samples: 7 * 16_000, path: name("025953") },
      { samples: 160_000, path: name("020000") },
    ]);
  });
});

it("levels: measures and draws", async () => {
  const { peakDbfs, amplitudes } = await page.evaluate(() => checks.measureTwoSeconds(11_025, 16_384));
  expect(peakDbfs).toEqual([-6.02, -120]);
  expect(amplitudes).toEqual([expect.closeTo(0.5, 2), Number.NaN]);
});
