import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { filesBelow, readRecording } from "./support/recordings.js";
import { SmallDisk } from "./support/small-disk.js";
import { StreamClient } from "./support/stream-client.js";
import { dial } from "./support/tcp-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until, within } from "./support/waiting.js";

const MEGABYTE = 1_000_000;
// Noise: any piece of it is found at one place only.
const AUDIO = noiseBytes(32_000 * 60);

/** A device that streams in real time until it is told to stop. */
class LiveDevice {
  frames = 0;
  #stopped = false;
  readonly #playing: Promise<void>;

  private constructor(readonly client: StreamClient) {
    this.#playing = this.#play();
  }

  static async start(server: TestReceiver, streamId: number): Promise<LiveDevice> {
    const client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake({ streamId }));
    return new LiveDevice(client);
  }

  get connected(): boolean {
    return this.client.socket.readyState === this.client.socket.OPEN;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#playing;
    expect(await this.client.close()).toEqual({ code: 1000, reason: "" });
  }

  async #play(): Promise<void> {
    const frames = pcmFrames(AUDIO, { frameSamples: 320 });
    const start = performance.now();
    for (; this.frames < frames.length && !this.#stopped; this.frames++) {
      this.client.send(frames[this.frames]);
      await pause(Math.max(0, start + (this.frames + 1) * 20 - performance.now()));
    }
  }
}

async function readiness(server: TestReceiver): Promise<[number, unknown]> {
  const answer = await fetch(server.web("/readyz"));
  return [answer.status, await answer.json()];
}

const OK = [200, { status: "ok", reasons: [] }];
const troubled = (reason: string) => [503, { status: "unavailable", reasons: [reason] }];

function ready(server: TestReceiver, expected: unknown[], longestMs?: number): Promise<boolean> {
  const same = async () => JSON.stringify(await readiness(server)) === JSON.stringify(expected);
  return until(`readyz ${JSON.stringify(expected)}`, same, longestMs);
}

async function expectRefusal(server: TestReceiver, reason: string): Promise<void> {
  using raw = await RawWebSocket.open(server.wsPort);
  await raw.gone();
  expect(raw.status).toBe(503);
  expect(raw.answer).toContain(reason);
  const socket = (await dial(server)).resume();
  await until("TCP is closed at once", () => socket.readableEnded || socket.destroyed);
  expect(server.refused.slice(-2)).toMatchObject([
    { listener: "websocket", code: 503, reason },
    { listener: "tcp", reason },
  ]);
}

/** Every finished WAV is a whole piece of what was sent; returns the pieces as [from, until) in frames of 20 ms. */
async function pieces(folder: string): Promise<[number, number][]> {
  const names = (await filesBelow(folder)).filter((name) => !name.startsWith("gaps/"));
  expect(names.filter((name) => !/\.(wav|bin)$/.test(name) && name !== "filler")).toEqual([]);
  const found: [number, number][] = [];
  for (const name of names.filter((one) => one.endsWith(".wav"))) {
    const { data, riffBytes, fileBytes } = await readRecording(join(folder, name));
    expect(riffBytes).toBe(fileBytes - 8);
    const at = AUDIO.indexOf(data.subarray(0, 64));
    expect(AUDIO.subarray(at, at + data.length).equals(data)).toBe(true);
    found.push([at / 2, (at + data.length) / 2]);
  }
  for (const name of names.filter((one) => one.endsWith(".bin"))) {
    expect((await readFile(join(folder, name))).length % 652).toBe(0);
  }
  return found.sort(([a], [b]) => a - b);
}

