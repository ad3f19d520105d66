import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { formatFrame, formatHandshake } from "@audio/protocol";
import { formatWavHeader } from "@audio/wav";
import { describe, expect, it } from "vitest";
import { type RecoveredFile, recoverParts } from "../src/index.js";
import { contentOf, put } from "./support/recordings.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const WAV = Buffer.concat([
  formatWavHeader({ sampleRate: 16_000, channels: 1, bitsPerSample: 16 }, 0),
  Buffer.alloc(640, 5),
]);
const FRAME = formatFrame("pcm16", 0, new Uint8Array(640).fill(5));

async function recover(folder: string): Promise<RecoveredFile[]> {
  const files: RecoveredFile[] = [];
  for await (const file of recoverParts(folder)) files.push(file);
  return files;
}

describe("a name that is taken by now", () => {
  it.each([
    [["x.wav"], ["x.wav", "x_2.bin", "x_2.wav"]],
    [["x.bin"], ["x.bin", "x_2.bin", "x_2.wav"]],
    [["x.flac"], ["x.flac", "x_2.bin", "x_2.wav"]],
    [
      ["x.opus", "x_2.wav"],
      ["x.opus", "x_2.wav", "x_3.bin", "x_3.wav"],
    ],
  ])("moves WAV and .bin on together: %j", async (standing, expected) => {
    const folder = newFolder();
    for (const path of standing) put(folder, path, "precious");
    put(folder, "x.wav.part", WAV);
    put(folder, "x.bin.part", FRAME);
    await recover(folder);
    expect(filesBelow(folder)).toEqual(expected);
    for (const path of standing) expect(contentOf(folder, path).toString()).toBe("precious");
  });

  it("never makes two segments of one crash overwrite each other", async () => {
    const folder = newFolder();
    put(folder, "x.wav", "precious");
    for (const stem of ["x", "x_2", "x_3"])
      put(folder, `${stem}.wav.part`, Buffer.concat([WAV, Buffer.from(stem.padEnd(4))]));
    await recover(folder);
    const recovered = filesBelow(folder).filter((path) => path !== "x.wav");
    expect(recovered).toHaveLength(3);
    expect(recovered.map((path) => contentOf(folder, path).subarray(-4).toString().trim()).sort()).toEqual([
      "x",
      "x_2",
      "x_3",
    ]);
    expect(contentOf(folder, "x.wav").toString()).toBe("precious");
  });

  it("is no obstacle when it is the segment's own .bin: the crash came between two renames", async () => {
    const folder = newFolder();
    put(folder, "x.bin", FRAME);
    put(folder, "x.wav.part", WAV);
    await recover(folder);
    expect(filesBelow(folder)).toEqual(["x.bin", "x.wav"]);
  });
});

describe("a file that is no recording", () => {
  const junk = Buffer.from("this is not audio at all, but long enough to have a header");

  it.each([
    ["wav", junk],
    ["wav", Buffer.concat([Buffer.alloc(44), Buffer.alloc(5000, 7)])], // the first page never reached the disk
    ["wav", Buffer.concat([Buffer.alloc(2_000_000), Buffer.of(1)])],
    ["bin", junk],
    ["bin", Buffer.concat([Buffer.alloc(4096), FRAME])],
  ])("goes to quarantine with its reason, whole: .%s", async (extension, content) => {
    const folder = newFolder();
    put(folder, `d/e/x.${extension}.part`, content);
    const [{ outcome, path, reason }] = await recover(folder);
    const quarantined = `quarantine/d_e_x.${extension}.part`;
    expect(outcome).toBe("quarantined");
    expect(path).toBe(join(folder, quarantined));
    expect(filesBelow(folder)).toEqual([quarantined, `${quarantined}.reason.txt`]);
    expect(contentOf(folder, quarantined).equals(content)).toBe(true);
    expect(contentOf(folder, `${quarantined}.reason.txt`).toString()).toBe(`${reason}\n`);
    expect(reason).toMatch(/^not a (WAV file|\.bin) of this recorder: /);
  });

  it("stops none of those before and behind it, and overwrites none in quarantine", async () => {
    const folder = newFolder();
    for (const path of ["a.wav.part", "m/a.wav.part", "z/a.wav.part"]) put(folder, path, WAV);
    for (const path of ["m/b.wav.part", "m_b.wav.part"])
      put(folder, path, Buffer.concat([junk, Buffer.from(path)]));
    const outcomes = (await recover(folder)).map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual(["quarantined", "quarantined", "recovered", "recovered", "recovered"]);
    expect(filesBelow(folder)).toEqual([
      "a.wav",
      "m/a.wav",
      "quarantine/m_b.wav.part",
      "quarantine/m_b.wav.part.reason.txt",
      "quarantine/m_b.wav.part_2",
      "quarantine/m_b.wav.part_2.reason.txt",
      "z/a.wav",
    ]);
    expect(await recover(folder)).toEqual([]);
  });
});

