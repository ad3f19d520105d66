/** The commands of docs/backup.md, as they stand there, while a stream is recorded; /data and the others are folders of this test. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { Note, SegmentPage } from "@audio/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { readRecording } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { basic, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const ROOT = join(import.meta.dirname, "../../..");
const [BACKUP, RESTORE, LOOK] = Array.from(
  readFileSync(join(ROOT, "docs/backup.md"), "utf8").matchAll(/```sh no-run=run by [^\n]+\n([^`]+)```/g),
  ([, text]) => text,
);
const PASSWORD = "for this test alone";
const FLAGS = ["--ws-segment-seconds", "1"];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (path: string) => join(folder.path, path);
const audio = tones(16_000 * 12);
const frames = pcmFrames(audio, { frameSamples: 320 });

/** Runs a block of the document with `/data` in another place. */
async function shell(block: string, data: string): Promise<string> {
  const text = block
    .replaceAll("/mnt/backup/data/", `${at("backup")}/`)
    .replaceAll(/(?<=[ =])\/data\b/g, at(data));
  const PATH = `${at("bin")}${delimiter}${process.env.PATH}`;
  const options = { cwd: folder.path, env: { PATH, TZ: "Asia/Tokyo" } };
  const { stdout } = await promisify(execFile)("bash", ["-e", "-o", "pipefail", "-c", text], options);
  return stdout;
}

const wavs = (data: string) =>
  (readdirSync(at(data), { recursive: true }) as string[]).filter((name) => name.endsWith(".wav")).sort();
const inOrder = (names: readonly string[]) => names.filter((name) => name.includes("stream_8_")).sort();

async function audioIn(data: string): Promise<Buffer> {
  const files = await Promise.all(inOrder(wavs(data)).map((name) => readRecording(join(at(data), name))));
  return Buffer.concat(files.map(({ data }) => data));
}

async function start(data: string): Promise<ServerProcess> {
  const flags = [...FLAGS, "--data-dir", at(data)];
  return ServerProcess.start({ cwd: folder.path, flags, env: { TZ: "UTC", WEB_UI_PASSWORD: PASSWORD } });
}

function ask(server: ServerProcess, path: string, body?: object): Promise<Response> {
  const headers = { authorization: basic("admin", PASSWORD), "content-type": "application/json" };
  const method = body === undefined ? "GET" : "POST";
  return fetch(`${server.ready.web}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(at("bin"));
  await symlink(join(ROOT, "packages/receiver/bin/audio-receiver.js"), at("bin/audio-receiver"));
});

afterAll(() => folder[Symbol.asyncDispose]());

it("a backup made while a stream is recorded holds all that was finished, and is restored elsewhere", async () => {
  let finished: string[] = [];
  let gaps = "";
  {
    await using server = await start("machine");
    await play(`${server.ready.ws}/porch`, [handshake(), ...frames.slice(0, 50), ...frames.slice(60, 100)]);
    using live = await StreamClient.connect(`${server.ready.ws}/kitchen`);
    live.send(handshake({ streamId: 8 }), ...frames.slice(0, 125)); // two segments, and half of one
    await until("two segments", () => inOrder(wavs("machine")).length === 2);
    const stretch = { device: "kitchen", fromUs: Date.now() * 1000 - 60_000_000, toUs: Date.now() * 1000 };
    expect((await ask(server, "/pins", stretch)).status).toBe(200);
    expect((await ask(server, "/notes", { ...stretch, text: "an owl" })).status).toBe(200);
    await until("the gap in the ledger", () => readdirSync(at("machine")).includes("gaps"));
    await shell(BACKUP, "machine");
    expect(
      (readdirSync(at("backup"), { recursive: true }) as string[]).filter((name) => name.endsWith(".part")),
    ).toEqual([]);
    live.send(...frames.slice(125, 275));
    await until("five segments", () => inOrder(wavs("machine")).length === 5);
    const during = shell(BACKUP, "machine");
    finished = wavs("machine");
    live.send(...frames.slice(275, 600));
    await during;
    gaps = (await audioReceiver(["gaps", "--json", "--data-dir", at("backup")], { cwd: folder.path })).stdout;
    await server.stop("SIGKILL");
  }
  rmSync(at("machine"), { recursive: true });
  await shell(RESTORE, "elsewhere");
  expect(wavs("elsewhere")).toEqual(expect.arrayContaining(finished));
  const restored = await audioIn("elsewhere");
  expect(restored.length).toBeGreaterThanOrEqual(5 * 32_000);
  expect(restored.equals(audio.subarray(0, restored.length))).toBe(true);
  expect(gaps).toContain('"lost-frames"');
  expect(
    (await audioReceiver(["gaps", "--json", "--data-dir", at("elsewhere")], { cwd: folder.path })).stdout,
  ).toBe(gaps);
});

it("what was restored is the same, and is shown: pins, notes, levels", async () => {
  const looked = await shell(LOOK, "elsewhere");
  expect(looked).not.toContain("differs:");
  expect(looked).toMatch(/kitchen +\d{4}-/);
  await using server = await start("elsewhere");
  expect((await (await ask(server, "/notes")).json()) as Note[]).toMatchObject([
    { text: "an owl", device: "kitchen" },
  ]);
  expect(await (await ask(server, "/pins")).json()).toMatchObject([{ device: "kitchen" }]);
  const all = async () => {
    const { segments } = (await (await ask(server, "/segments?limit=50")).json()) as SegmentPage;
    return segments.length >= 7 && segments.every(({ levels }) => levels !== null);
  };
  await until("levels of all that was restored", all, undefined, 200);
});
