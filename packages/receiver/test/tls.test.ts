import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TlsChange } from "../src/access/tls-identity.js";
import { handshake, noiseBytes, pcmFrames, wavFile } from "./support/audio.js";
import { audioReceiver, audioStream, logLines, ServerProcess } from "./support/command.js";
import { joinedAudio, wavsBelow } from "./support/recordings.js";
import { StreamClient } from "./support/stream-client.js";
import { ended } from "./support/tcp-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { dialTls, getStatus, install, pairOf, shownName, trusting } from "./support/tls-client.js";
import { pause, until, within } from "./support/waiting.js";

const FIRST = { tlsCert: pairOf("first").cert, tlsKey: pairOf("first").key };

function secure(server: TestReceiver, rest = ""): string {
  return `wss://127.0.0.1:${server.wsPort}/ws${rest}`;
}

describe.concurrent("with a certificate", () => {
  it("WebSocket is wss: a live stream and a fast one are recorded sample for sample", async () => {
    await using server = await TestReceiver.start({ ...FIRST, wsSegmentSeconds: 1 });
    const audio = noiseBytes(32_000 * 2);
    const fast = noiseBytes(32_000 * 120, 2);
    const options = await trusting("first");
    using live = await StreamClient.connect(secure(server, "/kitchen"), options);
    using replay = await StreamClient.connect(secure(server), options);
    live.send(handshake({ streamId: 1 }));
    replay.send(handshake({ streamId: 2 }), ...pcmFrames(fast, { frameSamples: 320 }));
    for (const frame of pcmFrames(audio, { frameSamples: 320 })) {
      live.send(frame);
      await pause(19);
    }
    for (const client of [live, replay]) expect(await client.close()).toMatchObject({ code: 1000 });
    for (const id of [1, 2]) await server.streamClosed(id);
    expect((await joinedAudio(server.segmentsOf(1))).equals(audio)).toBe(true);
    expect((await joinedAudio(server.segmentsOf(2))).equals(fast)).toBe(true);
  });

  it("TCP is TLS, for raw PCM as for frames", async () => {
    await using server = await TestReceiver.start(FIRST);
    const audio = noiseBytes(100_000);
    const framed = [handshake({ streamId: 5 }), ...pcmFrames(audio, { frameSamples: 320 })];
    for (const bytes of [audio, Buffer.concat(framed)]) {
      const socket = await dialTls(server.tcpPort, await trusting("first"));
      socket.end(bytes);
      socket.resume();
      await once(socket, "close");
    }
    await ended(server, 2);
    for (const id of [0, 5]) expect((await joinedAudio(server.segmentsOf(id))).equals(audio)).toBe(true);
  });

  it("the web port is https, and what is not TLS records nothing anywhere", async () => {
    await using server = await TestReceiver.start({ ...FIRST, handshakeTimeoutSeconds: 1 });
    const { ports } = server.receiver;
    expect(await getStatus(`https://127.0.0.1:${ports.web}/readyz`, await trusting("first"))).toBe(200);
    for (const port of [ports.ws!, ports.tcp!, ports.web!]) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => socket.destroy());
      socket.write(noiseBytes(4096));
      await once(socket, "close");
    }
    expect(server.opened).toEqual([]);
  });

  it("nothing older than TLS 1.2 is spoken", async () => {
    await using server = await TestReceiver.start(FIRST);
    const old = {
      ...(await trusting("first")),
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    await expect(within(5000, "a connection", dialTls(server.tcpPort, old))).rejects.toThrow();
    const socket = await dialTls(server.tcpPort, { ...(await trusting("first")), maxVersion: "TLSv1.2" });
    expect(socket.getProtocol()).toBe("TLSv1.2");
    socket.destroy();
  });

  it("stopping does not wait for a peer that never begins to speak TLS", async () => {
    const server = await TestReceiver.start(FIRST);
    const { ports } = server.receiver;
    const sockets = [ports.ws!, ports.tcp!, ports.web!].map((port) => connect(port, "127.0.0.1"));
    for (const socket of sockets) socket.on("error", () => socket.destroy());
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await pause(100);
    await within(8000, "the end of the receiver", server[Symbol.asyncDispose]());
  });
});

