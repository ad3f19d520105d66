/** Recordings by date and file name, and the day's page: the addresses that there have always been. */
import { link, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { basename, dirname, join, relative } from "node:path";
import { openCatalogue } from "@audio/archive";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { decodedFromUrl } from "./support/ffmpeg.js";
import { disposable } from "./support/recorded-folder.js";
import { play, StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const KITCHEN = noiseBytes(1.5 * 32_000, 3);
const LOGIN = { authorization: basic("admin", WEB_PASSWORD) };
let server: TestReceiver;
let paths: string[];
let date: string;
let file: string;
beforeAll(async () => {
  server = await TestReceiver.start({ catalogue: true, wsSegmentSeconds: 1, timezone: "Asia/Kathmandu" });
  await play(server.ws("/kitchen"), [handshake(), ...pcmFrames(KITCHEN, { frameSamples: 320 })]);
  await until("the end", () => server.closed.length === 1);
  paths = server.segmentsOf(7).map(({ path }) => path);
  date = dateOf(server.segmentsOf(7)[0].startUs);
  file = basename(paths[0]);
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

/** A date in Kathmandu, which is 5:45 ahead. */
function dateOf(us: number): string {
  return new Date(us / 1000 + 20_700_000).toISOString().slice(0, 10);
}
const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  server.look(path, { method, headers: { ...LOGIN, ...headers }, redirect: "manual" });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
/** Sends a request line as it is, which no client would do. */
function askRaw(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(server.receiver.ports.web!, "127.0.0.1");
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: ${LOGIN.authorization}\r\nConnection: close\r\n\r\n`,
    );
  });
}

describe("a recording by date and name", () => {
  it("is its file, whole and in parts", async () => {
    const stored = await readFile(paths[0]);
    const answer = await ask(`/stream/${date}/${file}`);
    expect([answer.status, (await bytesOf(answer)).equals(stored)]).toEqual([200, true]);
    const header = (name: string) => answer.headers.get(name);
    expect([header("content-type"), header("accept-ranges")]).toEqual(["audio/wav", "bytes"]);
    expect(Number(header("content-length"))).toBe(stored.length);
    expect([header("content-disposition"), header("content-encoding")]).toEqual([null, null]);
    expect(Math.abs(Date.parse(header("last-modified")!) - Date.now())).toBeLessThan(600_000);
    const part = await ask(`/stream/${date}/${file}`, {
      range: "bytes=44-1043",
      "if-range": header("etag")!,
    });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 44-1043/${stored.length}`]);
    expect((await bytesOf(part)).equals(stored.subarray(44, 1044))).toBe(true);
    expect((await ask(`/stream/${date}/${file}`, { range: `bytes=${stored.length}-` })).status).toBe(416);
    const known = { "if-modified-since": header("last-modified")! };
    for (const headers of [{ "if-none-match": header("etag")! }, known])
      expect((await ask(`/stream/${date}/${file}`, headers)).status).toBe(304);
    const head = await ask(`/stream/${date}/${file}`, {}, "HEAD");
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
      200,
      String(stored.length),
      "",
    ]);
    const login = `admin:${encodeURIComponent(WEB_PASSWORD)}@`;
    const url = server.web(`/stream/${date}/${basename(paths[1])}`).replace("//", `//${login}`);
    expect((await decodedFromUrl(url)).equals(KITCHEN.subarray(32_000))).toBe(true);
  });

  it("is a file to be kept at /download", async () => {
    const answer = await ask(`/download/${date}/${file}`);
    expect(answer.headers.get("content-disposition")).toBe(
      `attachment; filename="${file}"; filename*=UTF-8''${file}`,
    );
    expect((await bytesOf(answer)).equals(await readFile(paths[0]))).toBe(true);
  });

  it("is not there while it is recorded, and then at once", async () => {
    using device = await StreamClient.connect(server.ws("/hall"));
    device.send(handshake({ streamId: 9 }), ...pcmFrames(KITCHEN.subarray(0, 16_000), { frameSamples: 320 }));
    const { path, startUs } = await until("its file", () =>
      server.begun.find(({ stream }) => stream.streamId === 9),
    );
    const address = `/stream/${dateOf(startUs)}/${basename(path).replace(/\.wav.*$/, "")}`;
    for (const end of [".wav", ".wav.part", ".bin", ".bin.part", ""])
      expect([end, (await ask(address + end)).status]).toEqual([end, 404]);
    await device.close();
    const { path: done } = await until("its end", () => server.segmentsOf(9)[0]);
    const answer = await ask(`${address}.wav`);
    expect([answer.status, (await bytesOf(answer)).equals(await readFile(done))]).toEqual([200, true]);
  });

  it("is 404 for everything else, and never its content", async () => {
    const outside = join(dirname(server.dataDir), `secret-${basename(server.dataDir)}.wav`);
    await writeFile(outside, "RIFF secret");
    const kitchen = relative(server.dataDir, dirname(paths[0]));
    const up = `${date}/${kitchen}/../${basename(outside)}`;
    const hostile = [
      `/stream/${date}/../../catalogue.db`,
      `/stream/${date}/..%2f..%2fcatalogue.db`,
      `/stream/${date}/%2e%2e%2f%2e%2e%2f${basename(outside)}`,
      `/stream/${date}/%252e%252e%252f${basename(outside)}`,
      `/stream/${date}/..%5c..%5c${basename(outside)}`,
      `/stream/${date}/..\\${basename(outside)}`,
      `/stream/${date}/..%c0%af${file}`,
      `/stream/${up}`,
      `/stream/..%2f..%2fetc/passwd`,
      `/stream/${date}/${file}%00`,
      `/stream/${date}/${file}%00.wav`,
      `/stream/${date}/%00`,
      `/stream/${date}/${kitchen}%2f${file}`,
      `/stream/${date}/./${file}`,
      `/stream/${date}/${file.replace(/wav$/, "bin")}`,
      `/stream/${date}/${file}.part`,
      `/stream/${date}/catalogue.db`,
      `/stream/${date}/tokens.json`,
      `/stream/${date}/.wav`,
      `/stream/${date}/${file.toUpperCase()}`,
      `/stream/1999-01-01/${file}`,
      `/stream/2026-02-31/${file}`,
      `/stream/today/${file}`,
      `/stream/${date}/${"x".repeat(300)}.wav`,
      `/stream//etc/passwd`,
      `//etc/passwd`,
      `/download/${date}/../../../../etc/passwd`,
      `/download/${date}/%2fetc%2fpasswd`,
    ];
    for (const target of hostile) {
      const text = await askRaw(target);
      expect([target, text.slice(0, 12)]).toEqual([target, expect.stringMatching(/^HTTP\/1.1 40[04]/)]);
      expect(text).not.toMatch(/RIFF|SQLite|root:/);
    }
    await rm(outside);
  });

  it("is not followed through a link, wherever that leads", async () => {
    const target = paths[0];
    await rename(target, `${target}.kept`);
    const secret = join(server.dataDir, "..", `${basename(server.dataDir)}-secret.wav`);
    await writeFile(secret, "RIFF secret");
    try {
      await symlink(secret, target);
      expect((await ask(`/stream/${date}/${file}`)).status).toBe(404);
      await rm(target);
      const folder = dirname(target);
      const away = await temporaryFolder();
      await rename(folder, `${folder}.kept`);
      await mkdir(join(away.path, "kitchen"));
      await link(secret, join(away.path, "kitchen", file)).catch(() =>
        writeFile(join(away.path, "kitchen", file), "RIFF"),
      );
      await symlink(join(away.path, "kitchen"), folder);
      expect((await ask(`/stream/${date}/${file}`)).status).toBe(404);
      await rm(folder);
      await rename(`${folder}.kept`, folder);
      await away[Symbol.asyncDispose]();
    } finally {
      await rm(secret);
      await rename(`${target}.kept`, target);
    }
    expect((await ask(`/stream/${date}/${file}`)).status).toBe(200);
  });
});

