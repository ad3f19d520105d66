import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCatalogue } from "@audio/archive";
import { readTags } from "@audio/compress";
import { formatMetadata, formatWavHeader } from "@audio/wav";
import { describe, expect, it } from "vitest";
import { tones } from "./support/audio.js";
import { audioReceiver } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

const FORMAT = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 } as const;
const START_US = Date.UTC(2026, 10, 20, 12) * 1000;

/** Recordings of a second each, as the receiver leaves them: `names` of devices. */
async function recorded(dataDir: string, ...names: string[]): Promise<void> {
  const pcm = tones(16_000);
  for (const device of names) {
    const metadata = {
      device,
      streamId: 7,
      source: "websocket",
      startUs: START_US,
      local: { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0, microsecond: 0 },
      sampleRate: 16_000,
      samples: 16_000,
      software: "audio-receiver",
      gaps: [],
    };
    const chunks = formatMetadata(metadata, pcm.byteLength);
    await mkdir(join(dataDir, "received", device), { recursive: true });
    const header = formatWavHeader(FORMAT, pcm.byteLength, chunks.byteLength);
    await writeFile(wavOf(dataDir, device), Buffer.concat([header, pcm, chunks]));
  }
}

const stemOf = (device: string) => `received/${device}/stream_7_${device}_20261120_120000`;
const wavOf = (dataDir: string, device: string) => join(dataDir, `${stemOf(device)}.wav`);

async function run(dataDir: string, ...words: string[]) {
  return audioReceiver(["compress", "--data-dir", dataDir, ...words], { cwd: dataDir });
}

const lines = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe.concurrent("audio-receiver compress", () => {
  it("makes verified FLAC of what is there, and tells the catalogue", async () => {
    await using folder = await temporaryFolder();
    const dataDir = folder.path;
    await recorded(dataDir, "kitchen", "porch");
    expect((await audioReceiver(["reindex", "--data-dir", dataDir], { cwd: dataDir })).code).toBe(0);
    const short = await run(dataDir);
    expect([short.code, short.stdout]).toEqual([
      0,
      "flac of 0 recordings: nothing yet\n2 recordings stay WAV: shorter than 300 s (--compress-min-seconds), or kept beside a result\n",
    ]);
    const dry = await run(dataDir, "--compress-min-seconds", "0", "--device", "porch", "--dry-run", "--json");
    expect(lines(dry.stdout)).toMatchObject([
      { outcome: "would-compress", stem: stemOf("porch"), format: "flac" },
      { outcome: "sums", recordings: 1, audioSeconds: 1 },
    ]);
    expect(existsSync(wavOf(dataDir, "porch"))).toBe(true);
    const done = await run(dataDir, "--compress-min-seconds", "0", "--json");
    expect(done.code).toBe(0);
    expect(lines(done.stdout)).toHaveLength(3);
    expect(lines(done.stdout).at(-1)).toMatchObject({
      outcome: "sums",
      compressed: 2,
      failed: 0,
      audioSeconds: 2,
    });
    expect(existsSync(wavOf(dataDir, "porch"))).toBe(false);
    const flac = join(dataDir, `${stemOf("porch")}.flac`);
    expect(await readTags(flac)).toMatchObject({
      samples: 16_000,
      metadata: { device: "porch", startUs: START_US },
    });
    const catalogue = openCatalogue(dataDir, { readOnly: true });
    expect(catalogue.segments.byStem(stemOf("porch"))?.forms).toMatchObject([{ form: "flac", local: true }]);
    catalogue.close();
    const again = await run(dataDir, "--compress-min-seconds", "0");
    expect([again.code, again.stdout]).toEqual([0, "flac of 0 recordings: nothing yet\n"]);
  });

  it("leaves what fails, says which, and goes on", async () => {
    await using folder = await temporaryFolder();
    const dataDir = folder.path;
    await recorded(dataDir, "kitchen", "porch");
    await audioReceiver(["reindex", "--data-dir", dataDir], { cwd: dataDir });
    await writeFile(join(dataDir, `${stemOf("kitchen")}.opus`), "somebody's");
    const options = ["--compress-min-seconds", "0", "--format", "opus", "--keep-original"];
    const { code, stdout, stderr } = await run(dataDir, ...options);
    expect(code).toBe(1);
    expect(stderr).toMatch(/kitchen\S*\.opus stands there already and is not this recording\n$/);
    expect(stdout).toMatch(
      /^opus of 1 recording: .* times real time\n1 recording stayed as they were, see above\n$/,
    );
    expect(existsSync(wavOf(dataDir, "kitchen")) && existsSync(wavOf(dataDir, "porch"))).toBe(true);
  });

  it("needs a catalogue, and an ffmpeg", async () => {
    await using folder = await temporaryFolder();
    const dataDir = folder.path;
    const none = await run(dataDir);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("audio-receiver reindex")]);
    expect(existsSync(join(dataDir, "catalogue.db"))).toBe(false);
    const env = { FFMPEG_PATH: "/nowhere/ffmpeg" };
    const missing = await audioReceiver(["compress", "--data-dir", dataDir], { cwd: dataDir, env });
    expect([missing.code, missing.stderr]).toEqual([
      1,
      "audio-receiver: FFMPEG_PATH: /nowhere/ffmpeg is no ffmpeg that runs\n",
    ]);
    const wrong = await run(dataDir, "--format", "mp3");
    expect(wrong.code).toBe(2);
  });
});
