/** The C of examples/esp32, compiled for this machine: codec and framing against the vectors, the queue against a model. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SegmentComplete, startReceiver } from "@audio/receiver";
import { parseWavHeader } from "@audio/wav";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "..", "examples", "esp32");
const VECTORS = join(import.meta.dirname, "vectors");
const vector = (name: string) => readFileSync(join(VECTORS, name));
const { signals } = JSON.parse(vector("index.json").toString()) as {
  signals: { name: string; pcm: string; adpcmLow: string; decoded: string }[];
};

let folder: string;

/** Compiles a program of host/, with the warnings on and the sanitizers in. */
function compile(name: string): string {
  const program = join(folder, name);
  const shared = ["ima_adpcm.c", "audio_frames.c", "frame_queue.c"].map((file) => `audio_frames/${file}`);
  const strict = ["-std=c99", "-D_POSIX_C_SOURCE=200112L", "-Wall", "-Wextra", "-Werror"];
  const checked = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const words = [...strict, ...checked, "-Iaudio_frames", `host/${name}.c`, ...shared, "-o", program];
  const { status, stderr } = spawnSync("cc", words, { cwd: SOURCES, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return program;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "audio-esp32-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the device's codec and framing", () => {
  it("give every byte of the vectors", () => {
    const program = compile("stream_file");
    for (const { name, pcm, adpcmLow } of signals) {
      const out = join(folder, `${name}.bin`);
      const { status, stderr } = spawnSync(program, [out], { input: vector(pcm) });
      expect([status, stderr.toString()]).toEqual([0, ""]);
      const wanted = Buffer.concat([vector("handshake.bin"), vector(adpcmLow)]);
      expect(readFileSync(out).equals(wanted), name).toBe(true);
    }
  });

  it("are recorded as the vectors say they sound", async () => {
    const program = compile("stream_file");
    const dataDir = join(folder, "data");
    const receiver = await startReceiver({ dataDir, host: "127.0.0.1", ws: false, tcpPort: 0, web: false });
    const complete = once(receiver.events, "segment:complete");
    const device = spawn(program, ["127.0.0.1", String(receiver.ports.tcp)]);
    const ended = once(device, "exit");
    device.stdin.end(vector("chirp.s16le"));
    const [{ path }] = (await complete) as [SegmentComplete];
    expect(await ended).toEqual([0, null]);
    await receiver.close();
    const file = readFileSync(path);
    const { dataOffset, dataBytes } = parseWavHeader(file)!;
    expect(file.subarray(dataOffset, dataOffset + dataBytes).equals(vector("chirp.decoded.s16le"))).toBe(
      true,
    );
  });
});

describe("the queue of frames", () => {
  const CAPACITY = 4;
  type Step = { readonly what: "add" | "send" | "ack" | "resume"; readonly ahead: number };

  /** Frames as a list; `sent` of them have been sent. */
  function* model(start: number, steps: readonly Step[]) {
    let kept: number[] = [];
    let [sent, next, dropped] = [0, start, 0];
    for (const { what, ahead } of steps) {
      if (what === "add") {
        kept.push(next++);
        if (kept.length > CAPACITY) {
          kept = kept.slice(1);
          sent = Math.max(0, sent - 1);
          dropped++;
        }
      } else if (what === "send") {
        sent = Math.min(kept.length, sent + 1);
      } else {
        const forgotten = kept.filter((seq) => seq < start + ahead).length;
        kept = kept.slice(forgotten);
        sent = what === "resume" ? 0 : Math.max(0, sent - forgotten);
      }
      const first = next - kept.length;
      yield [first, first + sent, next]
        .map((seq) => seq >>> 0)
        .concat(dropped)
        .join(" ");
    }
  }

  const steps = fc.array(
    fc.record({
      what: fc.constantFrom("add", "add", "send", "ack", "resume"),
      ahead: fc.nat(40),
    }) as fc.Arbitrary<Step>,
    { maxLength: 60 },
  );

  it("keeps what is not acknowledged, drops the oldest, and goes on behind 2^32 - 1", () => {
    const program = compile("queue");
    const starts = fc.constantFrom(0, 2 ** 32 - 8);
    fc.assert(
      fc.property(starts, steps, (start, list) => {
        const input = list.map(({ what, ahead }) => `${what} ${(start + ahead) >>> 0}\n`).join("");
        const { stdout } = spawnSync(program, [String(start)], { input, encoding: "utf8" });
        expect(stdout.split("\n").slice(0, -1)).toEqual([...model(start, list)].map((line) => `${line} ok`));
      }),
      { numRuns: 60 },
    );
  });
});
