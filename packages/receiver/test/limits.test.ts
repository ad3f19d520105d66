/** Every limit is told by its name, and whoever is within it notices nothing. */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { logLines, ServerProcess } from "./support/command.js";
import { GoodStream } from "./support/good-stream.js";
import { OPCODE, RawWebSocket, rawFrame } from "./support/raw-websocket.js";
import { wavsBelow } from "./support/recordings.js";
import { play, provoke, StreamClient } from "./support/stream-client.js";
import { dial, dialPort, ended, send } from "./support/tcp-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const AUDIO = noiseBytes(6400);

/** Status and body of a refused upgrade. */
async function refusal(server: TestReceiver, path = "/ws"): Promise<[number, string]> {
  using raw = await RawWebSocket.open(server.wsPort, { path });
  await raw.gone();
  return [raw.status, raw.answer];
}

describe.concurrent("limits at the gate", () => {
  it("connections per address: 503 that names it; another address comes in", async () => {
    await using server = await TestReceiver.start({ maxConnectionsPerAddress: 2 });
    using one = await StreamClient.connect(server.ws());
    const two = await dial(server);
    const [status, body] = await refusal(server);
    expect(status).toBe(503);
    expect(body).toContain(
      "2 connections are open from 127.0.0.1, the most allowed (--max-connections-per-address)",
    );
    using other = await StreamClient.connect(server.ws(), { localAddress: "127.0.0.2" });
    two.destroy();
    using third = await until("room", () => StreamClient.connect(server.ws()).catch(() => undefined));
    for (const client of [one, other, third]) await client.close();
  });

  it("devices that are live: 503 that names it, also for raw TCP; one that is live may connect twice", async () => {
    await using server = await TestReceiver.start({ maxDevices: 2 });
    using kitchen = await StreamClient.connect(server.ws("/kitchen"));
    using again = await StreamClient.connect(server.ws("/kitchen"));
    using garden = await StreamClient.connect(server.ws("/garden"));
    const [status, body] = await refusal(server, "/ws/cellar");
    expect([status, body]).toEqual([
      503,
      expect.stringContaining("2 devices are live, the most allowed (--max-devices)"),
    ]);
    await send(server, [AUDIO]).catch(() => undefined);
    await until("the refusal", () => server.refused.length === 2);
    expect(server.refused[1]).toMatchObject({
      listener: "tcp",
      reason: expect.stringContaining("--max-devices"),
    });
    for (const client of [kitchen, again, garden]) await client.close();
    await until("room", () => server.receiver.streams.length === 0);
    await send(server, [AUDIO]);
    await ended(server);
  });
});

describe.concurrent("the echo endpoints", () => {
  it("have a few places, which are free again when clients go", async () => {
    await using server = await TestReceiver.start({ maxEchoConnections: 1 });
    using client = await StreamClient.connect(server.ws("/echo"));
    const [status, body] = await refusal(server, "/ws/echo");
    expect([status, body]).toEqual([503, expect.stringContaining("(--max-echo-connections)")]);
    const post = () => fetch(`http://127.0.0.1:${server.wsPort}/echo`, { method: "POST", body: "x" });
    expect((await post()).status).toBe(503);
    await client.close();
    await until("room", async () => (await post()).status === 200);
    await until("room again", async () => (await post()).status === 200);
  });

  it("say goodbye to who sends no message for echoIdleSeconds, even if it answers pings", async () => {
    await using server = await TestReceiver.start({ echoIdleSeconds: 2, pingSeconds: 1 });
    using client = await StreamClient.connect(server.ws("/echo"));
    let pings = 0;
    client.socket.on("ping", () => pings++);
    client.send("still there");
    expect(await client.closed).toEqual({ code: 1000, reason: "no message for 2 s" });
    expect(pings).toBeGreaterThan(0);
  });

  it("drop who does not even answer pings", async () => {
    await using server = await TestReceiver.start({ pingSeconds: 1, maxEchoConnections: 1 });
    using raw = await RawWebSocket.open(server.wsPort, { path: "/ws/echo" });
    await raw.frame(OPCODE.ping);
    await raw.gone();
    expect(raw.frames.some(({ opcode }) => opcode === OPCODE.close)).toBe(false);
    using next = await StreamClient.connect(server.ws("/echo"));
    await next.close();
  });
});

describe.concurrent("slow peers", () => {
  it("a request head that comes byte by byte is cut off on every HTTP port", async () => {
    await using server = await TestReceiver.start({ handshakeTimeoutSeconds: 1 });
    const ports = [server.wsPort, server.receiver.ports.web!];
    await Promise.all(
      ports.map(async (port) => trickle(await dialPort(port), "GET /ws HTTP/1.1\r\nHost: x\r\n")),
    );
  });

  it("a handshake that comes byte by byte is cut off on TCP", async () => {
    await using server = await TestReceiver.start({ handshakeTimeoutSeconds: 1 });
    await trickle(await dial(server), Buffer.from(handshake()).toString("latin1"), 10);
    expect(server.refused).toMatchObject([{ reason: "no complete handshake within 1 s" }]);
    expect(server.opened).toEqual([]);
  });

  it("headers of more than 8 KiB are refused", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort, { headers: { "X-Long": "x".repeat(10_000) } });
    await raw.gone();
    expect(raw.status).toBe(431);
  });
});

