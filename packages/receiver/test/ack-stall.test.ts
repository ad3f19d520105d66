import { afterEach, describe, expect, it } from "vitest";
import { AckDevice, soundOf } from "./support/ack-device.js";
import { expectExact, expectHonest } from "./support/ack-recorded.js";
import { restoreDisk, stallDisk } from "./support/stalled-disk.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const MEGABYTE = 1_000_000;

afterEach(restoreDisk);

// One after the other: the stalled disk is everybody's.
describe("an acknowledged stream on a disk that stalls", () => {
  it("is paused with little in memory, acknowledged no further, and loses nothing", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 0.7 });
    // 16 MB, far more than sockets and the stream's share of memory hold.
    using device = new AckDevice(soundOf({ samples: 1_000_000, channels: 8, frameSamples: 3840 }));
    await device.connect(server.ws("/porch"));
    await device.sendTo(20).acknowledged(20);
    const disk = stallDisk();
    const before = process.memoryUsage().rss;
    device.sendTo(device.sound.frames.length);
    await pause(1500);
    const { bufferedAmount } = device.client.socket;
    expect(bufferedAmount).toBeGreaterThan(4 * MEGABYTE);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
    const said = device.nextSeq;
    await pause(1000);
    expect(device.client.socket.bufferedAmount).toBe(bufferedAmount);
    expect(device.nextSeq).toBe(said);
    disk.resume();
    expect((await device.finish()).code).toBe(1000);
    await until("it has ended", () => server.closed.length === 1);
    await expectExact(server.dataDir, device.sound);
    expectHonest(device);
    expect([server.gaps, server.failed]).toEqual([[], []]);
  });

  it("goes on where it stood when its sender comes back meanwhile", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 0.333 });
    using device = new AckDevice(soundOf({ samples: 16_000 * 20 + 3, codec: "ima-adpcm" }));
    await device.connect(server.ws("/porch"));
    // So far ahead of the clock that no hiccup of the machine makes a stall of the device.
    await device.sendTo(500).acknowledged(500);
    const disk = stallDisk();
    for (let turn = 0; turn < 4; turn++) {
      await device.streamTo(device.next + 30);
      if (turn % 2 === 0) device.drop();
      await device.connect(server.ws("/porch"));
    }
    disk.resume();
    await device.finish();
    await until("every stream has ended", () => server.closed.length === server.opened.length);
    await expectExact(server.dataDir, device.sound);
    expectHonest(device);
    expect(server.gaps).toEqual([]);
  });
});
