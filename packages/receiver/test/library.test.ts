import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReceiverEvents, startReceiver } from "../src/index.js";
import { addressAsName, peerAddress, peerName } from "../src/ingest/peer-name.js";
import { closeFrame } from "../src/ingest/websocket/server-frames.js";
import { adpcmFrames, handshake, tones } from "./support/audio.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

describe.concurrent("startReceiver", () => {
  it("refuses a wrong option with its name, value and what is allowed, and touches nothing", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    const wrong = startReceiver({ dataDir, wsPort: 70_000 });
    const message =
      "wsPort (option): 70000 is not allowed; allowed is a whole number 0 … 65535 (0 = any free port)";
    await expect(wrong).rejects.toMatchObject({ name: "ReceiverError", code: "invalid-setting", message });
    await using server = await TestReceiver.start({ dataDir });
    expect(server.dataDir).toBe(dataDir);
  });

  it("has a data directory for itself, until it is closed", async () => {
    await using folder = await temporaryFolder();
    const first = await TestReceiver.start({ dataDir: folder.path });
    await expect(TestReceiver.start({ dataDir: folder.path })).rejects.toMatchObject({
      name: "ArchiveError",
      code: "data-dir-in-use",
    });
    await first.receiver.close();
    await using second = await TestReceiver.start({ dataDir: folder.path });
    expect(second.dataDir).toBe(folder.path);
  });

  it("that cannot have one of its ports gives everything back", async () => {
    await using folder = await temporaryFolder();
    await using other = await TestReceiver.start();
    const taken = { dataDir: folder.path, tcpPort: 0, webPort: 0, wsPort: other.wsPort };
    await expect(TestReceiver.start(taken)).rejects.toMatchObject({ code: "cannot-listen" });
    await using again = await TestReceiver.start({ ...taken, wsPort: 0 });
    expect(again.receiver.ports.ws).toBeGreaterThan(0);
  });

  it("opens only what is wanted", async () => {
    await using server = await TestReceiver.start({ tcp: false, web: false });
    expect(server.receiver.ports).toEqual({ ws: server.wsPort, tcp: undefined, web: undefined });
  });

  it("tells in order what happens", async () => {
    const events = new EventEmitter<ReceiverEvents>();
    const told: string[] = [];
    for (const name of [
      "stream:open",
      "stream:nibble-order",
      "segment:open",
      "segment:complete",
      "gap",
      "stream:close",
    ] as const) {
      events.on(name, () => told.push(name));
    }
    await using folder = await temporaryFolder();
    const receiver = await startReceiver({
      dataDir: folder.path,
      host: "127.0.0.1",
      wsPort: 0,
      tcp: false,
      web: false,
      minFreeMb: 0,
      events,
    });
    expect(receiver.events).toBe(events);
    const frames = adpcmFrames(tones(3200), { frameSamples: 320 });
    const sent = [...frames.slice(0, 4), ...frames.slice(6)];
    await play(`ws://127.0.0.1:${receiver.ports.ws}/ws`, [handshake({ codec: "ima-adpcm" }), ...sent]);
    await until("the end", () => told.includes("stream:close"));
    await receiver.close();
    expect(told.filter((name) => name !== "segment:open")).toEqual([
      "stream:open",
      "stream:nibble-order",
      "gap",
      "segment:complete",
      "stream:close",
    ]);
    expect(told.indexOf("segment:open")).toBeLessThan(told.indexOf("segment:complete"));
  });

  it("shows every live stream and where it stands", async () => {
    await using server = await TestReceiver.start();
    using client = await StreamClient.connect(server.ws("/kitchen"));
    const frames = adpcmFrames(tones(3200), { frameSamples: 320, order: "high" });
    client.send(handshake({ codec: "ima-adpcm" }), frames[0]);
    await until("the first frame", () => server.receiver.streams[0]?.frames === 1);
    expect(server.receiver.streams).toMatchObject([
      { stream: { device: "kitchen", streamId: 7 }, nibbleOrder: "undecided" },
    ]);
    client.send(frames[1], frames[3], frames[3]);
    await until("the others", () => server.receiver.streams[0]?.frames === 3);
    await pause(300);
    expect(server.receiver.streams).toMatchObject([
      {
        nibbleOrder: "high",
        frames: 3,
        lostFrames: 1,
        repeatedFrames: 1,
        bytes: 3 * 164,
        samples: 4 * 320,
        driftPpm: undefined,
      },
    ]);
    await client.close();
    await server.streamClosed(7);
    expect(server.receiver.streams).toEqual([]);
  });
});

describe("names of peers", () => {
  const socket = (remoteAddress: string | undefined) => ({ remoteAddress, remotePort: 5096 }) as Socket;

  it.each([
    ["192.168.1.27", "192.168.1.27:5096", "192-168-1-27"],
    ["::ffff:192.168.1.27", "192.168.1.27:5096", "192-168-1-27"],
    ["2001:db8::1", "[2001:db8::1]:5096", "2001-db8--1"],
    ["fe80::1%eth0", "[fe80::1%eth0]:5096", "fe80--1-eth0"],
    [undefined, "unknown:5096", "unknown"],
  ])("%s", (address, name, device) => {
    expect(peerName(socket(address))).toBe(name);
    expect(addressAsName(peerAddress(socket(address)))).toBe(device);
  });
});

describe("a close frame's reason", () => {
  it("is cut at 123 bytes, never within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (reason) => {
        const frame = closeFrame(1008, reason);
        expect([frame[0], frame[1], frame.readUInt16BE(2)]).toEqual([0x88, frame.length - 2, 1008]);
        expect(frame[1]).toBeLessThanOrEqual(125);
        const shown = frame.toString("utf8", 4);
        expect(Buffer.from(reason).toString().startsWith(shown)).toBe(true);
        if (Buffer.byteLength(reason) <= 123) expect(shown).toBe(Buffer.from(reason).toString());
        else expect(frame.length).toBeGreaterThan(4 + 119);
      }),
    );
  });
});
