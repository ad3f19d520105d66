/** A catalogue that was lost, and recordings that are in the bucket alone: real commands, a real S3 server. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openCatalogue, type Segment } from "@audio/archive";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type S3Server, startS3Server } from "../../upload/test/support/s3-server.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { play } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

let server: S3Server;
let recorded: Awaited<ReturnType<typeof archive>>;

beforeAll(async () => {
  server = await startS3Server();
  recorded = await archive();
}, 180_000);

afterAll(async () => {
  await recorded?.[Symbol.asyncDispose]();
  await server?.stop();
});

const KITCHEN = tones(3 * 16_000, { seed: 3 });
const PORCH = tones(3 * 16_000, { seed: 4 });
const frames = (audio: Uint8Array, firstSeq = 0) => pcmFrames(audio, { frameSamples: 320, firstSeq });
/** A piece of the first second does not arrive. */
const LOSSY = [...frames(KITCHEN.subarray(0, 12_800)), ...frames(KITCHEN.subarray(25_600), 40)];

/** Two devices, 3 s each in segments of 1 s, as WAV and as FLAC, in a bucket alone; the `.bin` files are here. */
async function archive() {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, "data");
  {
    await using receiver = await TestReceiver.start({ dataDir, wsSegmentSeconds: 1, gapFill: "none" });
    await play(receiver.ws("/kitchen"), [handshake(), ...LOSSY]);
    await play(receiver.ws("/porch"), [handshake(), ...frames(PORCH)]);
    await until("both ends", () => receiver.closed.length === 2);
  }
  const env = {
    ...{ S3_ENABLED: "true", S3_BUCKET: await server.createBucket(), S3_SERVICE_URL: server.url },
    ...{ AWS_ACCESS_KEY_ID: server.accessKey, AWS_SECRET_ACCESS_KEY: server.secretKey },
    ...{ S3_REMOVE_LOCAL: "true", TIMEZONE: "UTC" },
  };
  const run = (...words: string[]) => audioReceiver(words, { cwd: folder.path, env });
  await run("reindex", "--no-bucket");
  const compressed = await run("compress", "--device", "porch", "--compress-min-seconds", "0");
  expect([compressed.code, compressed.stderr]).toEqual([0, ""]);
  const uploaded = await run("upload");
  expect([uploaded.code, uploaded.stderr]).toEqual([0, ""]);
  const before = await listed(run);
  const names = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
  expect(before.some(({ gaps }) => gaps.some(({ filled }) => !filled))).toBe(true);
  expect(names.filter((name) => /\.(wav|flac)$/.test(name))).toEqual([]);
  for (const suffix of ["", "-wal", "-shm"]) rmSync(join(dataDir, `catalogue.db${suffix}`), { force: true });
  return { dataDir, env, before, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** That archive, whose bucket nobody changes, in a folder of its own. */
async function archived() {
  const { env, before } = recorded;
  const folder = await temporaryFolder();
  const { path } = folder;
  const dataDir = join(path, "data");
  await cp(recorded.dataDir, dataDir, { recursive: true });
  const run = (...words: string[]) => audioReceiver(words, { cwd: path, env });
  return { path, dataDir, env, run, before, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

type Run = (...words: string[]) => ReturnType<typeof audioReceiver>;

async function listed(run: Run): Promise<Segment[]> {
  const { stdout, code } = await run("ls", "--json");
  expect(code).toBe(0);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Segment);
}

/** What is the same after all was rebuilt: not numbers, levels and times of comparison. */
function facts({ id: _, levels: __, forms, ...rest }: Segment) {
  const stored = forms.map(({ form, bytes, local, remote }) => ({ form, bytes, local, key: remote?.key }));
  return { ...rest, forms: stored };
}

async function decoded(path: string): Promise<Buffer> {
  const words = ["-v", "error", "-xerror", "-i", path, "-f", "s16le", "-"];
  return (await promisify(execFile)("ffmpeg", words, { encoding: "buffer" })).stdout;
}

/** When a device was first recorded, to the microsecond. */
function startOf(segments: readonly Segment[], device: string): string {
  const us = segments.find((segment) => segment.device === device)?.startUs ?? 0;
  return `${new Date(us / 1000).toISOString().slice(0, 19)}.${String(us % 1_000_000).padStart(6, "0")}Z`;
}

async function requireSame(run: Run, folder: string, before: readonly Segment[]): Promise<void> {
  expect((await listed(run)).map(facts)).toEqual(before.map(facts));
  const stats = JSON.parse((await run("stats", "--json")).stdout);
  expect(stats).toMatchObject({ segments: before.length });
  for (const [device, audio] of [
    ["kitchen", Buffer.concat([KITCHEN.subarray(0, 12_800), Buffer.alloc(12_800), KITCHEN.subarray(25_600)])],
    ["porch", PORCH],
  ] as const)
    for (const format of ["wav", "flac"]) {
      const out = join(folder, `${device}.${format}`);
      const words = [
        "--device",
        device,
        "--from",
        startOf(before, device),
        "--format",
        format,
        "--out",
        out,
        "--force",
      ];
      const { code, stderr } = await run("export", ...words);
      expect([code, stderr]).toEqual([0, ""]);
      const back = await decoded(out);
      expect([device, format, back.length, back.equals(audio)]).toEqual([device, format, audio.length, true]);
    }
}

it("reindex finds again what is in the bucket, to the sample", async () => {
  await using at = await archived();
  const { run, path, before, env } = at;
  const files = await run("reindex", "--no-bucket");
  expect(files.stdout).not.toContain("bucket");
  const { code, stdout, stderr } = await run("reindex");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`bucket ${env.S3_BUCKET}: ${before.length} objects, `);
  expect(stdout).toContain(`       ${before.length} new, 0 known, 0 gone\n`);
  await requireSame(run, path, before);
  const again = JSON.parse((await run("reindex", "--json")).stdout);
  expect(again).toMatchObject({ bucket: { known: before.length, asked: 0, added: 0 } });
  await requireSame(run, path, before);
});

it("a server does so by itself", async () => {
  await using at = await archived();
  const { run, path, dataDir, before, env } = at;
  const added = () => {
    if (!existsSync(join(dataDir, "catalogue.db"))) return 0;
    const catalogue = openCatalogue(dataDir);
    const forms = catalogue.segments.list().flatMap((segment) => segment.forms);
    catalogue.close();
    return forms.filter(({ remote }) => remote !== undefined).length;
  };
  {
    await using process = await ServerProcess.start({ cwd: path, env });
    await until("it knows the bucket", () => added() === before.length, 20_000);
    expect((await process.stop()).code).toBe(0);
  }
  await requireSame(run, path, before);
  const { stdout } = await run("reindex", "--json", "--bucket");
  expect(JSON.parse(stdout).bucket).toMatchObject({ known: before.length, gone: 0 });
});

it("a bucket that cannot be reached takes nothing back of what the files tell", async () => {
  await using at = await archived();
  const env = { ...at.env, S3_SERVICE_URL: "http://127.0.0.1:9" };
  const { code, stdout, stderr } = await audioReceiver(["reindex"], { cwd: at.path, env });
  expect([code, stdout]).toEqual([1, expect.stringContaining("segments in the catalogue\n")]);
  expect(stderr).toMatch(/^audio-receiver: .*127\.0\.0\.1:9.*\n$/);
});
