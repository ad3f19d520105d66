import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import type { Device } from "./live-streams.js";
import { filesBelow } from "./recordings.js";
import { TestReceiver } from "./test-receiver.js";

const WAV_HEADER_BYTES = 44;
const PART = /\.part$/;

/** A data directory as a crash left it. */
export class CrashedFolder {
  private constructor(
    readonly path: string,
    private readonly finished: Record<string, string>,
  ) {}

  /** Takes what stands there now. */
  static async at(path: string): Promise<CrashedFolder> {
    const all = await fingerprints(path);
    const finished = Object.entries(all).filter(([name]) => !PART.test(name));
    return new CrashedFolder(path, Object.fromEntries(finished));
  }

  /** A copy without the lock of a process that, for the copy, is dead. */
  static copy(from: string, to: string): Promise<CrashedFolder> {
    cpSync(from, to, {
      recursive: true,
      preserveTimestamps: true,
      filter: (source) => !basename(source).startsWith("receiver.lock"),
    });
    return CrashedFolder.at(to);
  }

  /** Starts a receiver on it and stops it; fails when a finished file changed, or anything is left undone. */
  async recover(): Promise<void> {
    await restart(this.path);
    const after = await fingerprints(this.path);
    const kept = Object.keys(this.finished).map((name) => [name, after[name]]);
    expect(Object.fromEntries(kept)).toEqual(this.finished);
    expect(recordings(Object.keys(after)).filter((name) => PART.test(name))).toEqual([]);
    for (const name of Object.keys(after).filter((name) => /^quarantine.*\.part$/.test(name)))
      expect(readFileSync(join(this.path, `${name}.reason.txt`), "utf8")).toMatch(/\S/);
    await restart(this.path);
    expect(await fingerprints(this.path)).toEqual(after);
  }

  /** The segments of a device, in order of time: names without extension. */
  async segments({ files }: Device): Promise<string[]> {
    const all = recordings(await filesBelow(this.path));
    const names = all.filter((name) => basename(name).startsWith(files));
    const stems = names
      .filter((name) => /\.wav(\.part)?$/.test(name))
      .map((name) => name.replace(/\.wav(\.part)?$/, ""));
    return [...new Set(stems)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  }

  /** The file with this extension of a segment; undefined if there is none. */
  read(stem: string, extension: ".wav" | ".bin"): Buffer | undefined {
    const path = [stem + extension, `${stem}${extension}.part`]
      .map((name) => join(this.path, name))
      .find(existsSync);
    return path === undefined ? undefined : readFileSync(path);
  }

  /** The audio of a device's WAVs, joined, as their headers count it. */
  async audio(device: Device): Promise<Buffer> {
    const parts = (await this.segments(device)).map((stem) => audioOf(this.read(stem, ".wav")!));
    return Buffer.concat(parts);
  }

  /** The frames of a device's `.bin` files, joined. */
  async frames(device: Device): Promise<Buffer> {
    const bins = (await this.segments(device)).map((stem) => this.read(stem, ".bin"));
    return Buffer.concat(bins.filter((bin) => bin !== undefined));
  }

  /** What a receiver keeps beside the recordings for the next start. */
  private journals(): string[] {
    const folder = join(this.path, ".journal");
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }

  /**
   * Ruins the end of a device's last segment, WAV and `.bin`, and of the journals, as a power loss may: `random`
   * gives numbers in 0 … 1. Returns how many bytes of the device's audio stand before the damage.
   */
  async ruin(device: Device, random: () => number): Promise<number> {
    const stems = await this.segments(device);
    const audioBytes = stems.map((stem) => recoverableBytes(this.read(stem, ".wav")!));
    const last = join(this.path, stems.at(-1) ?? "none");
    for (const path of this.journals()) ruinFile(path, random);
    if (existsSync(`${last}.bin.part`)) ruinFile(`${last}.bin.part`, random);
    if (!existsSync(`${last}.wav.part`)) return sumOf(audioBytes);
    const safe = Math.max(0, ruinFile(`${last}.wav.part`, random) - WAV_HEADER_BYTES);
    return sumOf(audioBytes.slice(0, -1)) + Math.min(safe, audioBytes.at(-1)!);
  }
}

// In progress, whatever follows the header is audio; complete, its metadata follows, and the RIFF size counts it.
function recoverableBytes(wav: Buffer): number {
  if (wav.length < WAV_HEADER_BYTES) return 0;
  const claimed = wav.readUInt32LE(40);
  const complete = wav.readUInt32LE(4) > 36 + claimed;
  return complete ? Math.min(claimed, wav.length - WAV_HEADER_BYTES) : wav.length - WAV_HEADER_BYTES;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function audioOf(wav: Buffer): Buffer {
  return wav.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + wav.readUInt32LE(40));
}

/** Cuts a file, or overwrites its end with noise or zeros, or both; returns the bytes before. */
function ruinFile(path: string, random: () => number): number {
  const { size } = statSync(path);
  const from = Math.floor(random() * (size + 1));
  const kind = Math.floor(random() * 4);
  if (kind === 0) truncateSync(path, random() < 0.2 ? 0 : from);
  else {
    const length = kind === 3 ? size - from + Math.floor(random() * 9000) : size - from;
    const end = Buffer.alloc(length).map(() => (kind === 1 ? Math.floor(random() * 256) : 0));
    writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, from), end]));
  }
  return Math.min(from, statSync(path).size);
}

async function restart(dataDir: string): Promise<void> {
  await using receiver = await TestReceiver.start({ dataDir, ws: false, tcp: false, web: false });
  expect(receiver.dataDir).toBe(dataDir);
}

function recordings(names: readonly string[]): string[] {
  return names.filter((name) => /^(audio|received)\//.test(name));
}

async function fingerprints(folder: string): Promise<Record<string, string>> {
  const names = await filesBelow(folder);
  const entries = names.map((name) => {
    const path = join(folder, name);
    const hash = createHash("sha1").update(readFileSync(path)).digest("hex");
    return [name, `${statSync(path).mtimeMs} ${hash}`];
  });
  return Object.fromEntries(entries);
}
