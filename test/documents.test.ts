/** The parts of docs/ that are written from code, or of it: they must not drift apart. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { blockBytes, decodeBlock, encodeBlock, initialStates } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, formatFrame, formatHandshake } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { findDocuments } from "./snippets/blocks.js";

const ROOT = join(import.meta.dirname, "..");
const ROOT_DOCUMENTS = ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map((path) => ({ path }));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

it("docs/configuration.md holds every setting of the receiver", () => {
  const script = join(ROOT, "scripts", "generate-configuration-docs.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  const current = ["docs/configuration.md", "packages/receiver/config.schema.json"];
  expect(stdout + stderr).toBe(current.map((path) => `${path} is up to date\n`).join(""));
});

it("docs/cli.md, docs/http.md and the README's list of pages say what the built programs say", () => {
  const script = join(ROOT, "scripts", "generate-reference-docs.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  const documents = ["docs/cli.md", "docs/http.md", "README.md"];
  expect(stdout + stderr).toBe(documents.map((path) => `${path} is up to date\n`).join(""));
});

it("docs/README.md, the order of pages, has every page once", () => {
  const links = Array.from(read("docs/README.md").matchAll(/^- \[.+?\]\((\S+?)\): /gm), ([, link]) => link);
  const listed = links.map((link) => join("docs", link));
  const apart = /^(packages\/|docs\/README)/; // packages stand in a group of their own
  const pages = [...findDocuments(), ...ROOT_DOCUMENTS].map(({ path }) => path);
  expect(pages.filter((path) => !apart.test(path) && !listed.includes(path))).toEqual([]);
  expect(listed.filter((path, i) => listed.indexOf(path) !== i)).toEqual([]);
});

describe("docs/protocol.md, byte by byte", () => {
  const SAMPLE_RATE = 16_000;
  const FRAME_SAMPLES = 320;
  const TIMESTAMP_MS = 1_767_225_600_123;
  const SHORT_FRAME_SAMPLES = 8;

  /** One line of the dump: offset, bytes, field, what they mean. */
  function line(bytes: Uint8Array, start: number, end: number, field: string, meaning: unknown): string {
    const shown = Array.from(bytes.subarray(start, end), (byte) => byte.toString(16).padStart(2, "0"));
    return `${String(start).padStart(3)}  ${shown.join(" ").padEnd(23)}  ${field.padEnd(13)}  ${meaning}\n`;
  }

  function handshakeDump(): string {
    const bytes = formatHandshake({
      streamId: 7,
      sampleRate: SAMPLE_RATE,
      channels: 1,
      codec: "ima-adpcm",
      frameSamples: FRAME_SAMPLES,
      timestampMs: BigInt(TIMESTAMP_MS),
    });
    return [
      "handshake, 32 bytes\n",
      line(bytes, 0, 4, "magic", "0x41445043"),
      line(bytes, 4, 6, "version", 1),
      line(bytes, 6, 8, "header_len", 32),
      line(bytes, 8, 12, "stream_id", 7),
      line(bytes, 12, 16, "sample_rate", SAMPLE_RATE),
      line(bytes, 16, 18, "channels", 1),
      line(bytes, 18, 20, "codec", "1, IMA ADPCM"),
      line(bytes, 20, 22, "frame_samples", FRAME_SAMPLES),
      line(bytes, 22, 24, "reserved", 0),
      line(bytes, 24, 32, "timestamp_ms", `${TIMESTAMP_MS}, ${new Date(TIMESTAMP_MS).toISOString()}`),
    ].join("");
  }

  /** A full frame of 440 Hz, then the short one that the page walks through, with the state before it. */
  function shortLastFrame() {
    const pcm = Int16Array.from({ length: FRAME_SAMPLES + SHORT_FRAME_SAMPLES }, (_, i) =>
      Math.round(12_000 * Math.sin((2 * Math.PI * 440 * i) / SAMPLE_RATE)),
    );
    const states = initialStates(1);
    encodeBlock(pcm, 0, FRAME_SAMPLES, 1, states, new Uint8Array(blockBytes(FRAME_SAMPLES, 1)), 0);
    const before = { ...states[0] };
    const block = new Uint8Array(blockBytes(SHORT_FRAME_SAMPLES, 1));
    encodeBlock(pcm, FRAME_SAMPLES, SHORT_FRAME_SAMPLES, 1, states, block, 0);
    return { before, block, bytes: formatFrame("ima-adpcm", 1, block), samples: pcm.subarray(FRAME_SAMPLES) };
  }

  function frameDump(): string {
    const { before, block, bytes } = shortLastFrame();
    const decoded = new Int16Array(SHORT_FRAME_SAMPLES);
    decodeBlock(block, 0, block.length, 1, "low", decoded, 0, SHORT_FRAME_SAMPLES);
    const nibbles = Array.from(bytes.subarray(16), (byte, i) => {
      const meaning = `${byte & 15} → ${decoded[i * 2]}, ${byte >> 4} → ${decoded[i * 2 + 1]}`;
      return line(bytes, 16 + i, 17 + i, "nibbles", meaning);
    });
    return [
      "frame, 20 bytes\n",
      line(bytes, 0, 4, "magic", "0x41445046"),
      line(bytes, 4, 8, "length", block.length),
      line(bytes, 8, 12, "seq", 1),
      line(bytes, 12, 14, "predictor", before.predictor),
      line(bytes, 14, 15, "step_index", before.stepIndex),
      line(bytes, 15, 16, "reserved", 0),
      ...nibbles,
    ].join("");
  }

  it("shows the handshake and the frame that the code writes", () => {
    expect(read("docs/protocol.md")).toContain(`${handshakeDump()}\n${frameDump()}`);
  });

  it("names the samples that went in", () => {
    const { samples } = shortLastFrame();
    expect(read("docs/protocol.md")).toContain(Array.from(samples).join(", ").replaceAll("-", "−"));
  });
});

