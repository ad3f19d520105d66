/** Who may send, at every port of a receiver, over real sockets. */
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { streamAudio } from "@audio/streamer";
import { describe, expect, it } from "vitest";
import { newToken } from "../src/access/token.js";
import type { TokensChange } from "../src/access/tokens.js";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { joinedAudio } from "./support/recordings.js";
import { StreamClient } from "./support/stream-client.js";
import { dial, ended, send } from "./support/tcp-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { addToken, token as tokenCommand, tokensFile } from "./support/tokens.js";
import { pause, until } from "./support/waiting.js";

const AUDIO = noiseBytes(6400);
const MESSAGES = [handshake(), ...pcmFrames(AUDIO, { frameSamples: 320 })];

async function withTokens(dataDir: string, options = {}): Promise<TestReceiver> {
  return TestReceiver.start({ dataDir, auth: "token", ...options });
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

async function status(server: TestReceiver, path: string, headers = {}): Promise<number> {
  using raw = await RawWebSocket.open(server.wsPort, { path, headers });
  return raw.status;
}

describe.concurrent("auth: token, WebSocket", () => {
  it("401 without a token and with a wrong one, on every endpoint; Bearer and ?token= come in", async () => {
    await using folder = await temporaryFolder();
    const { token } = await addToken(folder.path, "any");
    await using server = await withTokens(folder.path);
    for (const path of ["/ws", "/ws/kitchen", "/ws/echo"]) {
      expect(await status(server, path)).toBe(401);
      expect(await status(server, `${path}?token=${newToken()}`)).toBe(401);
      expect(await status(server, `${path}?token=${token}`)).toBe(101);
      expect(await status(server, path, bearer(token).headers)).toBe(101);
    }
    using raw = await RawWebSocket.open(server.wsPort);
    expect(raw.answer).toMatch(/^WWW-Authenticate: Bearer\r$/m);
    expect(raw.answer).toContain("token required");
    expect(server.opened).toEqual([]);
  });

  it("POST /echo needs one too", async () => {
    await using folder = await temporaryFolder();
    const { token } = await addToken(folder.path, "any");
    await using server = await withTokens(folder.path);
    const url = `http://127.0.0.1:${server.wsPort}/echo`;
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(401);
    const answer = await fetch(url, { method: "POST", body: "x", headers: bearer(token).headers });
    expect([answer.status, await answer.text()]).toEqual([200, "x"]);
    expect((await fetch(server.web("/readyz"))).status).toBe(200);
  });

  it("a token of a device is for no other, and gives a name to who has none", async () => {
    await using folder = await temporaryFolder();
    const { token } = await addToken(folder.path, "--device", "AA:BB");
    await using server = await withTokens(folder.path);
    expect(await status(server, `/ws/garden?token=${token}`)).toBe(403);
    for (const path of ["/AA:BB", ""]) {
      using client = await StreamClient.connect(server.ws(path), bearer(token));
      await client.send(...MESSAGES).close();
    }
    await ended(server, 2);
    expect(server.opened.map(({ stream }) => stream.device)).toEqual(["AA_BB", "AA_BB"]);
  });

  it("wrong ones again and again: 429, then others are let in all the same", async () => {
    await using folder = await temporaryFolder();
    const { token } = await addToken(folder.path, "any");
    await using server = await withTokens(folder.path);
    const answers = [];
    for (let i = 0; i < 14; i++) answers.push(await status(server, `/ws?token=${newToken()}`));
    expect(answers.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(answers).toContain(429);
    await until("a right one", async () => (await status(server, `/ws?token=${token}`)) === 101);
  });
});

describe.concurrent("auth: token, TCP", () => {
  it("audio-stream shows its token there too", async () => {
    await using folder = await temporaryFolder();
    const { token } = await addToken(folder.path, "any");
    await using server = await withTokens(folder.path);
    const samples = new Int16Array(AUDIO.buffer, AUDIO.byteOffset, AUDIO.length / 2);
    const pieces = [samples];
    const source = async () => ({
      name: "test",
      sampleRate: 16_000,
      channels: 1,
      read: async () => pieces.pop(),
      close: async () => undefined,
    });
    await streamAudio({ source, tcp: { host: "127.0.0.1", port: server.tcpPort }, token });
    await ended(server, 1);
    expect((await joinedAudio(server.segments)).equals(AUDIO)).toBe(true);
  });

  it("the first line is the token, cut anywhere; then raw PCM or frames, byte for byte", async () => {
    await using folder = await temporaryFolder();
    const any = await addToken(folder.path, "any");
    const bound = await addToken(folder.path, "--device", "studio");
    await using server = await withTokens(folder.path);
    const raw = Buffer.concat([Buffer.from(`token ${any.token}\n`), AUDIO]);
    const named = Buffer.concat([Buffer.from(`token ${bound.token}\r\n`), AUDIO]);
    const framed = Buffer.concat([Buffer.from(`token ${bound.token}\n`), ...MESSAGES]);
    await send(server, [raw]);
    await send(
      server,
      Array.from(named.subarray(0, 80), (byte) => Uint8Array.of(byte)).concat(named.subarray(80)),
    );
    await send(server, [framed.subarray(0, 60), framed.subarray(60)]);
    await ended(server, 3);
    const devices = server.opened.map(({ stream }) => [stream.source, stream.device]);
    expect(devices).toEqual([
      ["tcp", "127-0-0-1"],
      ["tcp", "studio"],
      ["framed-tcp", "studio"],
    ]);
    for (const { stream } of server.opened) {
      const own = server.segments.filter((segment) => segment.stream.key === stream.key);
      expect((await joinedAudio(own)).equals(AUDIO)).toBe(true);
    }
  });

  it.each([
    ["nothing but audio", AUDIO],
    ["a handshake", Buffer.concat(MESSAGES)],
    ["a wrong token", Buffer.concat([Buffer.from(`token ${newToken()}\n`), AUDIO])],
    ["a line that does not end", Buffer.from(`token ${"x".repeat(5000)}`)],
    ["half a line", Buffer.from("token art_")],
    ["one byte", Buffer.from("t")],
  ])("%s is refused, and nothing recorded", async (_, bytes) => {
    await using folder = await temporaryFolder();
    await using server = await withTokens(folder.path);
    await send(server, [bytes]);
    await until("the refusal", () => server.refused.length === 1);
    expect(server.refused).toMatchObject([{ listener: "tcp", reason: expect.stringContaining("token") }]);
    expect(server.opened).toEqual([]);
  });

  it("silence is not waited for", async () => {
    await using folder = await temporaryFolder();
    await using server = await withTokens(folder.path, { handshakeTimeoutSeconds: 0.3 });
    const socket = await dial(server);
    socket.write("token ");
    socket.resume();
    await once(socket, "close");
    expect(server.refused).toMatchObject([{ reason: "no token within 0.3 s" }]);
  });

  it("trustFrom: these addresses need none", async () => {
    await using folder = await temporaryFolder();
    await using server = await withTokens(folder.path, { trustFrom: ["127.0.0.2/32"] });
    await send(server, [AUDIO], "127.0.0.2");
    await send(server, [AUDIO], "127.0.0.3");
    await ended(server);
    expect(server.opened.map(({ stream }) => stream.device)).toEqual(["127-0-0-2"]);
    expect(server.refused).toMatchObject([{ peer: expect.stringMatching(/^127\.0\.0\.3:/) }]);
  });
});

describe.concurrent("auth: open", () => {
  it("a token that is shown does no harm: it is not looked at, and is no audio", async () => {
    await using server = await TestReceiver.start();
    const token = newToken();
    expect(await status(server, `/ws/kitchen?token=${token}`)).toBe(101);
    await send(server, [Buffer.from(`token ${token}\n`), AUDIO]);
    await ended(server);
    expect((await joinedAudio(server.segments)).equals(AUDIO)).toBe(true);
  });

  it("audio that only begins like one is audio", async () => {
    await using server = await TestReceiver.start();
    const audio = Buffer.concat([Buffer.from("token of esteem\n"), AUDIO]);
    await send(server, [audio.subarray(0, 3), audio.subarray(3)]);
    await send(server, [Buffer.from("token!")]);
    await ended(server, 2);
    const [first, second] = await Promise.all(server.segments.map((segment) => joinedAudio([segment])));
    expect(first.equals(audio)).toBe(true);
    expect(second.toString()).toBe("token!");
  });
});

describe.concurrent("tokens that change while it runs", () => {
  it("come in without a restart, and revoked ones end what is live; the audio until then is kept", async () => {
    await using folder = await temporaryFolder();
    await using server = await withTokens(folder.path);
    const [ws, tcp, stays] = [
      await addToken(folder.path, "ws"),
      await addToken(folder.path, "tcp"),
      await addToken(folder.path, "stays"),
    ];
    await until("the tokens", async () => (await status(server, `/ws?token=${stays.token}`)) === 101);
    using revoked = await StreamClient.connect(server.ws(), bearer(ws.token));
    using unharmed = await StreamClient.connect(server.ws(), bearer(stays.token));
    const socket = await dial(server);
    socket.resume().write(Buffer.concat([Buffer.from(`token ${tcp.token}\n`), AUDIO]));
    for (const client of [revoked, unharmed]) client.send(...MESSAGES);
    await until("three streams", () => server.opened.length === 3);
    await pause(300);
    for (const { name } of [ws, tcp]) await tokenCommand(folder.path, "revoke", name);
    expect(await revoked.closed).toEqual({ code: 1008, reason: "token ws is no longer good" });
    await ended(server, 2);
    expect(unharmed.socket.readyState).toBe(unharmed.socket.OPEN);
    expect(await status(server, `/ws?token=${ws.token}`)).toBe(401);
    for (const { stream } of server.closed) {
      const own = server.segments.filter((segment) => segment.stream.key === stream.key);
      expect((await joinedAudio(own)).equals(AUDIO)).toBe(true);
    }
    expect(await unharmed.close()).toMatchObject({ code: 1000 });
  });

  it("a broken file, and one that is gone, leave the last good tokens and say so once", async () => {
    await using folder = await temporaryFolder();
    const { token } = await addToken(folder.path, "any");
    await using server = await withTokens(folder.path);
    const changes: TokensChange[] = [];
    server.receiver.events.on("tokens", (change) => changes.push(change));
    using client = await StreamClient.connect(server.ws(), bearer(token));
    await writeFile(tokensFile(folder.path), '{"tokens": [');
    await until("the fault", () => changes.length === 1);
    await rm(tokensFile(folder.path));
    await until("the loss", () => changes.length === 2);
    await pause(1500);
    expect(changes.map(({ tokens, fault }) => [tokens, fault])).toEqual([
      [1, "it is no JSON"],
      [1, "it is gone"],
    ]);
    expect(await status(server, `/ws?token=${token}`)).toBe(101);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

describe.concurrent("allowFrom", () => {
  it("WebSocket 403 before the upgrade, TCP closed at once; others come in; probes are answered", async () => {
    await using server = await TestReceiver.start({ allowFrom: ["127.0.0.2", "10.0.0.0/8"] });
    for (const path of ["/ws", "/ws/echo", "/nowhere"]) expect(await status(server, path)).toBe(403);
    const echo = await fetch(`http://127.0.0.1:${server.wsPort}/echo`, { method: "POST", body: "x" });
    expect([echo.status, await echo.text()]).toEqual([
      403,
      "address 127.0.0.1 is not in allowFrom (--allow-from)\n",
    ]);
    await send(server, [AUDIO], "127.0.0.1").catch(() => undefined);
    await send(server, [AUDIO], "127.0.0.2");
    await ended(server);
    expect(server.opened.map(({ stream }) => stream.device)).toEqual(["127-0-0-2"]);
    expect(server.refused.map(({ code }) => code)).toEqual([403, 403, 403, 403, undefined]);
    expect((await fetch(server.web("/readyz"))).status).toBe(200);
  });
});
