import type { Handshake } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { handshake, patched, pcmFrames, tones } from "./support/audio.js";
import { binary, OPCODE, type RawFrame, RawWebSocket, rawFrame } from "./support/raw-websocket.js";
import { filesBelow } from "./support/recordings.js";
import { play, provoke, StreamClient } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const GOOD = handshake();
const STEREO_ADPCM = handshake({ codec: "ima-adpcm", channels: 2 });

const REFUSED: [string, Uint8Array, string][] = [
  ["magic", patched(GOOD, 0, 4, 0x41445044), "invalid handshake: magic 0x41445044 is not 0x41445043"],
  [
    "magic in the other byte order",
    Buffer.from(GOOD).fill(Buffer.from("ADPC"), 0, 4),
    "invalid handshake: magic 0x43504441 is not 0x41445043",
  ],
  ["version 0", patched(GOOD, 4, 2, 0), "invalid handshake: version 0 is not 1"],
  ["version 2", patched(GOOD, 4, 2, 2), "invalid handshake: version 2 is not 1"],
  ["header_len", patched(GOOD, 6, 2, 33), "invalid handshake: header_len 33 is not 32"],
  [
    "sample_rate too low",
    patched(GOOD, 12, 4, 999),
    "invalid handshake: sample_rate 999 is not 1000 … 384000 Hz",
  ],
  [
    "sample_rate too high",
    patched(GOOD, 12, 4, 384_001),
    "invalid handshake: sample_rate 384001 is not 1000 … 384000 Hz",
  ],
  [
    "sample_rate 2³²−1",
    patched(GOOD, 12, 4, 0xffff_ffff),
    "invalid handshake: sample_rate 4294967295 is not 1000 … 384000 Hz",
  ],
  ["no channel", patched(GOOD, 16, 2, 0), "invalid handshake: channels 0 is not 1 … 8"],
  ["nine channels", patched(GOOD, 16, 2, 9), "invalid handshake: channels 9 is not 1 … 8"],
  [
    "three channels of ADPCM",
    patched(STEREO_ADPCM, 16, 2, 3),
    "invalid handshake: channels 3 is not 1 or 2, as IMA ADPCM needs",
  ],
  ["codec", patched(GOOD, 18, 2, 7), "invalid handshake: codec 7 is not 0 (PCM16) or 1 (IMA ADPCM)"],
  ["codec 2", patched(GOOD, 18, 2, 2), "invalid handshake: codec 2 is not 0 (PCM16) or 1 (IMA ADPCM)"],
  ["frame_samples", patched(GOOD, 20, 2, 0), "invalid handshake: frame_samples 0 is not 1 … 65535"],
  [
    "frame_samples of stereo ADPCM",
    patched(STEREO_ADPCM, 20, 2, 316),
    "invalid handshake: frame_samples 316 is not a multiple of 8, as stereo IMA ADPCM needs",
  ],
  ["0 bytes", new Uint8Array(0), "invalid handshake: message is 0 bytes, not 32"],
  ["31 bytes", GOOD.subarray(0, 31), "invalid handshake: message is 31 bytes, not 32"],
  ["33 bytes", Buffer.concat([GOOD, new Uint8Array(1)]), "invalid handshake: message is 33 bytes, not 32"],
  ["64 kB", Buffer.alloc(65_536), "invalid handshake: message is 65536 bytes, not 32"],
  [
    "a frame before the handshake",
    pcmFrames(tones(320), { frameSamples: 320 })[0],
    "invalid handshake: message is 652 bytes, not 32",
  ],
];

describe.concurrent("a handshake that breaks a rule", () => {
  it.each(REFUSED)("%s: 1008, and the reason names the value", async (_, message, reason) => {
    await using server = await TestReceiver.start();
    expect(await provoke(server.ws("/kitchen"), [message])).toEqual({ code: 1008, reason });
    expect(server.refused).toEqual([
      { peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), listener: "websocket", reason, code: 1008 },
    ]);
    expect(server.opened).toEqual([]);
    expect(await filesBelow(server.dataDir)).toEqual([]);
  });

  it("text first: 1003 `binary required`", async () => {
    await using server = await TestReceiver.start();
    expect(await provoke(server.ws(), ["hello"])).toEqual({ code: 1003, reason: "binary required" });
  });

  it("a message over 1 MiB instead of a handshake: 1009 before its payload comes", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(rawFrame({ opcode: OPCODE.binary, payload: new Uint8Array(0), claimedBytes: 2 ** 40 }));
    expect(await raw.closeFrame()).toEqual({
      code: 1009,
      reason: "message is 1099511627776 bytes, at most 32 are allowed here",
    });
  });
});

