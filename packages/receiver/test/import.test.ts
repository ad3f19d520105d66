import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { appendFile, chown, mkdir, rm, symlink, truncate, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { SegmentPage, Timeline } from "@audio/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patched, wavFile } from "./support/audio.js";
import { audioReceiver, startCommand } from "./support/command.js";
import { audioOf, datedTree, HALF_SECOND_MS, receivedTree, writeTree } from "./support/old-archives.js";
import { readRecording } from "./support/recordings.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

interface Line {
  readonly outcome: string;
  readonly from: string | string[];
  readonly stem: string;
  readonly startUs: number;
  readonly startBy: string;
  readonly device: string | null;
  readonly notes: string[];
  readonly kept: string[];
  readonly reason: string;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: TestReceiver;
let lines: Line[];

const old = (path = "") => join(folder.path, "old", path);

/** Content and last write of every file. */
function contentsOf(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return new Map(paths.map((path) => [path, `${statSync(path).mtimeMs} ${readFileSync(path, "latin1")}`]));
}

async function importing(dataDir: string, ...words: string[]) {
  const command = ["import", "--json", "--min-free-mb", "0", "--data-dir", dataDir, ...words];
  const { code, stdout, stderr } = await audioReceiver(command, { cwd: folder.path, env: { TZ: "UTC" } });
  const told = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
  return { code, stderr, told, sums: told.at(-1), lines: told.slice(0, -1) };
}

const VIENNA = ["--timezone", "Europe/Vienna", "--device", "hall"];
const taken = (found: readonly Line[]) =>
  found.filter(({ outcome }) => outcome.endsWith("import") || outcome === "imported");
const stemOf = (name: string) =>
  taken(lines).find(({ from }) => [from].flat().some((path) => path.endsWith(name)))?.stem ?? name;
const copyOf = (name: string, form = "wav") => join(server.dataDir, `${stemOf(name)}.${form}`);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTree(old("audio"), datedTree());
  await writeTree(old("received"), receivedTree());
  server = await TestReceiver.start({ catalogue: true, timezone: "UTC" });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("import", () => {
  it("says beforehand what would become of every file, and writes nothing", async () => {
    const before = contentsOf(old());
    const dataDir = join(folder.path, "not-there");
    const found = await importing(dataDir, old(), "--dry-run", ...VIENNA);
    expect(found.sums).toMatchObject({ outcome: "sums", isDryRun: true, segments: 14, other: 1, broken: 0 });
    expect(found.lines.filter(({ outcome }) => outcome === "other")).toMatchObject([
      { from: old("audio/readme.txt") },
    ]);
    expect([found.code, found.stderr]).toEqual([0, ""]);
    expect(() => statSync(dataDir)).toThrow("ENOENT");
    expect(contentsOf(old())).toEqual(before);
  });

  it("takes both layouts over beside a running receiver, and leaves the sources as they are", async () => {
    const before = contentsOf(old());
    const found = await importing(server.dataDir, old(), ...VIENNA);
    expect([found.code, found.stderr]).toEqual([0, ""]);
    expect(found.sums).toMatchObject({ segments: 14, repaired: 4, other: 1, known: 0 });
    lines = found.lines;
    const starts = taken(lines).map(({ stem, startUs, device, startBy }) => [
      stem,
      new Date(startUs / 1000).toISOString(),
      device,
      startBy,
    ]);
    expect(starts).toEqual([
      ["audio/2025-01-08/2025-01-08_1100", "2025-01-08T11:00:03.250Z", "hall", "name-and-write"],
      ["audio/2025-01-08/2025-01-08_1110", "2025-01-08T11:10:00.400Z", "hall", "name-and-write"],
      ["audio/2025-01-08/2025-01-08_1120", "2025-01-08T11:20:00.000Z", "hall", "name"],
      ["audio/2025-01-08/2025-01-08_1130", "2025-01-08T11:30:07.000Z", "hall", "name-and-write"],
      ["received/hall/stream_0_hall_20250108_114012", "2025-01-08T11:40:12.500Z", "hall", "name-and-write"],
      ["received/hall/stream_0_hall_20250108_115012", expect.any(String), "hall", "name-and-write"],
      ["audio/2025-03-30/2025-03-30_0130", "2025-03-30T01:30:00.000Z", "hall", "skipped"],
      ["audio/2025-10-26/2025-10-26_0110", "2025-10-26T01:10:01.000Z", "hall", "name-and-write"],
      ["audio/2025-10-26/2025-10-26_0020", "2025-10-26T00:20:00.000Z", "hall", "pass-of-number"],
      ["received/hall/stream_2_hall_20250108_110000", "2025-01-08T11:00:00.000Z", "hall", "name"],
      ["received/A4-CF-12/stream_3_A4-CF-12_20250108_110000", "2025-01-08T11:00:00.000Z", "A4-CF-12", "name"],
      ["received/kitchen/stream_1_kitchen_20250108_110000", "2025-01-08T11:00:00.000Z", "kitchen", "name"],
      ["received/kitchen/stream_1_kitchen_20250108_110010", "2025-01-08T11:00:10.000Z", "kitchen", "name"],
      ["received/porch/stream_4_porch_20250108_110000", "2025-01-08T11:00:00.000Z", "porch", "name"],
    ]);
    expect(contentsOf(old())).toEqual(before);
  });

  it("says which hour was meant, and what was put right", () => {
    const notes = lines.flatMap((line) => line.notes ?? []).join("\n");
    expect(notes).toContain(
      "2025-10-26_0210: this time came twice that night; taken for that at UTC+01:00, its last",
    );
    expect(notes).toContain(
      "2025-10-26_0220: this time came twice that night; taken for that at UTC+02:00, by the number",
    );
    expect(notes).toContain("2025-03-30_0230: clocks were set forward over this time");
    expect(notes).toContain("2025-01-08_1210.wav: its header does not say how much audio follows");
    expect(notes).toContain("2025-01-08_1220.wav: its header claims 16000 bytes of audio, 10001 are there");
    expect(notes).toMatch(/_120010\.bin: \d+ bytes of a torn frame at its end are left out/);
    expect(notes).toContain("the device is called A4-CF-12 here");
  });

  it("keeps every sample, and writes down what is known", async () => {
    const seeds = { "_1200.wav": 1, "_1210.wav": 2, "_1230.wav.gz": 4, "_0210.wav": 7, "_120000.wav": 13 };
    for (const [name, seed] of Object.entries(seeds)) {
      const { data, metadata } = await readRecording(copyOf(name));
      expect(data.equals(audioOf(seed)), name).toBe(true);
      expect(metadata, name).toMatchObject({ device: "hall", samples: 8000, gaps: [] });
    }
    const { data } = await readRecording(copyOf("_1220.wav"));
    expect(data.equals(audioOf(3).subarray(0, 10_000))).toBe(true);
    for (const [name, form] of [
      ["_1240.flac", "flac"],
      ["_1250.opus", "opus"],
      ["kitchen_20250108_120000.bin", "bin"],
    ]) {
      const [source] = [...contentsOf(old()).keys()].filter((path) => path.endsWith(name));
      expect(readFileSync(copyOf(name, form)).equals(readFileSync(source)), name).toBe(true);
    }
  });

  it("is in the timeline at once, and measured", async () => {
    const day = "from=2025-01-08T11:00:00Z&to=2025-01-08T12:00:00Z";
    const answer = await server.look(`/api/v1/timeline?device=hall&device=kitchen&device=porch&${day}`);
    const { devices } = (await answer.json()) as Timeline;
    const first = Date.parse("2025-01-08T11:00:03.250Z") * 1000;
    expect(devices[0].stretches).toContainEqual([first, first + HALF_SECOND_MS * 1000, "local"]);
    expect(devices.map(({ stretches }) => stretches.length)).toEqual([7, 2, 1]);
    const isMeasured = async () => {
      const page = await server.look("/api/v1/segments?limit=50");
      const { segments } = (await page.json()) as SegmentPage;
      // Of frames alone none are known, however they came.
      return segments.filter(({ levels }) => levels !== null).length === 13 && segments.length === 14;
    };
    await until("levels of all that came", isMeasured, undefined, 200);
  });

  it("takes nothing twice, also when the files were copied elsewhere, or the catalogue alone knows them", async () => {
    const again = await importing(server.dataDir, old(), ...VIENNA);
    expect(again.sums).toMatchObject({ segments: 0, known: 17, broken: 0 });
    expect(again.lines.find(({ outcome }) => outcome === "known")?.reason).toContain(
      "was imported already: audio/",
    );
    await rm(join(server.dataDir, "imports.jsonl"));
    const forgotten = await importing(server.dataDir, old("received"), old("audio/2025-01-08"), ...VIENNA);
    expect(forgotten.sums).toMatchObject({ segments: 0, known: 14, broken: 0 });
    expect(forgotten.lines[0].reason).toContain("is there already: received/");
  });

  it("goes on where it was killed, without a file twice or in part", async () => {
    await using temporary = await temporaryFolder();
    const dataDir = join(temporary.path, "data");
    const names = Array.from(
      { length: 40 },
      (_, i) => `stream_1_cellar_20250109_1200${String(i).padStart(2, "0")}`,
    );
    const content = (i: number) => [wavFile(audioOf(i)), "2025-01-09T13:00:00Z"] as const;
    await writeTree(old("many"), Object.fromEntries(names.map((name, i) => [`${name}.wav`, content(i)])));
    const words = ["import", "--json", "--min-free-mb", "0", "--data-dir", dataDir, old("many")];
    const { child, outcome } = startCommand(words, { cwd: temporary.path, env: { TZ: "UTC" } });
    await once(child.stdout!, "data");
    child.kill("SIGKILL");
    const before = (await outcome).stdout.split("\n").length - 1;
    const rest = await importing(dataDir, old("many"));
    expect(before).toBeLessThan(41);
    expect(rest.sums).toMatchObject({ broken: 0 });
    expect((rest.sums as unknown as { segments: number }).segments).toBeLessThan(40);
    expect(readdirSync(join(dataDir, "received/cellar")).sort()).toEqual(names.map((name) => `${name}.wav`));
    for (const [i, name] of names.entries())
      expect(
        (await readRecording(join(dataDir, `received/cellar/${name}.wav`))).data.equals(audioOf(i)),
      ).toBe(true);
    expect(readdirSync(join(dataDir, ".import"))).toEqual([]);
  });

  it("removes a moved file only when its copy is what was written", async () => {
    await using temporary = await temporaryFolder();
    const dataDir = join(temporary.path, "data");
    const tree = Object.entries(receivedTree()).filter(([path]) => path.startsWith("kitchen/"));
    await writeTree(old("move"), Object.fromEntries(tree));
    expect((await importing(dataDir, old("move"))).sums).toMatchObject({ segments: 2, files: 4 });
    await appendFile(join(dataDir, "received/kitchen/stream_1_kitchen_20250108_120000.bin"), "x");
    const { code, lines, sums } = await importing(dataDir, old("move"), "--move");
    expect([code, sums]).toMatchObject([0, { segments: 0, known: 4 }]);
    expect(lines.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/stays: .*_120000\.bin is no longer what was copied/),
      expect.stringMatching(/_120000\.wav; removed now/),
      expect.stringMatching(/_120010\.bin; removed now/),
      expect.stringMatching(/_120010\.wav; removed now/),
    ]);
    expect([...contentsOf(old("move")).keys()]).toEqual([
      old("move/kitchen/stream_1_kitchen_20250108_120000.bin"),
    ]);
  });

  it("links what needs no change, and numbers what has a name that is taken", async () => {
    await using temporary = await temporaryFolder();
    const dataDir = join(temporary.path, "data");
    const day = "2025-01-10/2025-01-10_1200.wav";
    const written = "2025-01-10T12:00:00.500Z";
    await writeTree(dataDir, { [`audio/${day}`]: [Buffer.from("of somebody else"), written] });
    await writeTree(old("link"), { [day]: [wavFile(audioOf(21)), written] });
    const { lines, code } = await importing(dataDir, old("link"), "--link");
    expect([code, lines[0].stem]).toEqual([0, "audio/2025-01-10/2025-01-10_1200_2"]);
    expect(statSync(join(dataDir, `${lines[0].stem}.wav`)).ino).toBe(statSync(old(`link/${day}`)).ino);
    expect(readFileSync(join(dataDir, "audio", day), "latin1")).toBe("of somebody else");
  });

  it("refuses what is none, and what is not to be read, each with a line", async () => {
    await using temporary = await temporaryFolder();
    const name = (minute: number) => `hostile/2025-01-11_12${minute}.wav`;
    const written = "2025-01-11T12:00:00Z";
    const good = wavFile(audioOf(1));
    const gzip = Buffer.from("1f8b08000000000000030000000000ffffffff", "hex");
    await writeTree(old(), {
      [name(10)]: [Buffer.from("MZ is the mark of another kind of file"), written],
      [name(11)]: [patched(good, 24, 4, 0), written],
      [name(12)]: [patched(good, 16, 4, 0x7fffffff), written],
      [name(13)]: [good.subarray(0, 44), written],
      [name(14)]: [Buffer.alloc(0), written],
      [`${name(15)}.gz`]: [gzip, written],
      [name(16)]: [good, new Date().toISOString()],
      "hostile/stream_1_x_20250111_120000.bin": [Buffer.alloc(5000, "no frames"), written],
      "secret/2025-01-11_1217.wav": [good, written],
    });
    await truncate(old(name(13)), 3_000_000_000);
    await utimes(old(name(13)), new Date(written), new Date(written));
    await symlink(old("secret/2025-01-11_1217.wav"), old(name(17)));
    await mkdir(old(name(18)));
    const { code, lines, sums } = await importing(join(temporary.path, "data"), old("hostile"));
    expect([code, sums]).toMatchObject([1, { segments: 0, broken: 8, later: 1 }]);
    const reasons = lines.map(
      ({ from, reason }) => `${String(from).slice(old("hostile/").length)} ${reason}`,
    );
    expect(reasons.sort()).toMatchInlineSnapshot(`
      [
        "2025-01-11_1210.wav not a WAV file: begins with "MZ i", not "RIFF", "RF64" or "BW64"",
        "2025-01-11_1211.wav invalid WAV header: sample rate is 0 Hz, must be at least 1",
        "2025-01-11_1212.wav chunk "fmt " at byte 12 is 2147483647 bytes; "data" must begin within the first 1048576",
        "2025-01-11_1213.wav claims 3000000000 bytes, of which 4096 are on its disk: a file with holes",
        "2025-01-11_1214.wav is empty",
        "2025-01-11_1215.wav.gz says that 4294967295 bytes are in it",
        "2025-01-11_1216.wav is still being written, or was just now: import it again in a minute",
        "2025-01-11_1217.wav is a link, which is not followed",
        "stream_1_x_20250111_120000.bin is no row of frames: none at byte 0",
      ]
    `);
  });

  it("refuses what lies in the data directory, a disk without room, and root", async () => {
    const { dataDir } = server;
    const inside = await importing(dataDir, join(dataDir, "audio"));
    expect([inside.code, inside.stderr]).toEqual([
      2,
      expect.stringContaining("known where they are, by audio-receiver reindex"),
    ]);
    const many = await importing(dataDir, old("many"), "--min-free-mb", "100000000");
    expect([many.code, many.stderr]).toEqual([
      1,
      expect.stringMatching(/needs 6.* KB; .* are free at .*\(minFreeMb\): nothing is taken/),
    ]);
    const foreign = join(folder.path, "of-a-service");
    await mkdir(foreign);
    await chown(foreign, 12_345, 12_345); // the tests run as root, as those of the disk need it
    const asRoot = await importing(foreign, old("many"));
    expect([asRoot.code, asRoot.stderr]).toEqual([
      1,
      expect.stringContaining("run it as that user, with sudo -u '#12345'"),
    ]);
    const nowhere = await importing(dataDir, old("nowhere"));
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringContaining("nowhere cannot be read: ENOENT"),
    ]);
  });
});
