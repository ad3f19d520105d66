import { ACK_SUBPROTOCOL } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { AckDevice, soundOf } from "./support/ack-device.js";
import { expectExact, expectHonest } from "./support/ack-recorded.js";
import { handshake } from "./support/audio.js";
import { ServerProcess } from "./support/command.js";
import { StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

// A second is promised; a machine that is busy with other tests takes longer.
const LONGEST_MS = 10_000;

describe.concurrent("the subprotocol", () => {
  it.each([
    [[], ""],
    [["chat"], ""],
    [["chat", ACK_SUBPROTOCOL], ACK_SUBPROTOCOL],
  ])("offered as %j", async (offered, selected) => {
    await using server = await TestReceiver.start();
    const headers: Record<string, string> =
      offered.length === 0 ? {} : { "Sec-WebSocket-Protocol": offered.join(", ") };
    // ws refuses an answer that selects none of what it offers, so the header is written by hand.
    const client = await StreamClient.connect(server.ws("/porch"), { headers }).catch(
      (error: Error) => error.message,
    );
    if (selected === "") expect((client as StreamClient).socket.protocol).toBe("");
    else expect(client).toContain("subprotocol");
    if (typeof client !== "string") client.socket.terminate();
  });

  it("is what acknowledgements come by: without it none do", async () => {
    await using server = await TestReceiver.start();
    using client = await StreamClient.connect(server.ws("/porch"));
    const { opening, frames } = soundOf();
    const heard: unknown[] = [];
    client.socket.on("message", (message) => heard.push(message));
    client.send(opening, ...frames);
    await until("it is recorded", () => server.begun.length === 1);
    await pause(1200);
    await client.close();
    expect(heard).toEqual([]);
  });
});

describe.concurrent("an acknowledgement", () => {
  it.each([1n, 1_763_000_000_000n, 2n ** 53n + 1n, 2n ** 64n - 1n])(
    "answers the handshake of session %d",
    async (timestampMs) => {
      await using server = await TestReceiver.start();
      using device = new AckDevice(soundOf({ timestampMs, samples: 640 }));
      await device.connect(server.ws("/porch"));
      expect(device.acks).toMatchObject([{ nextSeq: 0, session: timestampMs }]);
      expect(await device.finish()).toEqual({ code: 1000, reason: "" });
      expectHonest(device, timestampMs);
    },
  );

  it("comes at least once a second while audio does, and for the last frame", async () => {
    await using server = await TestReceiver.start({ fsync: "segment" });
    using device = new AckDevice(soundOf({ samples: 16_000 * 3 }));
    await device.connect(server.ws("/porch"));
    for (let seq = 0; seq < 150; seq++) {
      device.sendTo(seq + 1);
      await pause(20);
    }
    const during = device.acks.length;
    await device.acknowledged(150, LONGEST_MS);
    expect(during).toBeGreaterThanOrEqual(3);
    expect(device.acks.some(({ nextSeq }) => nextSeq > 0 && nextSeq < 150)).toBe(true);
    expectHonest(device);
  });

  it("comes for frames that are there already, too", async () => {
    await using server = await TestReceiver.start();
    using device = new AckDevice(soundOf());
    await device.connect(server.ws("/porch"));
    await device.sendTo(100).acknowledged(100);
    await pause(700); // nothing is due any more
    const before = device.acks.length;
    for (let turn = 0; turn < 10; turn++) {
      device.client.send(device.sound.frames[turn]);
      await pause(100);
    }
    await until("another one", () => device.acks.length > before, LONGEST_MS);
    expect(device.acks.slice(before).every(({ nextSeq }) => nextSeq === 100)).toBe(true);
    const silent = device.acks.length;
    await pause(1500);
    expect(device.acks.length).toBeLessThanOrEqual(silent + 1);
    await device.finish();
    await expectClosed(server, device);
    expect(server.closed[0].status.repeatedFrames).toBe(10);
  });
});

async function expectClosed(server: TestReceiver, { sound }: AckDevice): Promise<void> {
  await until("every stream has ended", () => server.closed.length === server.opened.length);
  await expectExact(server.dataDir, sound);
}

describe.concurrent("the last acknowledgement", () => {
  it("comes before 1008, with all that came before the fault on disk and recorded", async () => {
    await using server = await TestReceiver.start();
    const sound = soundOf({ samples: 320 * 50 });
    using device = new AckDevice(sound);
    await device.connect(server.ws("/porch"));
    device.sendTo(50).client.send(sound.frames[0].subarray(0, 100));
    const { code, reason } = await device.client.closed;
    expect([code, reason]).toEqual([1008, expect.stringContaining("frame 51")]);
    expect(device.nextSeq).toBe(50);
    expectHonest(device);
    await expectClosed(server, device);
  });

  it("comes before 1003", async () => {
    await using server = await TestReceiver.start();
    using device = new AckDevice(soundOf({ samples: 320 * 50 }));
    await device.connect(server.ws("/porch"));
    device.sendTo(50).client.send("hello");
    expect(await device.client.closed).toEqual({ code: 1003, reason: "binary required" });
    expect(device.nextSeq).toBe(50);
    await expectClosed(server, device);
  });

  it("comes before 4103", async () => {
    await using server = await TestReceiver.start();
    const sound = soundOf();
    using first = new AckDevice(sound);
    using second = new AckDevice(sound);
    await first.connect(server.ws("/porch"));
    await first.sendTo(40).acknowledged(40);
    first.sendTo(50);
    await pause(100);
    const before = first.acks.length;
    second.sent = first.sent;
    await second.connect(server.ws("/porch"));
    expect(await first.client.closed).toEqual({ code: 4103, reason: "superseded" });
    expect(first.acks.length).toBeGreaterThan(before);
    await second.finish();
    expectHonest(first);
    expectHonest(second);
    await expectClosed(server, second);
  });

  it("comes before 1001", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    const sound = soundOf({ samples: 320 * 50 });
    using device = new AckDevice(sound);
    await device.connect(`${server.ready.ws}/porch`);
    device.sendTo(50);
    await pause(50);
    const { code } = await server.stop();
    expect(code).toBe(0);
    expect(await device.client.closed).toMatchObject({ code: 1001 });
    expect(device.nextSeq).toBe(50);
    await expectExact(folder.path, sound);
  });

  it("says of a stream whose handshake alone came that nothing has come", async () => {
    await using server = await TestReceiver.start();
    using device = new AckDevice({
      opening: handshake({ timestampMs: 5n }),
      frames: [],
      audio: Buffer.alloc(0),
    });
    await device.connect(server.ws("/porch"));
    device.client.send("hello");
    expect(await device.client.closed).toMatchObject({ code: 1003 });
    expect(device.acks.map(({ nextSeq }) => nextSeq)).toEqual([0, 0]);
  });
});
