import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { LossLength } from "../src/ingest/udp/loss-length.js";
import { WaitingClock } from "../src/ingest/udp/waiting-clock.js";
import { tones } from "./support/audio.js";
import { joinedAudio } from "./support/recordings.js";
import { ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { type BadNetwork, datagrams, through, UdpDevice } from "./support/udp-client.js";
import { pause } from "./support/waiting.js";

const PACKETS = 400;
const SIZE = 320;

/** What is recorded of audio whose packets `lost` never came: silence in their place, nothing at the very end. */
function withSilence(audio: Buffer, lost: readonly number[], frameBytes = 2): Buffer {
  const heard = Buffer.from(audio);
  for (const i of lost) heard.fill(0, i * SIZE * frameBytes, (i + 1) * SIZE * frameBytes);
  return heard;
}

/** As `withSilence`, but with nothing in their place. */
function without(audio: Buffer, lost: readonly number[]): Buffer {
  const bytes = SIZE * 2;
  const kept = Array.from({ length: PACKETS }, (_, i) => audio.subarray(i * bytes, (i + 1) * bytes));
  return Buffer.concat(kept.filter((_, i) => !lost.includes(i)));
}

/** The packets but the first and last, through the network: those two arrive, so that both ends are certain. */
function played(packets: readonly Uint8Array[], network: BadNetwork) {
  const { received, lost } = through(packets.slice(1, -1), network);
  const order = [packets[0], ...received, packets.at(-1)!];
  return { order, lost: lost.map((i) => i + 1) };
}

/** Gaps by the place of their first sample frame, from the losses that made them. */
function gapsOf(lost: readonly number[]): number[] {
  const starts = lost.filter((i) => !lost.includes(i - 1));
  return starts.map((start) => {
    let end = start;
    while (lost.includes(end)) end++;
    return (end - start) * SIZE;
  });
}

// One after the other: what is late by the pauses of a busy machine is late for the receiver.
describe("a bad network", () => {
  it.each([
    { seed: 1, loss: 0.05, twice: 0.05, reorder: 6 },
    { seed: 2, loss: 0.3, twice: 0.3, reorder: 12 },
    { seed: 3, loss: 0, twice: 1, reorder: 10 },
    { seed: 4, loss: 0.8, twice: 0, reorder: 0 },
  ])("%j: every sample that arrives is where it belongs, silence where none did", async (network) => {
    await using server = await TestReceiver.start({ udpPort: 0, tcpSegmentSeconds: 2.3 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(SIZE * PACKETS);
    const { order, lost } = played(datagrams(audio, { end: true }), network);
    await device.send(...order);
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(withSilence(audio, lost))).toBe(true);
    expect(server.gaps.map(({ samples }) => samples)).toEqual(gapsOf(lost));
    expect(server.gaps.every(({ cause, filled }) => cause === "lost-frames" && filled)).toBe(true);
    const frames = PACKETS - lost.length;
    const status = { frames, lostFrames: lost.length, repeatedFrames: order.length - frames };
    expect(server.closed).toMatchObject([{ cause: "peer-closed", status }]);
    const lengths = server.segments.slice(0, -1).map(({ samples }) => samples);
    expect(lengths).toEqual(lengths.map(() => 36_800));
  });

  it("does not mix up two devices, nor two of one address, nor their numbers that wrap", async () => {
    await using server = await TestReceiver.start({ udpPort: 0, channels: 2 });
    const addresses = ["127.0.9.1", "127.0.9.2", "127.0.9.2"];
    const sent = await Promise.all(
      addresses.map(async (address, i) => {
        await using device = await UdpDevice.open(server.udpPort, address);
        const audio = tones(SIZE * PACKETS, { channels: 2, seed: i + 1 });
        const packets = datagrams(audio, { channels: 2, firstSeq: 0xffff_ffff - 200 * i, end: true });
        const { order, lost } = played(packets, { seed: i + 10, loss: 0.1, twice: 0.1, reorder: 10 });
        await device.send(...order);
        return { peer: device.peer, expected: withSilence(audio, lost, 4) };
      }),
    );
    await ended(server, 3);
    for (const { peer, expected } of sent) {
      const own = server.segments.filter(({ stream }) => stream.peer === peer);
      expect((await joinedAudio(own)).equals(expected)).toBe(true);
    }
    expect(server.restarts).toEqual([]);
  });

  it("with gapFill none: what is missing is left out, and told", async () => {
    await using server = await TestReceiver.start({ udpPort: 0, gapFill: "none" });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(SIZE * PACKETS);
    const network = { seed: 5, loss: 0.1, twice: 0.1, reorder: 10 };
    const { order, lost } = played(datagrams(audio, { end: true }), network);
    await device.send(...order);
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(without(audio, lost))).toBe(true);
    expect(server.gaps.map(({ samples, filled }) => [samples, filled])).toEqual(
      gapsOf(lost).map((samples) => [samples, false]),
    );
  });

  it("that is away for seconds: one gap, in the same file, and no stall of the device", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(SIZE * PACKETS);
    const packets = datagrams(audio, { end: true });
    await device.send(...packets.slice(0, 10));
    await pause(2800);
    await device.send(...packets.slice(150));
    await ended(server);
    const lost = Array.from({ length: 140 }, (_, i) => 10 + i);
    expect(server.segments).toHaveLength(1);
    expect((await joinedAudio(server.segments)).equals(withSilence(audio, lost))).toBe(true);
    expect(server.gaps).toMatchObject([{ cause: "lost-frames", samples: 140 * SIZE }]);
    expect(server.gaps).toHaveLength(1);
  });

  it("that is away for longer than gaps are filled: another stream", async () => {
    await using server = await TestReceiver.start({ udpPort: 0, gapFillMaxSeconds: 1 });
    await using device = await UdpDevice.open(server.udpPort);
    const audio = tones(SIZE * PACKETS);
    const packets = datagrams(audio, { end: true });
    await device.send(...packets.slice(0, 100), ...packets.slice(150, 200), ...packets.slice(251));
    await ended(server, 2);
    const [before, after] = server.segments.sort((a, b) => a.stream.key - b.stream.key);
    const heard = withSilence(
      audio,
      Array.from({ length: 50 }, (_, i) => 100 + i),
    );
    expect((await joinedAudio([before])).equals(heard.subarray(0, 200 * SIZE * 2))).toBe(true);
    expect((await joinedAudio([after])).equals(heard.subarray(251 * SIZE * 2))).toBe(true);
    expect(server.restarts).toMatchObject([{ expectedSeq: 200, seq: 251 }]);
  });
});