describe.concurrent("a disk that is full", () => {
  it("keeps the server up, drops and accounts for the audio, and recording goes on when there is space", async () => {
    await using disk = await SmallDisk.mount("size=8m");
    await using server = await TestReceiver.start({
      dataDir: disk.path,
      wsSegmentSeconds: 1,
      fsync: "segment",
    });
    const devices = [await LiveDevice.start(server, 1)];
    await pause(1500);
    expect(await readiness(server)).toEqual(OK);
    await disk.fill();
    await ready(server, troubled("disk-full"));
    expect((await fetch(server.web("/healthz"))).status).toBe(200);
    await expectRefusal(server, "disk-full");
    await pause(1200);
    expect(devices.map(({ connected }) => connected)).toEqual([true]);
    await disk.clear();
    const start = performance.now();
    await ready(server, OK);
    expect(performance.now() - start).toBeLessThan(5000);
    const before = server.segments.length;
    devices.push(await LiveDevice.start(server, 2));
    await until(
      "segments of both",
      () => new Set(server.segments.slice(before).map(({ stream }) => stream.streamId)).size === 2,
    );
    for (const device of devices) await device.stop();
    await server.receiver.close();
    const recorded = await pieces(disk.path);
    const gaps = server.gaps.filter(({ stream, cause }) => stream.streamId === 1 && cause === "disk-full");
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.every(({ filled }) => !filled)).toBe(true);
    // Every sample of the two streams is in a file or in the ledger, and in one of them only.
    const lost = gaps.reduce((sum, { samples }) => sum + samples, 0);
    const kept = recorded.reduce((sum, [from, to]) => sum + to - from, 0);
    expect(kept + lost).toBe((devices[0].frames + devices[1].frames) * 320);
    expect(server.closed.find(({ stream }) => stream.streamId === 1)?.status.samples).toBe(
      devices[0].frames * 320,
    );
  });

  it("does not hold up the server's end", async () => {
    await using disk = await SmallDisk.mount("size=4m");
    await using server = await TestReceiver.start({ dataDir: disk.path, fsync: "segment" });
    const device = await LiveDevice.start(server, 1);
    await pause(700);
    await disk.fill();
    await ready(server, troubled("disk-full"));
    await within(10_000, "the receiver stops", server.receiver.close());
    expect(await device.client.closed).toMatchObject({ code: 1001 });
    await disk.clear();
    await using again = await TestReceiver.start({ dataDir: disk.path });
    expect(await readiness(again)).toEqual(OK);
    expect((await pieces(disk.path)).length).toBeGreaterThan(0);
  });

  it("for lack of inodes is a full disk too", async () => {
    await using disk = await SmallDisk.mount("size=8m,nr_inodes=12");
    await using server = await TestReceiver.start({ dataDir: disk.path, minFreeFiles: 0 });
    const fillers = Array.from({ length: 12 }, (_, i) => join(disk.path, `inode-${i}`));
    const made: string[] = [];
    for (const filler of fillers)
      await writeFile(filler, "").then(
        () => made.push(filler),
        () => undefined,
      );
    const device = await LiveDevice.start(server, 1);
    await ready(server, troubled("disk-full"));
    for (const filler of made) await rm(filler);
    await ready(server, OK, 5000);
    await pause(500);
    await device.stop();
    await server.streamClosed(1);
    expect(server.segmentsOf(1).length).toBeGreaterThan(0);
  });
});

describe.concurrent("minFreeMb", () => {
  it("stops before the disk is full: what is open is finished, not torn", async () => {
    await using disk = await SmallDisk.mount("size=12m");
    await using server = await TestReceiver.start({ dataDir: disk.path, minFreeMb: 6, wsSegmentSeconds: 60 });
    const device = await LiveDevice.start(server, 1);
    await pause(800);
    await disk.fill(5 * MEGABYTE);
    await ready(server, troubled("disk-full"));
    const [segment] = await until(
      "the finished segment",
      () => server.segments.length === 1 && server.segments,
    );
    expect(segment.samples).toBeGreaterThan(0);
    expect((await readRecording(segment.path)).metadata?.samples).toBe(segment.samples);
    await expectRefusal(server, "disk-full");
    await pause(600); // audio comes meanwhile, and is dropped
    await disk.clear();
    await ready(server, OK, 5000);
    await pause(600);
    await device.stop();
    await server.streamClosed(1);
    const recorded = await pieces(disk.path);
    expect(recorded).toHaveLength(2);
    const [gap, ...others] = server.gaps.filter(({ cause }) => cause === "disk-full");
    expect(others).toEqual([]);
    expect(gap.samples).toBe(recorded[1][0] - recorded[0][1]);
    expect(server.failed).toEqual([]);
  });

  it("holds for connections that were made before, but whose stream was not begun", async () => {
    await using disk = await SmallDisk.mount("size=4m");
    await using server = await TestReceiver.start({ dataDir: disk.path, minFreeMb: 2 });
    using client = await StreamClient.connect(server.ws());
    const socket = (await dial(server)).resume();
    await disk.fill(MEGABYTE);
    await ready(server, troubled("disk-full"));
    client.send(handshake());
    expect(await client.closed).toEqual({ code: 1013, reason: "disk-full" });
    socket.write(noiseBytes(1000));
    await until("TCP is closed at once", () => socket.readableEnded || socket.destroyed);
    expect(server.refused).toMatchObject([
      { listener: "websocket", code: 1013, reason: "disk-full" },
      { listener: "tcp", reason: "disk-full" },
    ]);
    expect(server.opened).toEqual([]);
  });

  it("holds from the start on", async () => {
    await using disk = await SmallDisk.mount("size=4m");
    await using server = await TestReceiver.start({ dataDir: disk.path, minFreeMb: 100 });
    expect(await readiness(server)).toEqual(troubled("disk-full"));
    await expectRefusal(server, "disk-full");
  });
});