describe("a file without audio", () => {
  const handshake = formatHandshake({
    streamId: 1,
    sampleRate: 16_000,
    channels: 1,
    codec: "pcm16",
    frameSamples: 320,
    timestampMs: 0n,
  });

  it.each([
    ["wav", Buffer.alloc(0)],
    ["wav", WAV.subarray(0, 20)],
    ["wav", WAV.subarray(0, 44)],
    ["wav", WAV.subarray(0, 45)],
    ["wav", Buffer.alloc(8192)],
    ["bin", Buffer.alloc(0)],
    ["bin", FRAME.subarray(0, 5)],
    ["bin", FRAME.subarray(0, 500)],
    ["bin", Buffer.alloc(3_000_000)],
    ["bin", handshake],
    ["bin", Buffer.concat([handshake, FRAME.subarray(0, 100)])],
  ])("is removed: .%s", async (extension, content) => {
    const folder = newFolder();
    put(folder, `x.${extension}.part`, content);
    expect(await recover(folder)).toMatchObject([
      { outcome: "empty", path: undefined, cutBytes: content.length },
    ]);
    expect(filesBelow(folder)).toEqual([]);
  });
});

describe("what recovery may not touch", () => {
  // Permissions do not bind root: the test becomes nobody for as long as it needs.
  async function asNobody<Result>(task: () => Promise<Result>): Promise<Result> {
    if (process.geteuid?.() !== 0) return task();
    process.seteuid?.(65_534);
    return task().finally(() => process.seteuid?.(0));
  }

  function openToAll(folder: string): string {
    chmodSync(join(folder, ".."), 0o755);
    chmodSync(folder, 0o777);
    return folder;
  }

  it("stays where it is, named with the reason; the rest is repaired", async () => {
    const folder = openToAll(newFolder());
    put(folder, "x.wav.part", WAV);
    put(folder, "y.wav.part", WAV);
    chmodSync(join(folder, "x.wav.part"), 0o400);
    chmodSync(join(folder, "y.wav.part"), 0o666);
    const [first, second] = await asNobody(() => recover(folder));
    const part = join(folder, "x.wav.part");
    expect(first).toMatchObject({
      part,
      outcome: "left",
      path: part,
      reason: expect.stringContaining("EACCES"),
    });
    expect(filesBelow(folder)).toEqual(["x.wav.part", "y.wav"]);
    expect(second.outcome).toBe("recovered");
  });

  it("may be a folder that only root may look into: lost+found", async () => {
    const folder = openToAll(newFolder());
    mkdirSync(join(folder, "lost+found"));
    chmodSync(join(folder, "lost+found"), 0);
    put(folder, "y.wav.part", WAV);
    chmodSync(join(folder, "y.wav.part"), 0o666);
    expect(await asNobody(() => recover(folder))).toMatchObject([{ outcome: "recovered" }]);
    chmodSync(join(folder, "lost+found"), 0o700);
  });

  it("is what links lead to", async () => {
    const [folder, elsewhere] = [newFolder(), newFolder()];
    put(elsewhere, "x.wav.part", WAV);
    symlinkSync(elsewhere, join(folder, "link"));
    symlinkSync(join(elsewhere, "x.wav.part"), join(folder, "y.wav.part"));
    expect(await recover(folder)).toEqual([]);
    expect(filesBelow(elsewhere)).toEqual(["x.wav.part"]);
  });
});