describe("the time for which is waited", () => {
  it("runs with the clock, also between ticks; a pause of the process counts as a short one", () => {
    const clock = new WaitingClock(100, 5_000_000);
    expect(clock.at(5_030_000)).toBe(30);
    clock.tick(5_050_000);
    expect(clock.at(5_051_000)).toBe(51);
    expect(clock.at(9_000_000)).toBe(150);
    clock.tick(9_000_000);
    expect(clock.at(9_010_000)).toBe(160);
  });
});

describe("how long a loss is", () => {
  function after(...sizes: number[]): LossLength {
    const loss = new LossLength(16_000);
    let samples = 0;
    for (const size of sizes) {
      loss.note(size, 1000 + Math.round(samples / 16));
      samples += size;
    }
    return loss;
  }

  it.each([0, 1, 55, 4_000_000_000])(
    "is counted where datagrams are alike, whatever the uptime (%i)",
    (ms) => {
      expect(after(320, 320).of(3, ms)).toBe(960);
    },
  );

  it("is told by the uptime where they differ", () => {
    expect(after(320, 160).of(2, 1000 + 30 + 25)).toBe(400);
  });

  it("is counted in the last one's size when the uptime says what cannot be", () => {
    expect(after(320, 160).of(2, 1000 + 30 + 41)).toBe(320);
    expect(after(320, 160).of(2, 0)).toBe(320);
  });

  it("is told by an uptime that wraps", () => {
    const loss = new LossLength(16_000);
    loss.note(160, 0xffff_ffff - 30);
    loss.note(320, 0xffff_ffff - 20);
    expect(loss.of(1, 14)).toBe(240);
  });
});

it("garbage of all kinds leaves a stream alone, opens nothing, and is told in a few lines", async () => {
  await using server = await TestReceiver.start({ udpPort: 0 });
  await using device = await UdpDevice.open(server.udpPort);
  const audio = tones(SIZE * PACKETS);
  const packets = datagrams(audio, { end: true });
  const noise = createSocket("udp4").bind(0, "127.0.0.1");
  await once(noise, "listening");
  for (let i = 0; i < PACKETS; i += 8) {
    for (const length of [0, 1, 11, 12, 13, 14, 400, 9000])
      noise.send(tones(length).subarray(0, length), server.udpPort);
    await device.send(Buffer.alloc(100, i), ...packets.slice(i, i + 8));
  }
  await ended(server);
  noise.close();
  expect((await joinedAudio(server.segments)).equals(audio)).toBe(true);
  expect(server.opened).toHaveLength(1);
  expect(server.refused).toHaveLength(5);
  expect(server.refused[0]).toMatchObject({ listener: "udp", code: undefined });
  expect(server.refused[0].reason).toMatch(/^invalid datagram: \d+ bytes, /);
  expect(server.refused[0].peer).toMatch(/^127\.0\.0\.1:\d+$/);
});
