/** examples/python-client, run as a reader would: what it sends is what the vectors say, also over a restart. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ReceiverOptions, startReceiver } from "@audio/receiver";
import { formatWavHeader } from "@audio/wav";
import { afterEach, beforeEach, expect, it } from "vitest";

const CLIENT = join(import.meta.dirname, "..", "examples", "python-client", "audio_client.py");
const vector = (name: string) => readFileSync(join(import.meta.dirname, "vectors", name));
const MONO = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audio-python-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(options: ReceiverOptions = {}) {
  const dataDir = join(folder, "data");
  return startReceiver({ dataDir, host: "127.0.0.1", wsPort: 0, tcp: false, web: false, ...options });
}

/** Starts the client; what it prints comes with its end. */
function startClient(input: string, port: number) {
  const client = spawn("python3", [CLIENT, input, `ws://127.0.0.1:${port}/ws/kitchen`]);
  let said = "";
  for (const stream of [client.stdout, client.stderr]) stream.on("data", (text) => (said += text));
  const ended = once(client, "exit").then(([code]) => ({ code: code as number, said }));
  return { client, ended };
}

function recordedFrames(): Buffer {
  const recorded = join(folder, "data", "received", "kitchen");
  // two that begin in the same second are …_080645.bin and …_080645_2.bin
  const stems = readdirSync(recorded).flatMap((name) => /^(.*)\.bin$/.exec(name)?.[1] ?? []);
  const sorted = stems.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return Buffer.concat(sorted.map((stem) => readFileSync(join(recorded, `${stem}.bin`))));
}

it("sends a file, bit for bit", async () => {
  const pcm = vector("chirp.s16le");
  const file = join(folder, "chirp.wav");
  writeFileSync(file, Buffer.concat([formatWavHeader(MONO, pcm.length), pcm]));
  const receiver = await start();
  const { code, said } = await startClient(file, receiver.ports.ws!).ended;
  await receiver.close();
  expect([code, said]).toEqual([0, "100 frames, about 2.0 s of audio, all acknowledged\n"]);
  expect(recordedFrames().equals(vector("chirp.adpcm-low.bin"))).toBe(true);
});

it("goes on where it was when the receiver comes back", async () => {
  const pcm = vector("noise.s16le");
  const first = await start();
  const port = first.ports.ws!;
  const { client, ended } = startClient("-", port);
  client.stdin.write(pcm.subarray(0, 20_000));
  await once(first.events, "segment:open");
  await first.close();
  client.stdin.end(pcm.subarray(20_000));
  const second = await start({ wsPort: port });
  const { code, said } = await ended;
  await second.close();
  expect([code, said]).toEqual([
    0,
    expect.stringContaining("100 frames, about 2.0 s of audio, all acknowledged"),
  ]);
  expect(recordedFrames().equals(vector("noise.adpcm-low.bin"))).toBe(true);
});

it("says in one line what is wrong", async () => {
  const missing = spawnSync("python3", [CLIENT, join(folder, "none.wav"), "ws://127.0.0.1:1/ws"], {
    encoding: "utf8",
  });
  expect([missing.status, missing.stderr.split("\n").length, missing.stderr]).toEqual([
    1,
    2,
    expect.stringContaining("none.wav"),
  ]);
  const address = spawnSync("python3", [CLIENT, "-", "http://127.0.0.1/"], {
    input: Buffer.alloc(640),
    encoding: "utf8",
  });
  expect([address.status, address.stderr]).toEqual([
    1,
    expect.stringContaining("an address is ws://HOST:PORT/ws/NAME"),
  ]);
});
