import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { binary, closing, OPCODE, RawWebSocket, rawFrame } from "./support/raw-websocket.js";
import { readRecording } from "./support/recordings.js";
import { StreamClient } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const AUDIO = tones(960);
const FRAMES = pcmFrames(AUDIO, { frameSamples: 320 });
const START = [handshake(), ...FRAMES].map((message) => binary(message));

describe.concurrent("a peer's close", () => {
  it.each([1000, 1001, 1003, 1008, 1011, 3000, 4103, 4999])(
    "%i is answered with the same code",
    async (code) => {
      await using server = await TestReceiver.start();
      using raw = await RawWebSocket.open(server.wsPort);
      raw.send(...START, closing(code));
      expect(await raw.closeFrame()).toEqual({ code, reason: "" });
      await raw.gone();
      raw.socket.end();
      expect(await server.streamClosed(7)).toMatchObject({ cause: "peer-closed", status: { samples: 960 } });
      expect(server.refused).toEqual([]);
    },
  );

  it("without a code is answered 1000", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(...START, rawFrame({ opcode: OPCODE.close, payload: new Uint8Array(0) }));
    expect(await raw.closeFrame()).toEqual({ code: 1000, reason: "" });
  });

  const broken: [string, Uint8Array][] = [
    ["half a code", Buffer.from([0x03])],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): [string, Uint8Array] => [
      `code ${code}`,
      Buffer.from([code >> 8, code & 0xff]),
    ]),
  ];
  it.each(broken)("with %s, which RFC 6455 section 7.4 forbids, is answered 1002", async (_, payload) => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(...START, rawFrame({ opcode: OPCODE.close, payload }));
    expect((await raw.closeFrame()).code).toBe(1002);
    raw.socket.end();
    expect((await server.streamClosed(7)).status.samples).toBe(960);
  });

  it("ends the stream: what stands behind it is not looked at", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    const [more] = pcmFrames(tones(320), { frameSamples: 320, firstSeq: 3 });
    const garbage = rawFrame({ opcode: 15, payload: Buffer.alloc(3), mask: false });
    raw.send(Buffer.concat([...START, closing(1000), binary(more), garbage]));
    expect(await raw.closeFrame()).toEqual({ code: 1000, reason: "" });
    raw.socket.end();
    expect(await server.streamClosed(7)).toMatchObject({
      cause: "peer-closed",
      status: { frames: 3, samples: 960 },
    });
    expect(server.refused).toEqual([]);
  });

  it("from a peer that then stays is followed by our end of the connection", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(...START, closing(1000));
    await raw.gone();
    expect((await server.streamClosed(7)).cause).toBe("peer-closed");
  });
});

describe.concurrent("a connection that breaks", () => {
  it.each(["reset", "end"])("by %s in the middle of a frame keeps what was whole", async (how) => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(Buffer.concat([...START, START[1].subarray(0, 300)]));
    await pause(300);
    if (how === "reset") raw.socket.resetAndDestroy();
    else raw.socket.end();
    expect(await server.streamClosed(7)).toMatchObject({ cause: "connection-lost", status: { frames: 3 } });
    expect((await readRecording(server.segmentsOf(7)[0].path)).data.equals(AUDIO)).toBe(true);
  });
});

describe.concurrent("keepalive", () => {
  it("a dead peer is pinged, then given up; its audio is kept", async () => {
    await using server = await TestReceiver.start({ pingSeconds: 1 });
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(...START);
    await raw.frame(OPCODE.ping);
    expect(await server.streamClosed(7)).toMatchObject({
      cause: "connection-lost",
      detail: expect.stringMatching(/nothing heard for \d+ s/),
      status: { samples: 960 },
    });
    await raw.gone();
    expect(server.segmentsOf(7)).toHaveLength(1);
  });

  it("a peer that answers stays, however long it says nothing else", async () => {
    await using server = await TestReceiver.start({ pingSeconds: 1 });
    using client = await StreamClient.connect(server.ws());
    let pings = 0;
    client.socket.on("ping", () => pings++);
    client.send(handshake(), FRAMES[0]);
    await pause(4500);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(pings).toBeGreaterThan(1);
    expect(await client.close()).toEqual({ code: 1000, reason: "" });
  });

  it("a peer that sends audio stays, even if it answers no ping", async () => {
    await using server = await TestReceiver.start({ pingSeconds: 1 });
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(START[0]);
    for (let seq = 0; seq < 16; seq++) {
      raw.send(binary(pcmFrames(tones(320), { frameSamples: 320, firstSeq: seq })[0]));
      await pause(250);
    }
    expect(raw.ended).toBe(false);
    raw.send(closing(1000)).socket.end();
    expect((await server.streamClosed(7)).status.frames).toBe(16);
  });
});

describe.concurrent("the server's stop", () => {
  it("says 1001 to every peer and keeps what is on its way", async () => {
    await using server = await TestReceiver.start();
    const ids = [1, 2, 3, 4];
    const clients = await Promise.all(ids.map(() => StreamClient.connect(server.ws())));
    for (const [i, client] of clients.entries()) client.send(handshake({ streamId: ids[i] }), ...FRAMES);
    const stopped = server.receiver.close();
    const goodbyes = await Promise.all(clients.map((client) => client.closed));
    await stopped;
    expect(goodbyes).toEqual(ids.map(() => ({ code: 1001, reason: "server stopping" })));
    expect(server.closed.map(({ cause, status }) => [cause, status.samples])).toEqual(
      ids.map(() => ["server-stopping", 960]),
    );
    expect(server.segments).toHaveLength(4);
  });

  it("is not the reason why a stream ended whose peer has said goodbye already", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(...START, closing(1000));
    expect(await raw.closeFrame()).toMatchObject({ code: 1000 });
    await server.receiver.close();
    expect(server.closed).toMatchObject([{ cause: "peer-closed", status: { samples: 960 } }]);
  });

  it("does not wait long for a peer that neither answers nor reads", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.socket.pause();
    raw.send(...START);
    await pause(300);
    const start = performance.now();
    await server.receiver.close();
    expect(performance.now() - start).toBeLessThan(8000);
    expect(server.segmentsOf(7)).toMatchObject([{ samples: 960 }]);
  });
});

describe.concurrent("a peer that makes the server send, and does not read", () => {
  it("is cut off before its pongs fill the memory", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(binary(handshake()));
    raw.socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 5000 }, () => rawFrame({ opcode: OPCODE.ping, payload: Buffer.alloc(125) })),
    );
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 40 && !raw.socket.destroyed; i++) {
      raw.socket.write(pings);
      await pause(20);
    }
    await until("the cut", () => raw.socket.destroyed);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    expect((await server.streamClosed(7)).cause).toBe("connection-lost");
  });
});