describe.concurrent("new files", () => {
  it("are taken over by every port without a restart; live streams go on; a broken pair changes nothing", async () => {
    await using folder = await temporaryFolder();
    const { cert, key } = await install("first", folder.path);
    await using server = await TestReceiver.start({ tlsCert: cert, tlsKey: key });
    const changes: TlsChange[] = [];
    server.receiver.events.on("certificate", (change) => changes.push(change));
    using client = await StreamClient.connect(secure(server), await trusting("first"));
    const audio = noiseBytes(6400);
    const frames = pcmFrames(audio, { frameSamples: 320 });
    client.send(handshake(), ...frames.slice(0, 5));
    await writeFile(key, "no key at all");
    await until("the fault", () => changes.length === 1);
    expect(changes[0].fault).toContain(`TLS key ${key} (--tls-key)`);
    const ports = [server.wsPort, server.tcpPort, server.receiver.ports.web!];
    for (const port of ports) expect(await shownName(port)).toBe("first");
    await install("second", folder.path);
    await until("the new pair", () => changes.length === 2);
    expect(changes[1].fault).toBeUndefined();
    for (const port of ports) expect(await shownName(port)).toBe("second");
    client.send(...frames.slice(5));
    await client.close();
    await server.streamClosed(7);
    expect((await joinedAudio(server.segmentsOf(7))).equals(audio)).toBe(true);
  });
});

describe.concurrent("the command", () => {
  const ports = ["--ws-port=0", "--tcp-port=0", "--web-port=0", "--host=127.0.0.1"];
  const { cert, key } = pairOf("first");
  it.each([
    [
      "a certificate that is not there",
      ["--tls-cert", "gone.pem", "--tls-key", key],
      1,
      "gone.pem (--tls-cert) cannot be read: ENOENT",
    ],
    [
      "a key that is not there",
      ["--tls-cert", cert, "--tls-key", "gone.pem"],
      1,
      "gone.pem (--tls-key) cannot be read: ENOENT",
    ],
    [
      "files in the wrong order",
      ["--tls-cert", key, "--tls-key", cert],
      1,
      "holds no certificate in PEM form",
    ],
    [
      "another's key",
      ["--tls-cert", cert, "--tls-key", pairOf("second").key],
      1,
      "does not belong to the certificate",
    ],
    ["a key that is none", ["--tls-cert", cert, "--tls-key", cert], 1, "is no private key in PEM form"],
    [
      "one of the two",
      ["--tls-cert", cert],
      2,
      "tlsCert is given without tlsKey (--tls-key): TLS needs both",
    ],
    [
      "the other of the two",
      ["--tls-key", key],
      2,
      "tlsKey is given without tlsCert (--tls-cert): TLS needs both",
    ],
    [
      "the key itself for its file",
      ["--tls-cert", cert, "--tls-key", "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----"],
      2,
      'tlsKey (flag --tls-key): "***" is not allowed',
    ],
  ])("with %s: one line, no start", async (_, flags, expected, message) => {
    await using folder = await temporaryFolder();
    const { code, stdout, stderr } = await audioReceiver(["serve", ...ports, ...flags], { cwd: folder.path });
    expect([code, stdout]).toEqual([expected, ""]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("says wss and https, and audio-stream that trusts the certificate is recorded", async () => {
    await using folder = await temporaryFolder();
    const flags = ["--tls-cert", cert, "--tls-key", key];
    await using server = await ServerProcess.start({ cwd: folder.path, flags });
    expect(server.ready).toMatchObject({
      ws: expect.stringMatching(/^wss:\/\/127\.0\.0\.1:\d+\/ws$/),
      tcp: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      web: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
    });
    const audio = noiseBytes(64_000);
    await writeFile(join(folder.path, "sound.wav"), wavFile(audio));
    const words = ["--wav", "sound.wav", "--codec", "pcm", "--url", server.ready.ws!, "--json"];
    const env = { NODE_EXTRA_CA_CERTS: cert };
    expect(await audioStream(words, { cwd: folder.path, env })).toMatchObject({ code: 0 });
    const { code, stdout } = await server.stop();
    expect(code).toBe(0);
    expect(logLines(stdout).map(({ msg }) => msg)).toContain("TLS certificate read");
    const wavs = await wavsBelow(join(folder.path, "data"));
    expect((await joinedAudio(wavs.map((path) => ({ path })))).equals(audio)).toBe(true);
  });

  it("starts with a certificate that has expired, and warns", async () => {
    await using folder = await temporaryFolder();
    const expired = pairOf("expired");
    const flags = ["--tls-cert", expired.cert, "--tls-key", expired.key];
    await using server = await ServerProcess.start({ cwd: folder.path, flags });
    const warnings = logLines((await server.stop()).stdout).filter(({ level }) => Number(level) >= 40);
    expect(warnings).toMatchObject([
      { msg: expect.stringContaining("certificate has expired"), validUntil: "2020-02-01T00:00:00.000Z" },
    ]);
  });
});
