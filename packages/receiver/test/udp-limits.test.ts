import { createSocket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { WAV_HEADER_BYTES } from "@audio/wav";
import { afterEach, describe, expect, it } from "vitest";
import type { PeerRefused, ReceiverEvents, ReceiverOptions } from "../src/index.js";
import { Refusals } from "../src/ingest/udp/refusals.js";
import { noiseBytes, tones } from "./support/audio.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { filesBelow, joinedAudio, wavsBelow } from "./support/recordings.js";
import { restoreDisk, stallDisk } from "./support/stalled-disk.js";
import { ended } from "./support/tcp-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { datagrams, UdpDevice } from "./support/udp-client.js";
import { until } from "./support/waiting.js";

afterEach(restoreDisk);

async function bytesBelow(folder: string): Promise<number> {
  const sizes = (await filesBelow(folder)).map(async (path) => (await stat(join(folder, path))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describe("while the disk takes nothing", () => {
  it.each(["silence", "none"] as const)(
    "audio is dropped, and told as one gap; gapFill %s",
    async (gapFill) => {
      const options = { udpPort: 0, sampleRate: 48_000, channels: 2, gapFill };
      await using server = await TestReceiver.start(options);
      await using device = await UdpDevice.open(server.udpPort);
      const size = 2000;
      const audio = noiseBytes(size * 4 * 340); // the last 40 packets, 320 kB, fit in memory on any disk
      const packets = datagrams(audio, { size, channels: 2, end: true });
      const disk = stallDisk();
      await device.send(...packets.slice(0, 300));
      await until("all have come", () => server.receiver.streams[0]?.frames === 300);
      const recorded = server.receiver.streams[0].samples;
      expect(recorded).toBeLessThan(size * 200);
      disk.resume();
      await until("what waited is on disk", async () => (await bytesBelow(server.dataDir)) >= recorded * 4);
      await device.send(...packets.slice(300));
      await ended(server);
      const [gap, ...others] = server.gaps;
      expect(others).toEqual([]);
      expect(gap).toMatchObject({ cause: "overload", filled: gapFill === "silence" });
      const [before, after] = [recorded * 4, (recorded + gap.samples) * 4];
      const middle = Buffer.alloc(gapFill === "silence" ? after - before : 0);
      const expected = Buffer.concat([audio.subarray(0, before), middle, audio.subarray(after)]);
      expect((await joinedAudio(server.segments)).equals(expected)).toBe(true);
    },
  );
});

describe("while the disk takes nothing, a sender", () => {
  it("has four streams that wait to be finished, and no more", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const single = (seed: number) => datagrams(tones(100, { seed }), { end: true })[0];
    const disk = stallDisk();
    await device.send(...[1, 2, 3, 4, 5, 6].map(single));
    await until("two are refused", () => server.refused.length === 2);
    expect(server.refused[0].reason).toBe("streams begin faster than the disk finishes them");
    expect(server.opened).toHaveLength(4);
    disk.resume();
    await ended(server, 4);
    await device.send(single(7));
    await ended(server, 5);
    const expected = [1, 2, 3, 4, 7].map((seed) => tones(100, { seed }));
    const inOrder = server.segments.sort((a, b) => a.stream.key - b.stream.key);
    expect((await joinedAudio(inOrder)).equals(Buffer.concat(expected))).toBe(true);
  });
});

describe.concurrent("what is let in", () => {
  it("is at most half of the connections, and they are free again when streams end", async () => {
    await using server = await TestReceiver.start({ udpPort: 0, maxConnections: 4 });
    const devices = await Promise.all([1, 2, 3].map(() => UdpDevice.open(server.udpPort)));
    for (const device of devices) await device.send(...datagrams(tones(640)));
    await until("the third is refused", () => server.refused.length >= 2);
    expect(server.opened).toHaveLength(2);
    expect(server.refused[0].reason).toBe("2 UDP senders are known, half of the connections allowed");
    const [empty] = datagrams(tones(2), { firstSeq: 2, start: false, end: true });
    await devices[0].send(empty);
    await until("there is room", async () => {
      await devices[2].send(...datagrams(tones(640)));
      return server.opened.length === 3;
    });
    for (const device of devices) await device[Symbol.asyncDispose]();
  });

  it.each([
    [
      { auth: "token" },
      "a token is asked for, and UDP carries none: name the address in trustFrom (--trust-from)",
    ],
    [{ allowFrom: ["10.0.0.0/8"] }, "address 127.0.0.1 is not in allowFrom (--allow-from)"],
    [{ maxConnectionsPerAddress: 1 }, undefined],
    [{ auth: "token", trustFrom: ["127.0.0.0/8"] }, undefined],
    [{ allowFrom: ["127.0.0.1"] }, undefined],
  ] as [ReceiverOptions, string | undefined][])("is what %j lets in", async (options, reason) => {
    await using server = await TestReceiver.start({ udpPort: 0, ...options });
    await using device = await UdpDevice.open(server.udpPort);
    await device.send(...datagrams(tones(640), { end: true }));
    await until("an answer", () => server.refused.length + server.closed.length > 0);
    expect(server.refused[0]?.reason).toBe(reason);
    expect(server.closed).toHaveLength(reason === undefined ? 1 : 0);
  });

  it("is nothing while the disk is nearly full; the reason is told", async () => {
    await using server = await TestReceiver.start({ udpPort: 0, minFreeMb: 1e9 });
    await using device = await UdpDevice.open(server.udpPort);
    await device.send(...datagrams(tones(640)));
    await until("they are refused", () => server.refused.length === 2);
    expect(server.refused).toMatchObject([
      { peer: device.peer, listener: "udp", reason: "disk-full" },
      { reason: "disk-full" },
    ]);
    expect(server.opened).toEqual([]);
  });
});

it("refusals are told in a few lines: five, then one in 10 s, with the number of those untold", () => {
  const events = new EventEmitter<ReceiverEvents>();
  const told: PeerRefused[] = [];
  events.on("refused", (event) => told.push(event));
  const refusals = new Refusals(events);
  for (let ms = 0; ms < 35_000; ms++) if (refusals.count(ms)) refusals.tell("192.0.2.1:5", "no");
  expect(told.map(({ reason }) => reason)).toEqual([
    ...Array(5).fill("no"),
    ...[9995, 9999, 9999].map((n) => `no (and ${n} more datagrams refused since the last line)`),
  ]);
});

describe.concurrent("a receiver of its own", () => {
  it("names its UDP port, and finishes what it records when it is told to stop", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path, flags: ["--udp-port", "0"] });
    expect(server.ready.udp).toMatch(/^127\.0\.0\.1:\d+$/);
    await using device = await UdpDevice.open(Number(server.ready.udp?.split(":")[1]));
    const audio = tones(3200);
    await device.send(...datagrams(audio));
    const data = join(folder.path, "data");
    await until("all is written", async () => (await bytesBelow(data)) >= WAV_HEADER_BYTES + audio.length);
    expect((await server.stop()).code).toBe(0);
    const wavs = await wavsBelow(data);
    expect((await joinedAudio(wavs.map((path) => ({ path })))).equals(audio)).toBe(true);
  });

  it.each([
    [["--udp-port"], {}, "9001  "],
    [["--udp-port=7000"], {}, "7000  "],
    [[], { UDP_PORT: "7001" }, "7001  "],
    [[], {}, "-  "],
  ] as const)("has the UDP port that %j %j say", async (flags, env, shown) => {
    await using folder = await temporaryFolder();
    const { code, stdout } = await audioReceiver(["config", ...flags], { cwd: folder.path, env });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^udpPort +${shown}`, "m"));
  });

  it("that cannot have its UDP port says so, in one line", async () => {
    await using folder = await temporaryFolder();
    const other = createSocket("udp4").bind(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address();
    const words = ["serve", "--host=127.0.0.1", "--no-ws", "--no-tcp", "--no-web", `--udp-port=${port}`];
    const { code, stdout, stderr } = await audioReceiver(words, { cwd: folder.path });
    other.close();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      new RegExp(`^audio-receiver: UDP port ${port} on 127\\.0\\.0\\.1 is already in use: .*\n$`),
    );
  });
});
