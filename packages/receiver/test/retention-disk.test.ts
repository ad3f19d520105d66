import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, logLines, ServerProcess } from "./support/command.js";
import { readRecording, wavsBelow } from "./support/recordings.js";
import { SmallDisk } from "./support/small-disk.js";
import { StreamClient } from "./support/stream-client.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const MEGABYTE = 1_000_000;
const STREAMS = 16;
const RATE = 48_000;
const FRAME = RATE / 10;
const SECONDS = 14;
const AHEAD_MS = 3000;
// Of 48 MB, WAV and .bin of 14 s of 16 streams take 43: half of it must have gone by then.
const KEEP_FREE_MB = 26;
const FLAGS = ["--min-free-mb=2", `--retention-keep-free-mb=${KEEP_FREE_MB}`, "--ws-segment-seconds=1"];
const SECOND = tones(RATE);

async function freeMegabytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return (bavail * bsize) / MEGABYTE;
}

/** Streams in real time, ahead of it by some seconds: a machine that hiccups is no device that stalls. */
async function stream(url: string, streamId: number): Promise<void> {
  using client = await StreamClient.connect(`${url}/mic${streamId}`);
  client.send(handshake({ streamId, sampleRate: RATE, frameSamples: FRAME }));
  const startMs = performance.now() - AHEAD_MS;
  for (let second = 0; second < SECONDS; second++) {
    client.send(...pcmFrames(SECOND, { frameSamples: FRAME, firstSeq: (second * RATE) / FRAME }));
    await pause(startMs + (second + 1) * 1000 - performance.now());
  }
  await client.close();
}

describe("streams that would fill their disk", () => {
  it("are recorded to the end, while the oldest goes and room stays", async () => {
    await using folder = await temporaryFolder();
    await using disk = await SmallDisk.mount("size=48m");
    const flags = [...FLAGS, "--data-dir", disk.path, "--compress=none"];
    await using server = await ServerProcess.start({ cwd: folder.path, flags });
    const ids = Array.from({ length: STREAMS }, (_, i) => i + 1);
    await Promise.all(ids.map((id) => stream(server.ready.ws as string, id)));
    await until("room is made", async () => (await freeMegabytes(disk.path)) >= KEEP_FREE_MB);
    const { code, stdout } = await server.stop();
    expect(code).toBe(0);
    const said = logLines(stdout);
    expect(said.filter(({ msg }) => /recording stopped/.test(String(msg)))).toEqual([]);
    expect(said).toContainEqual(expect.objectContaining({ msg: expect.stringMatching(/retention deleted/) }));
    const gaps = await audioReceiver(["gaps", "--data-dir", disk.path], { cwd: folder.path });
    expect(gaps.stdout).toBe("no gaps\n");
    for (const id of ids) await expectNewest(join(disk.path, "received", `mic${id}`));
  });
});

/** Of what was recorded, the beginning is gone, and the rest is there without a hole. */
async function expectNewest(folder: string): Promise<void> {
  const segments = await Promise.all((await wavsBelow(folder)).map((path) => readRecording(path)));
  expect(segments.length).toBeGreaterThan(1);
  expect(segments.length).toBeLessThan(SECONDS - 2);
  for (const [i, { metadata }] of segments.slice(1).entries())
    expect(metadata?.startUs).toBe((segments[i].metadata?.startUs ?? 0) + 1_000_000);
}
