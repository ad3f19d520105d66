import { formatFrame, type Handshake } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { adpcmFrames, handshake, patched, pcmFrames, tones } from "./support/audio.js";
import { binary, OPCODE, RawWebSocket, rawFrame } from "./support/raw-websocket.js";
import { readRecording } from "./support/recordings.js";
import { play, provoke } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";

const SAMPLES = 320;
const AUDIO = tones(SAMPLES);
const pcm = (payload: Uint8Array) => formatFrame("pcm16", 1, payload);
const adpcm = (payload: Uint8Array) => formatFrame("ima-adpcm", 1, payload);
const zeros = (length: number) => new Uint8Array(length);

// Each is sent as the second frame, behind a good one.
const REFUSED: [string, Partial<Handshake>, Uint8Array | string, number, string][] = [
  ["no byte at all", {}, zeros(0), 1008, "frame 2: message is 0 bytes, shorter than its 12-byte header"],
  [
    "half a header",
    {},
    pcm(AUDIO).subarray(0, 11),
    1008,
    "frame 2: message is 11 bytes, shorter than its 12-byte header",
  ],
  ["no payload", {}, pcm(zeros(0)), 1008, "frame 2: payload is empty, at least one sample frame is needed"],
  [
    "half a sample",
    {},
    pcm(zeros(639)),
    1008,
    "frame 2: payload is 639 bytes, not a whole number of 2-byte sample frames",
  ],
  [
    "half a stereo sample frame",
    { channels: 2 },
    pcm(zeros(642)),
    1008,
    "frame 2: payload is 642 bytes, not a whole number of 4-byte sample frames",
  ],
  [
    "one sample too many",
    {},
    pcm(zeros(642)),
    1008,
    "frame 2: payload is 642 bytes, at most 640 are allowed (frame_samples 320)",
  ],
  [
    "the magic of ADPCM on PCM",
    {},
    adpcm(AUDIO),
    1008,
    "frame 2: magic 0x41445046 is not 0x464d4350, which the handshake's codec needs",
  ],
  [
    "the magic of PCM on ADPCM",
    { codec: "ima-adpcm" },
    pcm(zeros(164)),
    1008,
    "frame 2: magic 0x464d4350 is not 0x41445046, which the handshake's codec needs",
  ],
  [
    "a handshake again",
    {},
    handshake(),
    1008,
    "frame 2: magic 0x41445043 is not 0x464d4350, which the handshake's codec needs",
  ],
  [
    "a length that says less",
    {},
    patched(pcm(AUDIO), 4, 4, 638),
    1008,
    "frame 2: length field says 638 bytes, but the payload is 640",
  ],
  [
    "a length of 2³²−1",
    {},
    patched(pcm(AUDIO), 4, 4, 0xffff_ffff),
    1008,
    "frame 2: length field says 4294967295 bytes, but the payload is 640",
  ],
  [
    "ADPCM without data",
    { codec: "ima-adpcm" },
    adpcm(zeros(4)),
    1008,
    "frame 2: payload is 4 bytes, at least 5 are needed",
  ],
  [
    "ADPCM without a block header",
    { codec: "ima-adpcm" },
    adpcm(zeros(3)),
    1008,
    "frame 2: payload is 3 bytes, at least 5 are needed",
  ],
  [
    "ADPCM 17 bytes too long",
    { codec: "ima-adpcm" },
    adpcm(zeros(181)),
    1008,
    "frame 2: payload is 181 bytes, at most 180 are allowed (frame_samples 320)",
  ],
  [
    "step index 89",
    { codec: "ima-adpcm" },
    adpcm(Buffer.from([0, 0, 89, 0, 1])),
    1008,
    "frame 2: step index 89 is not 0 … 88",
  ],
  [
    "step index 255 on the right",
    { codec: "ima-adpcm", channels: 2 },
    adpcm(Buffer.from([0, 0, 88, 0, 0, 0, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8])),
    1008,
    "frame 2: step index 255 is not 0 … 88",
  ],
  [
    "stereo ADPCM without data",
    { codec: "ima-adpcm", channels: 2 },
    adpcm(zeros(8)),
    1008,
    "frame 2: payload is 8 bytes, at least 16 are needed",
  ],
  [
    "half a group of stereo ADPCM",
    { codec: "ima-adpcm", channels: 2 },
    adpcm(zeros(20)),
    1008,
    "frame 2: payload has 12 bytes of data, not a whole number of 8-byte stereo groups",
  ],
  ["text", {}, "frame", 1003, "binary required"],
  [
    "a message twice as large and 64 KiB",
    {},
    zeros(66_840),
    1008,
    "frame 2: payload is 66828 bytes, at most 640 are allowed (frame_samples 320)",
  ],
  ["one byte more", {}, zeros(66_841), 1009, "message is 66841 bytes, at most 652 are allowed here"],
  ["2 MiB", {}, zeros(2 ** 21), 1009, "message is 2097152 bytes, at most 652 are allowed here"],
];