/** Sends one character every 150 ms until the server has had enough; the first ones at once. */
async function trickle(socket: Socket, text: string, atOnce = 1): Promise<void> {
  let closed = false;
  socket.once("close", () => {
    closed = true;
  });
  socket.resume().write(Buffer.from(text.slice(0, atOnce), "latin1"));
  for (let at = atOnce; !closed && at < text.length; at++) {
    await pause(150);
    if (!socket.destroyed) socket.write(Buffer.from(text.slice(at, at + 1), "latin1"));
  }
  await until("the end", () => closed);
}

describe.concurrent("connections that say nothing", () => {
  it("beyond maxPendingConnections, the one that waited longest goes; who speaks stays", async () => {
    await using server = await TestReceiver.start({ maxPendingConnections: 16 });
    const first = await dial(server);
    using stream = await StreamClient.connect(server.ws());
    stream.send(handshake({ streamId: 1 }));
    const others = await Promise.all(
      Array.from({ length: 30 }, (_, i) => dialPort(i % 2 ? server.tcpPort : server.wsPort)),
    );
    for (const socket of [first, ...others]) socket.resume();
    await until("the oldest is gone", () => first.destroyed);
    await until("room for 16", () => others.filter((socket) => socket.destroyed).length === 14);
    expect(server.refused[0].reason).toContain(
      "16 connections have sent nothing yet, the most allowed (--max-pending-connections)",
    );
    await send(server, [AUDIO]);
    stream.send(...pcmFrames(AUDIO, { frameSamples: 320 }));
    await stream.close();
    await ended(server, 2);
    for (const socket of others) socket.destroy();
  });
});

const STRANGERS = 2000;
// What so many strangers may cost: a socket each with its buffers, and what Node keeps of its heap. Seen: 19 MB.
const MOST_GROWTH_BYTES = 200_000_000;

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) * 1024;
}

/** What a stranger does with its connection: nothing, a beginning, or garbage. */
function stranger(socket: Socket, i: number): void {
  const openings = [
    "",
    "",
    "GET /ws HTTP/1.1\r\n",
    "CPDA\x01",
    "token ",
    noiseBytes(300, i).toString("latin1"),
  ];
  socket.resume().write(Buffer.from(openings[i % openings.length], "latin1"));
}

describe("2000 strangers at every port", () => {
  it("cost little, fill no log, and a device that streams meanwhile loses nothing", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    const ports = [server.ready.ws!, server.ready.tcp!, server.ready.web!].map((text) =>
      Number(/:(\d+)(?:\/|$)/.exec(text)![1]),
    );
    await using device = await GoodStream.start(server.ready.ws!, 7);
    const before = residentBytes(server.ready.pid);
    const sockets: Socket[] = [];
    for (let i = 0; i < STRANGERS; i += 50) {
      const some = await Promise.all(
        Array.from({ length: 50 }, (_, k) => dialPort(ports[(i + k) % 3]).catch(() => undefined)),
      );
      for (const [k, socket] of some.entries()) {
        if (socket === undefined) continue;
        stranger(socket, i + k);
        sockets.push(socket);
      }
    }
    const upgraded = await Promise.all(Array.from({ length: 200 }, () => RawWebSocket.open(ports[0])));
    for (const raw of upgraded)
      raw.send(rawFrame({ opcode: OPCODE.binary, payload: new Uint8Array(9) }).subarray(0, 9));
    expect((await fetch(`${server.ready.web}/readyz`)).status).toBe(200);
    await pause(1000);
    expect(residentBytes(server.ready.pid) - before).toBeLessThan(MOST_GROWTH_BYTES);
    for (const socket of [...sockets, ...upgraded.map((raw) => raw.socket)]) socket.destroy();
    await device.finish();
    const { code, stdout } = await server.stop();
    expect(code).toBe(0);
    expect(logLines(stdout).filter(({ msg }) => /refused/.test(String(msg))).length).toBeLessThan(300);
    await device.expectRecorded(await wavsBelow(join(folder.path, "data"), "stream_7_"));
  });
});

describe.concurrent("maxMessageKb", () => {
  it("a handshake that declares larger frames: 1008 that names it; on TCP closed; others are recorded", async () => {
    await using server = await TestReceiver.start({ maxMessageKb: 1 });
    const reason =
      "invalid handshake: frame_samples 1000 makes frames of up to 2012 bytes, at most 1024 are allowed here (--max-message-kb)";
    expect(await provoke(server.ws(), [handshake({ frameSamples: 1000 })])).toEqual({ code: 1008, reason });
    await send(server, [handshake({ frameSamples: 1000 })]);
    await until("both refusals", () => server.refused.length === 2);
    expect(server.refused.map((refused) => refused.reason)).toEqual([reason, reason]);
    await play(server.ws(), [handshake(), ...pcmFrames(AUDIO, { frameSamples: 320 })]);
    await ended(server);
    expect(server.segments).toHaveLength(1);
  });
});
