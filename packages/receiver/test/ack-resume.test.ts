import { describe, expect, it } from "vitest";
import { AckDevice, type Sound, soundOf } from "./support/ack-device.js";
import { expectExact, expectHonest, recordedAudio } from "./support/ack-recorded.js";
import { pcmFrames, tones } from "./support/audio.js";
import { StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

function ended(server: TestReceiver): Promise<unknown> {
  return until("every stream has ended", () => server.closed.length === server.opened.length);
}

async function expectRecorded(server: TestReceiver, { sound }: AckDevice): Promise<void> {
  await ended(server);
  await expectExact(server.dataDir, sound);
}

describe.concurrent("a session goes on where it stood", () => {
  it("after a clean close, a broken network and a takeover", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 0.333 });
    using device = new AckDevice(soundOf({ samples: 16_000 * 10 + 77 }));
    await device.connect(server.ws("/porch"));
    for (const leave of ["close", "drop", "take over", "drop", "take over", "close"]) {
      await device.streamTo(device.next + 60);
      const before = device.client;
      if (leave === "close") await device.client.close();
      if (leave === "drop") device.drop();
      await device.connect(server.ws("/porch"));
      if (leave === "take over") expect(await before.closed).toEqual({ code: 4103, reason: "superseded" });
    }
    await device.finish();
    await expectRecorded(server, device);
    expectHonest(device);
    const told = server.segments.reduce((sum, { samples }) => sum + samples, 0);
    expect(told).toBe(device.sound.audio.length / 2);
    expect([server.gaps, server.failed]).toEqual([[], []]);
  });

  it.each(["drop", "take over", "drop and wait"])(
    "on the same axis of time, when its sender is seconds late (%s)",
    async (leave) => {
      await using server = await TestReceiver.start({ wsSegmentSeconds: 0.333 });
      using device = new AckDevice(soundOf({ samples: 16_000 * 6 }));
      await device.connect(server.ws("/porch"));
      for (const frames of [30, 80]) {
        await device.sendTo(frames).acknowledged(frames);
        if (leave !== "take over") device.drop();
        if (leave !== "drop and wait") await pause(3500);
        await device.connect(server.ws("/porch"));
        if (leave === "drop and wait") await pause(3500);
      }
      await device.finish();
      await expectRecorded(server, device);
      expect(server.gaps).toEqual([]);
      const places = server.segments.map(({ startUs, samples }) => [startUs, startUs + samples * 62.5]);
      places.sort(([a], [b]) => a - b);
      for (const [i, [startUs]] of places.slice(1).entries())
        expect(Math.abs(startUs - places[i][1])).toBeLessThanOrEqual(1);
    },
  );

  it.each([
    [{ codec: "ima-adpcm", order: "high" }],
    [{ codec: "ima-adpcm", channels: 2, order: "high" }],
    [{ codec: "ima-adpcm" }],
    [{ channels: 8 }],
  ] as const)("in any format: %j", async (format) => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 0.7 });
    using device = new AckDevice(soundOf({ samples: 16_000 * 4, ...format }));
    for (let turn = 0; turn < 5; turn++) {
      await device.connect(server.ws("/porch"));
      await device.streamTo(device.next + 25);
      if (turn % 2 === 0) device.drop();
    }
    await device.connect(server.ws("/porch"));
    await device.finish();
    await expectRecorded(server, device);
  });

  it("when its sender begins again with frame 0, whatever it was told", async () => {
    await using server = await TestReceiver.start();
    using device = new AckDevice(soundOf({ codec: "ima-adpcm" }));
    for (let turn = 0; turn < 3; turn++) {
      await device.connect(server.ws("/porch"));
      device.next = 0;
      await device.sendTo(30 * (turn + 1)).acknowledged(30 * (turn + 1));
      device.drop();
    }
    await device.connect(server.ws("/porch"));
    device.next = 0;
    await device.finish();
    await expectRecorded(server, device);
  });

  it("with a new session for another hwid, stream id, time or format", async () => {
    await using server = await TestReceiver.start();
    const others = [
      {},
      { streamId: 8 },
      { timestampMs: 5n },
      { codec: "ima-adpcm" },
      { frameSamples: 160 },
    ] as const;
    const all = others.map((other) => new AckDevice(soundOf({ samples: 6400, ...other })));
    const away = new AckDevice(soundOf({ samples: 6400 }));
    await Promise.all([
      ...all.map((device) => device.connect(server.ws("/porch"))),
      away.connect(server.ws("/cellar")),
    ]);
    for (const device of [...all, away]) {
      expect(device.acks[0].nextSeq).toBe(0);
      expect(await device.finish()).toMatchObject({ code: 1000 });
    }
    await until("all have ended", () => server.closed.length === 6);
    expect(server.closed.map(({ status }) => status.samples)).toEqual(Array(6).fill(6400));
  });

  it("never, if it has no time: then every connection begins one", async () => {
    await using server = await TestReceiver.start();
    const sound = soundOf({ timestampMs: 0n, samples: 6400 });
    using first = new AckDevice(sound);
    using second = new AckDevice(sound);
    await first.connect(server.ws("/porch"));
    await first.sendTo(20).acknowledged(20);
    await second.connect(server.ws("/porch"));
    expect(second.acks).toMatchObject([{ nextSeq: 0, session: 0n }]);
    expect((await second.finish()).code).toBe(1000);
    expect((await first.finish()).code).toBe(1000);
    await until("both have ended", () => server.closed.length === 2);
    expect(server.segments.map(({ samples }) => samples)).toEqual([6400, 6400]);
  });

  it("beside a connection that did not ask for it", async () => {
    await using server = await TestReceiver.start();
    const sound = soundOf({ samples: 6400 });
    using device = new AckDevice(sound);
    using plain = await StreamClient.connect(server.ws("/porch"));
    plain.send(sound.opening, ...sound.frames.slice(0, 10));
    await device.connect(server.ws("/porch"));
    device.sendTo(10);
    using late = await StreamClient.connect(server.ws("/porch"));
    late.send(sound.opening, ...sound.frames.slice(0, 10));
    await until("all three", () => server.begun.length === 3);
    plain.send(...sound.frames.slice(10));
    late.send(...sound.frames.slice(10));
    for (const { code } of [await device.finish(), await plain.close(), await late.close()])
      expect(code).toBe(1000);
    await until("all have ended", () => server.closed.length === 3);
    for (const { path } of server.segments) expect(path).toContain("porch");
    expect(server.segments.map(({ samples }) => samples)).toEqual([6400, 6400, 6400]);
  });
});