function framesFor(format: Partial<Handshake>): Uint8Array[] {
  const { codec, channels = 1 } = format;
  const audio = tones(3 * SAMPLES, { channels });
  const cutting = { frameSamples: SAMPLES, channels };
  return codec === "ima-adpcm" ? adpcmFrames(audio, cutting) : pcmFrames(audio, cutting);
}

describe.concurrent("a frame that breaks a rule", () => {
  it.each(REFUSED)("%s", async (_, format, message, code, reason) => {
    await using server = await TestReceiver.start();
    const [first, , third] = framesFor(format);
    const goodbye = await provoke(server.ws("/kitchen"), [handshake(format), first, message, third]);
    expect(goodbye).toEqual({ code, reason });
    // What was accepted before is kept, and finalised; what came after counts for nothing.
    const end = await server.streamClosed(7);
    expect(end).toMatchObject({ cause: "refused", detail: reason, status: { frames: 1, samples: SAMPLES } });
    expect(server.refused).toMatchObject([{ listener: "websocket", code, reason }]);
    const [segment, ...others] = server.segmentsOf(7);
    expect([segment.samples, others]).toEqual([SAMPLES, []]);
    expect((await readRecording(segment.path)).metadata?.samples).toBe(SAMPLES);
  });

  it("as the very first leaves no file", async () => {
    await using server = await TestReceiver.start();
    expect(await provoke(server.ws(), [handshake(), pcm(zeros(641))])).toEqual({
      code: 1008,
      reason: "frame 1: payload is 641 bytes, not a whole number of 2-byte sample frames",
    });
    await server.streamClosed(7);
    expect(server.segments).toEqual([]);
  });

  it("announced as 1 MiB and more is refused before a byte of it comes, also in fragments", async () => {
    await using server = await TestReceiver.start();
    const announced = { opcode: OPCODE.binary, payload: zeros(0), claimedBytes: 1_048_577 };
    const fragments = [
      rawFrame({ opcode: OPCODE.binary, payload: zeros(600), fin: false }),
      rawFrame({ opcode: OPCODE.continuation, payload: zeros(0), claimedBytes: 1_048_000 }),
    ];
    for (const bytes of [[rawFrame(announced)], fragments]) {
      using raw = await RawWebSocket.open(server.wsPort);
      raw.send(binary(handshake()), ...bytes);
      expect((await raw.closeFrame()).code).toBe(1009);
    }
  });
});

describe.concurrent("a frame at the edge of what is allowed", () => {
  it("PCM: one sample, and the most that a handshake can say", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 100 });
    const channels = 8;
    const frameSamples = 65_535;
    const format = { channels, frameSamples, sampleRate: 1000 };
    const audio = Buffer.concat([tones(frameSamples, { channels }), tones(1, { channels })]);
    const frames = pcmFrames(audio, { frameSamples, channels });
    expect(frames.map((frame) => frame.length)).toEqual([1_048_572, 28]);
    expect(await play(server.ws(), [handshake(format), ...frames])).toMatchObject({ code: 1000 });
    await server.streamClosed(7);
    expect((await readRecording(server.segmentsOf(7)[0].path)).data.equals(audio)).toBe(true);
  });

  it("mono ADPCM: 16 bytes more than needed, of which nothing is heard", async () => {
    await using server = await TestReceiver.start();
    const [frame] = adpcmFrames(AUDIO, { frameSamples: SAMPLES });
    const padded = adpcm(Buffer.concat([frame.subarray(12), zeros(16).fill(0x77)]));
    const short = adpcm(Buffer.from([0, 0, 0, 0, 0x77]));
    const messages = [handshake({ codec: "ima-adpcm" }), frame, padded, patched(short, 8, 4, 2)];
    expect(await play(server.ws(), messages)).toMatchObject({ code: 1000 });
    expect((await server.streamClosed(7)).status).toMatchObject({ frames: 3, samples: 2 * SAMPLES + 2 });
  });

  it("stereo ADPCM: short frames in whole groups of 8 samples", async () => {
    await using server = await TestReceiver.start();
    const audio = tones(SAMPLES + 8, { channels: 2 });
    const frames = adpcmFrames(audio, { frameSamples: SAMPLES, channels: 2 });
    expect(frames[1]).toHaveLength(12 + 8 + 8);
    expect(
      await play(server.ws(), [handshake({ codec: "ima-adpcm", channels: 2 }), ...frames]),
    ).toMatchObject({ code: 1000 });
    expect((await server.streamClosed(7)).status).toMatchObject({ frames: 2, samples: SAMPLES + 8 });
  });

  it("short frames in the middle of a stream are as good as at its end", async () => {
    await using server = await TestReceiver.start();
    const lengths = [320, 1, 319, 7, 320, 160];
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length) * 2);
    const audio = tones(ends[5] / 2);
    const frames = ends.map((end, i) => formatFrame("pcm16", i, audio.subarray(end - lengths[i] * 2, end)));
    expect(await play(server.ws(), [handshake(), ...frames])).toMatchObject({ code: 1000 });
    await server.streamClosed(7);
    expect((await readRecording(server.segmentsOf(7)[0].path)).data.equals(audio)).toBe(true);
    expect(server.gaps).toEqual([]);
  });
});