describe.concurrent("a handshake at the edge of what is allowed", () => {
  const cases: [string, Partial<Handshake>][] = [
    ["the least of everything", { streamId: 0, sampleRate: 1000, frameSamples: 1, channels: 1 }],
    [
      "the most of everything",
      {
        streamId: 0xffff_ffff,
        sampleRate: 384_000,
        frameSamples: 65_535,
        channels: 8,
        timestampMs: 2n ** 64n - 1n,
      },
    ],
    ["stereo ADPCM", { codec: "ima-adpcm", channels: 2, frameSamples: 65_528 }],
    ["mono ADPCM of one sample", { codec: "ima-adpcm", frameSamples: 1 }],
  ];
  it.each(cases)("%s is taken", async (_, fields) => {
    await using server = await TestReceiver.start();
    expect(await play(server.ws(), [handshake(fields)])).toEqual({ code: 1000, reason: "" });
    const { streamId = 7, sampleRate = 16_000, channels = 1, codec = "pcm16" } = fields;
    expect(server.opened).toMatchObject([
      { codec, stream: { streamId, sampleRate, channels, bitsPerSample: 16 } },
    ]);
    expect(server.refused).toEqual([]);
  });

  it("the reserved field is ignored", async () => {
    await using server = await TestReceiver.start();
    expect(await play(server.ws(), [patched(GOOD, 22, 2, 0xbeef)])).toMatchObject({ code: 1000 });
    expect(server.opened).toHaveLength(1);
  });
});

describe.concurrent("a peer that does not speak", () => {
  it("is told 1008 after the time for the handshake, and counted once", async () => {
    await using server = await TestReceiver.start({ handshakeTimeoutSeconds: 0.4 });
    using raw = await RawWebSocket.open(server.wsPort);
    expect(await raw.closeFrame()).toEqual({ code: 1008, reason: "no handshake within 0.4 s" });
    await raw.gone(); // it never answers our close; the connection is cut all the same
    expect(server.refused).toHaveLength(1);
  });

  it("may ping meanwhile, but a ping is no handshake", async () => {
    await using server = await TestReceiver.start({ handshakeTimeoutSeconds: 0.4 });
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(rawFrame({ opcode: OPCODE.ping, payload: Buffer.from("here") }));
    expect((await raw.frame(OPCODE.pong)).payload.toString()).toBe("here");
    expect(await raw.closeFrame()).toMatchObject({ code: 1008 });
  });

  it("keeps its connection after a handshake in time, also without audio", async () => {
    await using server = await TestReceiver.start({ handshakeTimeoutSeconds: 0.4 });
    using client = await StreamClient.connect(server.ws());
    client.send(GOOD);
    await pause(1500);
    expect(await client.close()).toMatchObject({ code: 1000 });
  });
});

describe.concurrent("a WebSocket frame that breaks RFC 6455", () => {
  const cases: [string, RawFrame, string][] = [
    ["unmasked", { opcode: OPCODE.binary, payload: GOOD, mask: false }, "frame of a client is not masked"],
    ["RSV1", { opcode: OPCODE.binary, payload: GOOD, reserved: 0x40 }, "reserved bits 0x40 are set"],
    ["RSV3", { opcode: OPCODE.binary, payload: GOOD, reserved: 0x10 }, "reserved bits 0x10 are set"],
    ["data opcode 3", { opcode: 3, payload: GOOD }, "opcode 3 is not known"],
    ["control opcode 11", { opcode: 11, payload: new Uint8Array(0) }, "opcode 11 is not known"],
    ["continuation of nothing", { opcode: OPCODE.continuation, payload: GOOD }, "continuation of nothing"],
    [
      "fragmented ping",
      { opcode: OPCODE.ping, payload: new Uint8Array(0), fin: false },
      "control frame is fragmented",
    ],
    [
      "ping of 126 bytes",
      { opcode: OPCODE.ping, payload: Buffer.alloc(126) },
      "control frame has 126 bytes, at most 125 are allowed",
    ],
  ];
  it.each(cases)("%s: 1002", async (_, frame, reason) => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(rawFrame(frame));
    expect(await raw.closeFrame()).toEqual({ code: 1002, reason });
    expect(server.refused).toMatchObject([{ code: 1002, reason }]);
  });

  it("a message begun inside a message: 1002", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(rawFrame({ opcode: OPCODE.binary, payload: GOOD.subarray(0, 8), fin: false }), binary(GOOD));
    expect(await raw.closeFrame()).toMatchObject({ code: 1002, reason: "message inside a message" });
  });
});

it("takes handshake and frames that came in one piece with the upgrade request", async () => {
  await using server = await TestReceiver.start();
  const audio = tones(640);
  const head = Buffer.concat(
    [GOOD, ...pcmFrames(audio, { frameSamples: 320 })].map((message) => binary(message)),
  );
  using raw = await RawWebSocket.open(server.wsPort, { head });
  raw.send(rawFrame({ opcode: OPCODE.close, payload: new Uint8Array(0) }));
  expect(await raw.closeFrame()).toMatchObject({ code: 1000 });
  raw.socket.end();
  expect((await server.streamClosed(7)).status).toMatchObject({ frames: 2, samples: 640 });
});

it("forgets a connection that vanishes at any moment before its first audio", async () => {
  await using server = await TestReceiver.start({ maxConnections: 3 });
  const starts = [new Uint8Array(0), GOOD.subarray(0, 9), binary(GOOD).subarray(0, 20), binary(GOOD)];
  for (const bytes of starts) {
    using raw = await RawWebSocket.open(server.wsPort);
    raw.send(bytes);
    await pause(30);
  }
  const free = await until("places for three", async () => {
    const clients = await Promise.all(
      [1, 2, 3].map(() => StreamClient.connect(server.ws()).catch(() => undefined)),
    );
    for (const client of clients) client?.socket.terminate();
    return clients.every((client) => client !== undefined);
  });
  expect(free).toBe(true);
  expect(await filesBelow(server.dataDir)).toEqual([]);
});