describe.concurrent("frames that an acknowledged sender leaves out", () => {
  const sound: Sound = soundOf({ samples: 320 * 100 });

  it("are silence of their length, also the first ones and those behind a reconnect", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 0.333 });
    using device = new AckDevice(sound);
    await device.connect(server.ws("/porch"));
    device.client.send(...sound.frames.slice(5, 20));
    await device.acknowledged(20);
    device.client.send(...sound.frames.slice(30, 40));
    await device.acknowledged(40);
    device.drop();
    await device.connect(server.ws("/porch"));
    expect(device.next).toBe(40);
    device.client.send(...sound.frames.slice(45));
    await device.acknowledged(100);
    await device.client.close();
    await ended(server);
    const expected = Buffer.from(sound.audio);
    for (const [from, until] of [
      [0, 5],
      [20, 30],
      [40, 45],
    ])
      expected.fill(0, from * 640, until * 640);
    expect((await recordedAudio(server.dataDir)).equals(expected)).toBe(true);
    const lost = server.gaps.map(({ cause, samples, filled }) => [cause, samples / 320, filled]);
    expect(lost).toEqual([
      ["lost-frames", 5, true],
      ["lost-frames", 10, true],
      ["lost-frames", 5, true],
    ]);
    expect(server.closed.reduce((sum, { status }) => sum + status.lostFrames, 0)).toBe(20);
  });

  it.each(["close", "drop"])(
    "are a gap between segments, when there are more than gapFillMaxSeconds (%s)",
    async (end) => {
      await using folder = await temporaryFolder();
      await using server = await TestReceiver.start({ gapFillMaxSeconds: 2, dataDir: folder.path });
      using device = new AckDevice(sound);
      await device.connect(server.ws("/porch"));
      const later = pcmFrames(tones(3200), { frameSamples: 320, firstSeq: 10_050 });
      device.client.send(...sound.frames.slice(0, 50), ...later);
      await device.acknowledged(10_060);
      if (end === "close") await device.client.close();
      else device.drop();
      await device.connect(server.ws("/porch"));
      expect(device.next).toBe(10_060);
      device.client.send(...pcmFrames(tones(3200, { seed: 2 }), { frameSamples: 320, firstSeq: 10_060 }));
      await device.acknowledged(10_070);
      await device.client.close();
      await ended(server);
      // One segment or two behind the gap: the connection may come before the end of the one before.
      const [first, second, third = second] = server.segments;
      expect(first.samples).toBe(16_000);
      expect(second.startUs - first.startUs).toBe(201_000_000);
      expect(third.startUs + (third.samples * 1e6) / 16_000 - second.startUs).toBe(400_000);
      expect(server.gaps).toMatchObject([{ cause: "lost-frames", samples: 3_200_000, filled: false }]);
    },
  );

  it.each([2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1, 1e9])("%d of them do no harm", async (seq) => {
    await using server = await TestReceiver.start();
    using device = new AckDevice(sound);
    await device.connect(server.ws("/porch"));
    device.sendTo(20);
    device.client.send(...pcmFrames(tones(320), { frameSamples: 320, firstSeq: seq }));
    device.client.send(
      ...pcmFrames(tones(320), { frameSamples: 320, firstSeq: seq + 1 === 2 ** 32 ? 0 : seq + 1 }),
    );
    await pause(700);
    device.drop();
    await device.connect(server.ws("/porch"));
    const frame = pcmFrames(tones(320), { frameSamples: 320, firstSeq: device.next });
    device.client.send(...frame);
    await device.acknowledged(device.next + 1);
    await device.client.close();
    await ended(server);
    const audio = await recordedAudio(server.dataDir);
    expect(audio.subarray(0, 12_800).equals(sound.audio.subarray(0, 12_800))).toBe(true);
    expect(audio.length).toBeLessThan(640 * 30);
  });
});