describe.concurrent("a data directory", () => {
  it("that vanishes is not made anew on the disk beneath; when it is back, recording goes on", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using server = await TestReceiver.start({ dataDir, wsSegmentSeconds: 1 });
    const device = await LiveDevice.start(server, 1);
    await pause(1300);
    await rename(dataDir, join(folder.path, "unmounted"));
    await ready(server, troubled("disk-unavailable"));
    await expectRefusal(server, "disk-unavailable");
    await pause(1500);
    expect(device.connected).toBe(true);
    expect((await filesBelow(folder.path)).filter((name) => name.startsWith("data/"))).toEqual([]);
    await mkdir(dataDir);
    await ready(server, OK, 5000);
    await until(
      "a new segment",
      () =>
        server.segments.length > 0 &&
        filesBelow(dataDir).then((names) => names.some((name) => name.endsWith(".wav"))),
    );
    await device.stop();
    await server.receiver.close();
    expect(server.gaps).toMatchObject([{ cause: "disk-full" }]);
    expect((await pieces(dataDir)).length).toBeGreaterThan(0);
  });

  it("that vanishes under many short segments fails each of them by itself, and nothing else", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using server = await TestReceiver.start({ dataDir, wsSegmentSeconds: 0.1, fsync: "segment" });
    using client = await StreamClient.connect(server.ws("/kitchen"));
    client.send(handshake(), ...pcmFrames(AUDIO.subarray(0, 960_000), { frameSamples: 320 }));
    await until("the first segments", () => server.segments.length > 5);
    await rm(dataDir, { recursive: true, maxRetries: 50 });
    await ready(server, troubled("disk-unavailable"));
    expect(await client.close()).toMatchObject({ code: 1000 });
    const { status } = await server.streamClosed(7);
    expect(status.samples).toBe(480_000);
    const told = server.segments.length + server.failed.length;
    expect(new Set([...server.segments, ...server.failed].map(({ path }) => path)).size).toBe(told);
  });

  it("that is gone when the server ends does not spoil the end", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using server = await TestReceiver.start({ dataDir });
    const device = await LiveDevice.start(server, 1);
    await pause(600);
    await rm(dataDir, { recursive: true });
    await within(10_000, "the receiver stops", server.receiver.close());
    expect(await device.client.closed).toMatchObject({ code: 1001 });
  });

  it("that is read-only is told also when nobody streams, and works again as soon as it can be written", async () => {
    await using disk = await SmallDisk.mount("size=4m");
    await using server = await TestReceiver.start({ dataDir: disk.path });
    disk.remount("ro");
    await ready(server, troubled("disk-unavailable"));
    await expectRefusal(server, "disk-unavailable");
    disk.remount("rw");
    await ready(server, OK, 5000);
    const device = await LiveDevice.start(server, 1);
    await pause(500);
    await device.stop();
    await server.streamClosed(1);
    expect(await pieces(disk.path)).toHaveLength(1);
  });
});
