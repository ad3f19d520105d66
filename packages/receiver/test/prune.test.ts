import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SegmentComplete } from "../src/index.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { filesBelow } from "./support/recordings.js";
import { play } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

/** Records four segments of 10 s, 640 kB each with their frames, of one device. */
async function record(dataDir: string): Promise<readonly SegmentComplete[]> {
  await using server = await TestReceiver.start({ dataDir });
  const frames = pcmFrames(tones(16_000 * 40), { frameSamples: 1600 });
  await play(server.ws("/kitchen"), [handshake({ frameSamples: 1600 }), ...frames]);
  await server.streamClosed(7);
  return server.segments;
}

const audioBelow = async (folder: string) =>
  (await filesBelow(folder)).filter((path) => /\.(wav|bin)$/.test(path));

describe.concurrent("audio-receiver prune", () => {
  it("says what would go and why, and deletes nothing of it with --dry-run", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    await record(data);
    const before = await audioBelow(data);
    const words = ["prune", "--dry-run", "--retention-max-total-gb", "0.001"];
    const { code, stdout, stderr } = await audioReceiver(words, { cwd: folder.path });
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(
      /^\d{4}-\S+ \S+ {2}total-size {4}62\d\.\d KB {4}kitchen +received\/kitchen\/stream_7_/,
    );
    expect(lines[4]).toMatch(/^3 segments, 1\.8 MB would be deleted: total-size$/);
    const json = await audioReceiver([...words, "--json"], { cwd: folder.path });
    const objects = json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(objects[0]).toMatchObject({
      device: "kitchen",
      reason: "total-size",
      uploaded: false,
      forms: ["bin", "wav"],
    });
    expect(objects[3]).toMatchObject({
      totals: { "total-size": { segments: 3 } },
      shortages: [],
      notDeleted: [],
    });
    expect(await audioBelow(data)).toEqual(before);
  });

  it("deletes what is not pinned, beside a running server, which knows of it", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const [first, second] = await record(data);
    await using _server = await ServerProcess.start({ cwd: folder.path });
    const iso = (us: number) => new Date(us / 1000).toISOString();
    const times = ["--from", iso(first.startUs), "--to", iso(first.startUs + 5_000_000)];
    const pin = await audioReceiver(["pin", "--device", "kitchen", ...times, "--note", "the owl"], {
      cwd: folder.path,
    });
    expect(pin.stdout).toMatch(/^pinned as [0-9a-f]{8}; /);
    const words = ["prune", "--retention-max-total-gb", "0.001"];
    const { code, stdout } = await audioReceiver(words, { cwd: folder.path });
    expect([code, stdout.split("\n").at(-2)]).toEqual([0, "3 segments, 1.8 MB deleted: total-size"]);
    expect((await audioBelow(data)).map((path) => basename(path))).toEqual([
      basename(first.bin!.path),
      basename(first.path),
    ]);
    const [id] = pin.stdout.match(/[0-9a-f]{8}/)!;
    expect((await audioReceiver(["unpin", id], { cwd: folder.path })).stdout).toBe(`unpinned ${id}\n`);
    const again = await audioReceiver(["prune", "--retention-max-age-days", "0.01"], { cwd: folder.path });
    expect(again.stdout).toBe("nothing to delete\n");
    expect(second.startUs).toBeGreaterThan(first.startUs);
  });

  it.each([
    [[], 2, /^audio-receiver: no limit is configured: give --retention-max-age-days, /],
    [["--retention-max-age-days", "-1"], 2, /retentionMaxAgeDays .*-1.* is not allowed/],
    [
      ["--retention-keep-free-mb", "400"],
      2,
      /retentionKeepFreeMb 400 is not allowed with minFreeMb 500, at which recording stops: at least 525/,
    ],
    [["--retention-max-age-days", "1", "--data-dir", "nowhere"], 2, /nowhere does not exist/],
  ])("%j: one line, exit %i", async (flags, expected, line) => {
    await using folder = await temporaryFolder();
    const { code, stdout, stderr } = await audioReceiver(["prune", "--data-dir", ".", ...flags], {
      cwd: folder.path,
    });
    expect([code, stdout]).toEqual([expected, ""]);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("deletes nothing while pins.json cannot be read", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    await record(data);
    const before = await audioBelow(data);
    await writeFile(join(data, "pins.json"), "{");
    const words = ["prune", "--retention-max-total-gb", "0.001"];
    const { code, stderr } = await audioReceiver(words, { cwd: folder.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/pin file .*pins\.json cannot be used: it is no JSON; repair it, or move it away/);
    expect(await audioBelow(data)).toEqual(before);
  });
});

describe.concurrent("audio-receiver pin", () => {
  it("lists what is pinned, for people and for programs", async () => {
    await using folder = await temporaryFolder();
    const run = (...words: string[]) =>
      audioReceiver([...words, "--data-dir", ".", "--timezone", "Europe/Vienna"], { cwd: folder.path });
    expect((await run("pin", "--list")).stdout).toBe("nothing is pinned\n");
    const day = ["--from", "2026-07-20", "--to", "2026-07-20"];
    const { stdout } = await run("pin", "--device", "AA:BB", ...day, "--json");
    const [pin] = JSON.parse(stdout);
    expect(pin).toMatchObject({ device: "AA_BB", toUs: pin.fromUs + 86_400_000_000 });
    await run("pin", "--device", "192.168.1.7", "--from", "-2h", "--to", "-1h", "--note", "dawn chorus");
    const lines = (await run("pin", "--list")).stdout.split("\n");
    expect(lines[0]).toMatch(/^id +device +from +to +note$/);
    expect(lines[1]).toContain(`${pin.id}  AA_BB        2026-07-20 00:00:00.000  2026-07-21 00:00:00.000`);
    expect(lines[2]).toMatch(/192-168-1-7 .* dawn chorus$/);
    expect(JSON.parse(await readFile(join(folder.path, "pins.json"), "utf8")).pins).toHaveLength(2);
  });

  it.each([
    [["pin", "--device", "porch"], "a pin needs --device, --from and --to (or --list)"],
    [["pin", "--device", "/", "--from", "-2h", "--to", "-1h"], '--device: "/" is no device\'s name'],
    [["pin", "--device", "porch", "--from", "-1h", "--to", "-2h"], "--to must be later than --from"],
    [["pin", "--device", "porch", "--from", "soon", "--to", "-2h"], '--from: "soon" is not allowed'],
    [["unpin", "00000000"], 'no pin has the id "00000000"'],
  ])("%j: one line, exit 2", async (words, line) => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await audioReceiver([...words, "--data-dir", "."], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain(line);
    await until("nothing was made", async () => (await filesBelow(folder.path)).length === 0);
  });
});
