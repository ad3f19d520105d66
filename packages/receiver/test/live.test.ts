/** Live listening: what is heard, how late, by whom. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { FRAME_HEADER_BYTES } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { LiveListener } from "../src/live/live-listener.js";
import { adpcmFrames, handshake, noiseBytes, payloadsOf, pcmFrames, tones } from "./support/audio.js";
import { refusalOf, TestListener } from "./support/live-listener.js";
import { StreamClient } from "./support/stream-client.js";
import { dial, dialPort } from "./support/tcp-client.js";
import { basic, TestReceiver } from "./support/test-receiver.js";
import { datagrams, UdpDevice } from "./support/udp-client.js";
import { pause, until } from "./support/waiting.js";

const SECONDS = 1.5;
const AUDIO = tones(SECONDS * 16_000);
const FRAME_MS = 20;

/** Sends at the pace of the audio, never faster; resolves with the times at which each was sent. */
async function inRealTime(send: (piece: Uint8Array) => void, pieces: readonly Uint8Array[]) {
  const sentMs: number[] = [];
  for (const piece of pieces) {
    await pause(FRAME_MS);
    sentMs.push(performance.now());
    send(piece);
  }
  return sentMs;
}

describe.concurrent("a live listener", () => {
  it.each([
    ["pcm16", "low", pcmFrames(AUDIO, { frameSamples: 320 })],
    ["ima-adpcm", "low", adpcmFrames(AUDIO, { frameSamples: 320 })],
    ["ima-adpcm", "high", adpcmFrames(AUDIO, { frameSamples: 320, order: "high" })],
  ] as const)("hears %s (%s) as it was sent, soon", async (codec, nibbleOrder, frames) => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws("/kitchen"));
    device.send(handshake({ codec }), ...frames.slice(0, 5));
    await until("the first frames", () => server.receiver.streams[0]?.frames === 5);
    using listener = await TestListener.join(server);
    using other = await TestListener.join(server);
    const rest = frames.slice(5);
    const sentMs = await inRealTime((frame) => device.send(frame), rest);
    await until("all of it", () => [listener, other].every((each) => each.frames.length === rest.length));
    for (const each of [listener, other]) {
      expect(each.formats).toEqual([
        { sampleRate: 16_000, channels: 1, frameSamples: 320, codec, nibbleOrder },
      ]);
      expect(each.bytes.equals(Buffer.concat(rest))).toBe(true);
    }
    const late = listener.arrivedMs.map((ms, i) => ms - sentMs[i]).sort((a, b) => a - b);
    // Here 13 ms, 51 at most; half a second is what a busy machine may take.
    expect(late[late.length >> 1]).toBeLessThan(500);
    expect(await device.close()).toMatchObject({ code: 1000 });
    expect(await listener.closed).toEqual({ code: 1000, reason: "the stream has ended: peer-closed" });
  });

  it("who comes before the order of nibbles is known hears what is recorded", async () => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws());
    device.send(handshake({ codec: "ima-adpcm" }));
    using listener = await TestListener.join(server);
    const frames = adpcmFrames(AUDIO, { frameSamples: 320, order: "high" }).slice(0, 20);
    await inRealTime((frame) => device.send(frame), frames);
    await until("all of it", () => listener.frames.length === frames.length);
    expect(listener.formats.map((format) => format.nibbleOrder)).toEqual(["high"]);
    expect(listener.bytes.equals(Buffer.concat(frames))).toBe(true);
  });

  it.each([16, 24, 32] as const)("hears raw PCM of %i bits as frames of 16", async (bitsPerSample) => {
    await using server = await TestReceiver.start({ bitsPerSample, channels: 2 });
    const bytes = bitsPerSample / 8;
    const sent = noiseBytes(16_000 * 2 * bytes);
    const device = await dial(server);
    device.write(sent.subarray(0, 8 * 2 * bytes));
    using listener = await TestListener.join(server);
    const rest = sent.subarray(8 * 2 * bytes);
    const step = (rest.length / 50) | 0; // cuts samples apart
    await inRealTime(
      (piece) => device.write(piece),
      Array.from({ length: 51 }, (_, i) => rest.subarray(i * step, (i + 1) * step)),
    );
    const whole = Math.floor((16_000 - 8) / 640) * 640;
    await until("all whole frames", () => listener.frames.length * 640 === whole);
    const upper = Buffer.alloc(whole * 4);
    for (let i = 0; i < whole * 2; i++) rest.copy(upper, i * 2, (i + 1) * bytes - 2, (i + 1) * bytes);
    expect(listener.formats).toEqual([
      { sampleRate: 16_000, channels: 2, frameSamples: 640, codec: "pcm16", nibbleOrder: "low" },
    ]);
    expect(Buffer.concat(payloadsOf(listener.frames)).equals(upper)).toBe(true);
    expect(listener.frames[3].readUInt32LE(8)).toBe(3);
    device.destroy();
  });

  it("hears PCM over UDP", async () => {
    await using server = await TestReceiver.start({ udpPort: 0 });
    await using device = await UdpDevice.open(server.udpPort);
    const packets = datagrams(AUDIO.subarray(0, 32_000));
    await device.send(...packets.slice(0, 1));
    using listener = await TestListener.join(server);
    for (let i = 1; i < packets.length; i += 5) {
      await device.send(...packets.slice(i, i + 5));
      await pause(5 * FRAME_MS);
    }
    await until("all whole frames", () => listener.frames.length === 24);
    const heard = Buffer.concat(payloadsOf(listener.frames));
    expect(heard.equals(AUDIO.subarray(640, 640 + 24 * 1280))).toBe(true);
  });

  it("that does not read misses frames, takes nothing from the others, and catches up at once", async () => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws());
    device.send(handshake());
    using slow = await TestListener.join(server);
    using good = await TestListener.join(server);
    slow.socket.pause();
    const frames = pcmFrames(tones(10 * 16_000), { frameSamples: 320 });
    // Ten seconds of audio, five times faster: what one who stopped reading must not get later.
    for (let i = 0; i < frames.length; i += 25) {
      device.send(...frames.slice(i, i + 25));
      await until("the good one", () => good.frames.length === i + 25);
    }
    slow.socket.resume();
    await pause(200);
    const behind = slow.frames.length;
    expect(behind).toBeGreaterThan(0);
    expect(behind * FRAME_MS).toBeLessThanOrEqual(1200);
    const more = pcmFrames(AUDIO, { frameSamples: 320, firstSeq: frames.length }).slice(0, 10);
    device.send(...more);
    await until("what comes now", () => slow.frames.length === behind + more.length);
    expect(good.bytes.equals(Buffer.concat([...frames, ...more]))).toBe(true);
  });

  it("says nothing itself", async () => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws());
    device.send(handshake());
    using listener = await TestListener.join(server);
    listener.socket.send("hello");
    expect(await listener.closed).toEqual({ code: 1008, reason: "this address is for listening" });
    expect(server.receiver.streams).toHaveLength(1);
  });

  it("is told when the server stops", async () => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws());
    device.send(handshake());
    using listener = await TestListener.join(server);
    await server.receiver.close();
    expect(await listener.closed).toEqual({ code: 1001, reason: "server stopping" });
  });
});