it("docs/faq.md computes how much disk a microphone takes", () => {
  const row = (name: string, sampleRate: number, channels: 1 | 2) => {
    const frameSamples = sampleRate / 50;
    const wav = sampleRate * channels * 2;
    const frame = (payload: number) => 50 * (FRAME_HEADER_BYTES + payload);
    const bins = [frame(blockBytes(frameSamples, channels)), frame(frameSamples * channels * 2)];
    const gb = (bytesPerSecond: number, days: number, digits: number) =>
      `${((bytesPerSecond * 86_400 * days) / 1e9).toFixed(digits)} GB`;
    const cells = [name, `${Math.round((wav * 3600) / 1e6)} MB`, gb(wav, 1, 2), gb(wav, 30, 0)];
    return [...cells, ...bins.map((bytes) => gb(bytes, 1, 2))];
  };
  const rows = Array.from(read("docs/faq.md").matchAll(/^\| (\d+ kHz,.*) \|$/gm), ([, cells]) =>
    cells.split("|").map((cell) => cell.trim()),
  );
  expect(rows).toEqual([
    row("16 kHz, mono, 16 bit", 16_000, 1),
    row("48 kHz, mono, 16 bit", 48_000, 1),
    row("48 kHz, stereo, 16 bit", 48_000, 2),
  ]);
});

describe("links between documents", () => {
  /** Anchors as GitHub makes them of headings. */
  function anchors(markdown: string): string[] {
    const headings = Array.from(markdown.matchAll(/^#{1,6} (.+)$/gm), ([, text]) => text);
    return headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
  }

  function brokenLinks(path: string): string[] {
    const prose = read(path).replace(/^ *(```|~~~)[\s\S]*?^ *\1/gm, "");
    const targets = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target);
    return targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file, anchor] = target.split("#");
      const linked = file === "" ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, linked))) return true;
      return anchor !== undefined && !anchors(read(linked)).includes(anchor);
    });
  }

  it.each([...findDocuments(), ...ROOT_DOCUMENTS])("of $path lead somewhere", ({ path }) => {
    expect(brokenLinks(path)).toEqual([]);
  });
});
