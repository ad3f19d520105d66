/** Garbage at every port of a running receiver: it stays up and small, says why in one line each, and others go on. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { corpus } from "../../../test/corpus/corpus.js";
import { noiseBytes } from "./support/audio.js";
import { logLines, ServerProcess } from "./support/command.js";
import { GoodStream } from "./support/good-stream.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { wavsBelow } from "./support/recordings.js";
import { provoke } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { UdpDevice } from "./support/udp-client.js";
import { until } from "./support/waiting.js";

// What 400 strangers may cost together: a socket with its buffers, and what Node keeps of its heap.
const MOST_GROWTH_BYTES = 150_000_000;
const IDLE_STRANGERS = 400;
const TIMEOUT_MS = 120_000;

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

function portsOf({ ws, tcp, udp, web }: ServerProcess["ready"]) {
  const port = (address: string) => Number(/:(\d+)(?:\/|$)/.exec(address)?.[1]);
  return { ws: port(ws!), tcp: port(tcp!), udp: port(udp ?? ":0"), web: port(web!) };
}

async function dialPort(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => socket.destroy());
  socket.resume();
  await once(socket, "connect");
  return socket;
}

/** Sends these bytes and hangs up; waits until the other side has let go too, or cuts it off. */
async function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  const socket = await dialPort(port);
  const gone = new Promise((resolve) => socket.once("close", resolve));
  const patience = setTimeout(() => socket.destroy(), 500);
  socket.end(bytes);
  await gone;
  clearTimeout(patience);
}

/** Every log line is one JSON object with a message and no stack. */
function expectClearLog(stdout: string): Record<string, unknown>[] {
  const lines = logLines(stdout);
  for (const line of lines) {
    expect(line.msg).toMatch(/\S/);
    expect(JSON.stringify(line)).not.toMatch(/\\n\s+at |node:internal|internal error|TypeError|RangeError/);
  }
  return lines;
}

describe.concurrent("garbage", () => {
  it(
    "at every port of one receiver harms nobody",
    async () => {
      await using folder = await temporaryFolder();
      await using server = await ServerProcess.start({ cwd: folder.path, flags: ["--udp-port", "0"] });
      const ports = portsOf(server.ready);
      await using good = await GoodStream.start(`${server.ready.ws}/good`, 99);
      const before = residentBytes(server.ready.pid);
      const strangers: Socket[] = [];
      for (let i = 0; i < IDLE_STRANGERS; i++)
        strangers.push(await dialPort([ports.ws, ports.tcp, ports.web][i % 3]));
      for (const [i, stranger] of strangers.entries()) stranger.write(["G", "CPDA", "GET / HT"][i % 3]);
      for (const port of [ports.ws, ports.tcp, ports.web]) {
        await Promise.all(corpus().map(({ bytes }) => throwAt(port, bytes)));
        await throwAt(port, noiseBytes(4_000_000, port));
      }
      await using device = await UdpDevice.open(ports.udp);
      await device.send(...corpus().map(({ bytes }) => bytes));
      for (const stranger of strangers) stranger.destroy();
      expect(residentBytes(server.ready.pid) - before).toBeLessThan(MOST_GROWTH_BYTES);
      await good.finish();
      const { code, stdout, stderr } = await server.stop();
      expect([code, stderr]).toEqual([0, ""]);
      expectClearLog(stdout);
      await good.expectRecorded(await wavsBelow(join(folder.path, "data"), "stream_99_"));
    },
    TIMEOUT_MS,
  );

  it("is refused in one line that names peer and reason", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    const { ws, tcp } = portsOf(server.ready);
    const messages = corpus("handshake").filter(({ name }) => !/reserved|timestamp|most-of/.test(name));
    for (const { bytes } of messages) await provoke(server.ready.ws!, [bytes]);
    const broken = corpus("frames").filter(({ name }) =>
      /payload-(odd|empty|too)|length-(max|sign)|magic|garbage/.test(name),
    );
    for (const { bytes } of broken) await throwAt(tcp, bytes);
    for (const path of ["/ws/a/b", "/ws/%zz", "/elsewhere"])
      (await RawWebSocket.open(ws, { path })).socket.destroy();
    const lines = expectClearLog((await server.stop()).stdout);
    const refused = lines.filter(({ msg }) => String(msg).startsWith("refused: "));
    expect(refused).toHaveLength(messages.length + broken.length + 3);
    for (const { msg, peer, listener } of refused) {
      expect(msg).toMatch(/^refused: (invalid handshake|frame \d+|no such endpoint): \S/);
      expect(peer).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(listener).toMatch(/^(websocket|tcp)$/);
    }
  });

  it("that is no HTTP request is answered 400, and told like any other", async () => {
    await using server = await TestReceiver.start();
    for (const port of [server.wsPort, server.receiver.ports.web!]) {
      await throwAt(port, Buffer.from("SSH-2.0-OpenSSH\r\n\r\n"));
    }
    await until("both refusals", () => server.refused.length === 2 || undefined);
    expect(server.refused.map(({ listener, code }) => [listener, code])).toEqual([
      ["websocket", 400],
      ["web", 400],
    ]);
    for (const { reason } of server.refused) expect(reason).toMatch(/^no HTTP request: /);
  });
});