describe("a listener who is gone without a word", () => {
  it("is cut off after 30 s", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong: false });
    await once(server, "listening");
    using client = await StreamClient.connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [socket] = [...server.clients];
    const gone: number[] = [];
    const format = { sampleRate: 16_000, channels: 1, frameSamples: 320, codec: "pcm16" } as const;
    const listener = new LiveListener(socket, format, () => gone.push(1));
    listener.sweep(performance.now() + 11_000); // asks, and is answered
    const [answer] = await once(socket, "pong");
    expect(answer).toHaveLength(8);
    client.socket.pause();
    listener.sweep(performance.now() + 29_000);
    expect(socket.readyState).toBe(socket.OPEN);
    listener.sweep(performance.now() + 31_000);
    await until("its end", () => gone.length === 1);
    server.close();
  });
});

describe.concurrent("who is not let in to listen", () => {
  it("gets the status that every request would get", async () => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws());
    device.send(handshake());
    const { key } = (await until("the stream", () => server.opened[0])).stream;
    const path = `/live/${key}`;
    const authorization = basic("admin", "open sesame");
    const from = (origin: string) => ({ headers: { authorization, origin } });
    expect((await refusalOf(server, path, { headers: {} })).status).toBe(401);
    expect((await refusalOf(server, path, { headers: { authorization: basic("admin", "no") } })).status).toBe(
      401,
    );
    expect((await refusalOf(server, path, from("https://evil.example"))).status).toBe(403);
    expect((await refusalOf(server, path, from("null"))).status).toBe(403);
    expect((await refusalOf(server, "/live/99")).text).toBe('{"error":"no stream 99 is connected"}');
    expect((await refusalOf(server, "/live/0")).status).toBe(400);
    expect((await refusalOf(server, "/nowhere")).status).toBe(404);
    expect((await server.look(`/api/v1${path}`)).status).toBe(426);
    using own = await TestListener.join(server, key, from(new URL(server.web("/")).origin));
    expect(own.socket.readyState).toBe(own.socket.OPEN);
  });

  it("gets an answer also when it asks for another protocol, and is then closed", async () => {
    await using server = await TestReceiver.start();
    const ask = async (method: string, path: string) => {
      const socket = await dialPort(server.receiver.ports.web!);
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`);
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      await once(socket, "close");
      return text;
    };
    expect(await ask("GET", "/healthz")).toMatch(/^HTTP\/1.1 200 OK.*Connection: close.*"status":"ok"/is);
    expect(await ask("POST", "/healthz")).toMatch(/^HTTP\/1.1 400 /);
  });

  it("is one too many for a stream, and gets the place of one who leaves", async () => {
    await using server = await TestReceiver.start();
    using device = await StreamClient.connect(server.ws());
    device.send(handshake());
    const { key } = (await until("the stream", () => server.opened[0])).stream;
    const listeners = await Promise.all(Array.from({ length: 32 }, () => TestListener.join(server, key)));
    expect(await refusalOf(server, `/live/${key}`)).toMatchObject({
      status: 503,
      text: expect.stringContaining("32 listeners hear this stream"),
    });
    listeners[0].socket.close();
    await listeners[0].closed;
    const again = await until("a place", () => TestListener.join(server, key).catch(() => undefined));
    device.send(...pcmFrames(AUDIO.subarray(0, 640), { frameSamples: 320 }));
    await until("the frame", () => [again, ...listeners.slice(1)].every((each) => each.frames.length === 1));
    expect(again.frames[0].length).toBe(FRAME_HEADER_BYTES + 640);
    for (const each of [again, ...listeners]) each[Symbol.dispose]();
  });
});
