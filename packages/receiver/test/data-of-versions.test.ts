/** Data directories of every released version, each as a kill left it, are opened by today's program. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Device, Gap, Note, Pin, SegmentPage } from "@audio/api";
import { CATALOGUE_FILE } from "@audio/archive";
import { parseWavHeader } from "@audio/wav";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebhookReceiver } from "../../keeper/test/support/webhook-receiver.js";
import { audioReceiver, logLines, ServerProcess } from "./support/command.js";
import { StreamClient } from "./support/stream-client.js";
import { basic, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

/** See scripts/make-data-fixture.mjs. */
interface Expected {
  readonly password: string;
  readonly token: string;
  readonly pin: Pin;
  readonly note: Note;
  readonly label: string;
  readonly stored: string;
  readonly devices: Readonly<Record<string, { readonly samples: number; readonly sha256: string }>>;
  readonly gaps: number;
  readonly waiting: Readonly<Record<string, number>>;
}

const FIXTURES = join(import.meta.dirname, "../../../test/fixtures");
const versions = readdirSync(FIXTURES).filter((name) => name.startsWith("data-"));
const SEGMENTS = 8;
const DAY_US = 86_400_000_000;

const settings = (hook: string) => `
timezone: Europe/Vienna
compress: none
auth: token
hooks:
  - { name: told, on: [segment:complete], url: "${hook}" }
S3: { Enabled: true, Bucket: recordings, Region: eu-central-1, ServiceUrl: "http://127.0.0.1:9" }
`;
const KEYS = { AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };

it("there is a fixture of this version, if it was released", () => {
  expect(versions).toContain("data-0.1.0");
});

describe.each(versions)("%s", (version) => {
  const expected = JSON.parse(readFileSync(join(FIXTURES, version, "expected.json"), "utf8")) as Expected;
  const range = `from=${expected.pin.fromUs - DAY_US}&to=${expected.pin.fromUs + DAY_US}`;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let hook: WebhookReceiver;
  let server: ServerProcess;

  const ask = (path: string) =>
    fetch(`${server.ready.web}/api/v1${path}`, {
      headers: { authorization: basic("admin", expected.password) },
    });
  const asked = async <T>(path: string): Promise<T> => (await ask(path)).json() as Promise<T>;
  const run = (...words: string[]) => audioReceiver(words, { cwd: folder.path, env: KEYS });
  const catalogue = () => join(folder.path, "data", CATALOGUE_FILE);

  beforeAll(async () => {
    folder = await temporaryFolder();
    hook = await WebhookReceiver.listen();
    execFileSync("tar", ["-xzf", join(FIXTURES, version, "data.tar.gz"), "-C", folder.path]);
    writeFileSync(join(folder.path, "audio-receiver.config.yaml"), settings(hook.url));
    server = await ServerProcess.start({ cwd: folder.path, env: KEYS });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await hook[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("every sample is there, also those of the segment in which it was killed", async () => {
    await until("all segments", async () => {
      const { segments } = await asked<SegmentPage>(`/segments?limit=100`);
      return (
        segments.length === SEGMENTS && segments.every(({ isRecording, levels }) => !isRecording && levels)
      );
    });
    for (const [device, { samples, sha256 }] of Object.entries(expected.devices)) {
      const file = new Uint8Array(
        await (await ask(`/audio?device=${device}&${range}&gaps=cut`)).arrayBuffer(),
      );
      const { dataOffset = 0, dataBytes = 0 } = parseWavHeader(file) ?? {};
      const audio = file.subarray(dataOffset, dataOffset + dataBytes);
      expect([device, audio.length / 2]).toEqual([device, samples]);
      expect(createHash("sha256").update(audio).digest("hex"), device).toBe(sha256);
    }
    const names = readdirSync(join(folder.path, "data"), { recursive: true }) as string[];
    expect(names.filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("what people said of it is there, and what is missing", async () => {
    expect(await asked<Pin[]>("/pins")).toEqual([expected.pin]);
    expect(await asked<Note[]>("/notes")).toEqual([expected.note]);
    expect(await asked<Device>("/devices/kitchen")).toMatchObject({ label: expected.label });
    const gaps = await asked<Gap[]>(`/gaps?${range}`);
    expect(gaps.filter(({ cause }) => cause === "lost-frames")).toHaveLength(expected.gaps);
  });

  it("who was let in is let in", async () => {
    using device = await StreamClient.connect(`${server.ready.ws}/kitchen?token=${expected.token}`);
    expect(device.socket.readyState).toBe(device.socket.OPEN);
    await expect(StreamClient.connect(`${server.ready.ws}/kitchen?token=${"x".repeat(30)}`)).rejects.toThrow(
      "401",
    );
  });

  it("what waited goes on, and what was stored counts as stored", async () => {
    await until("all that waited is told", () => hook.posted.length >= expected.waiting["hook:told"]);
    const { segments } = await asked<SegmentPage>("/segments?limit=100");
    const stored = segments.find(({ stem }) => stem === expected.stored);
    expect(stored?.forms.find(({ form }) => form === "wav")).toMatchObject({ local: true, remote: true });
    const { code, stdout } = await server.stop();
    expect(code).toBe(0);
    const wrong = logLines(stdout).filter(
      ({ level, msg }) => Number(level) >= 50 && !String(msg).startsWith("upload"),
    );
    expect(wrong).toEqual([]);
    const upload = await run("upload", "--dry-run", "--json");
    const { totals } = JSON.parse(upload.stdout.trim().split("\n").at(-1) ?? "{}");
    expect(totals).toMatchObject({ files: SEGMENTS - 1 });
  });

  it("a catalogue of a newer program is left as it is, and is built anew where it is moved away", async () => {
    const file = readFileSync(catalogue());
    file.writeUInt32BE(99, 60); // user_version: SQLite's file format, 1.3
    writeFileSync(catalogue(), file);
    const ls = await run("ls");
    const refusal =
      /catalogue \S+ has version 99, this program knows \d+: use the newer program, or move the file away/;
    expect([ls.code, ls.stderr]).toEqual([1, expect.stringMatching(refusal)]);
    const reindex = await run("reindex");
    expect([reindex.code, reindex.stderr]).toEqual([1, expect.stringMatching(refusal)]);
    expect(readFileSync(catalogue()).equals(file)).toBe(true);
    rmSync(catalogue());
    const { code, stdout } = await run("reindex", "--no-bucket", "--json");
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { segments: SEGMENTS, faults: 0 }]);
  });
});