describe("a compressed recording", () => {
  it("is found at its own name, and from that of its WAV", async () => {
    await using folder = await temporaryFolder();
    const stem = "received/porch/stream_1_porch_20261120_031700";
    const content = { flac: Buffer.from("fLaC and so on"), opus: Buffer.from("OggS and so on") };
    await mkdir(join(folder.path, dirname(stem)), { recursive: true });
    const facts = {
      sampleRate: 8000,
      channels: 1,
      bitsPerSample: 16,
      samples: 8000,
      gaps: [],
      levels: undefined,
    };
    const startUs = Date.UTC(2026, 10, 20, 3, 17) * 1000;
    for (const [form, bytes] of Object.entries(content))
      await writeFile(join(folder.path, `${stem}.${form}`), bytes);
    using catalogue = disposable(openCatalogue(folder.path));
    const forms = (["flac", "opus"] as const).map((form) => ({ form, bytes: content[form].length }));
    const put = (more: string, device: string, startsUs: number) =>
      catalogue.segments.put(
        { ...facts, source: "websocket", device, streamId: 1, stem: stem + more, startUs: startsUs },
        forms,
      );
    put("", "porch", startUs);
    const remote = put("_2", "porch", startUs + 1e6);
    catalogue.segments.removeLocal(remote, "flac");
    catalogue.segments.setRemote(remote, "flac", 14, { bucket: "b", key: "k", verifiedUs: 1 });
    await using own = await TestReceiver.start({ dataDir: folder.path, catalogue: true, timezone: "UTC" });
    const look = async (name: string) =>
      own.look(`/stream/2026-11-20/${name}`, { headers: LOGIN, redirect: "manual" });
    const wav = await look(`${basename(stem)}.wav`);
    expect([wav.status, wav.headers.get("location")]).toEqual([302, `${basename(stem)}.flac`]);
    for (const [form, type] of [
      ["flac", "audio/flac"],
      ["opus", "audio/ogg; codecs=opus"],
    ] as const) {
      const answer = await look(`${basename(stem)}.${form}`);
      expect([answer.headers.get("content-type"), await answer.text()]).toEqual([
        type,
        content[form].toString(),
      ]);
    }
    const away = await look(`${basename(stem)}_2.flac`);
    expect([away.status, await away.text()]).toEqual([503, expect.stringContaining("in the bucket alone")]);
    const bare = await TestReceiver.start({ catalogue: false });
    expect((await bare.look(`/stream/2026-11-20/${basename(stem)}.flac`)).status).toBe(503);
    await bare[Symbol.asyncDispose]();
  });
});

describe("the page of a day", () => {
  it("is there when the day is, and has something", async () => {
    const page = await ask(`/date/${date}`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("<!doctype html>");
    for (const none of [
      "1999-01-01",
      "2026-02-31",
      "9999-12-31",
      "today",
      "2026-1-1",
      "..%2f..",
      `${date}x`,
    ]) {
      expect([none, (await ask(`/date/${none}`)).status]).toEqual([none, 404]);
      const shown = await ask(`/date/${none}`, { accept: "text/html,*/*;q=0.8" });
      expect([none, shown.status, shown.headers.get("content-type")]).toEqual([
        none,
        404,
        "text/html; charset=utf-8",
      ]);
    }
  });
});
