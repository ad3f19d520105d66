import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { adpcmFrames, cutAt, handshake, patched, pcmFrames, tones } from "./support/audio.js";
import { filesBelow, joinedAudio, joinedFrames } from "./support/recordings.js";
import { dial, ended, send } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

describe.concurrent("framed TCP", () => {
  it.each([1, 13, 4000])(
    "PCM in pieces of %i bytes is recorded like a WebSocket stream without hwid",
    async (piece) => {
      await using server = await TestReceiver.start({ wsSegmentSeconds: 0.1 });
      const audio = tones(3200);
      const frames = pcmFrames(audio, { frameSamples: 320 });
      const wire = Buffer.concat([handshake({ streamId: 9 }), ...frames]);
      await send(
        server,
        cutAt(
          wire,
          Array.from({ length: Math.min(300, wire.length / piece) }, (_, i) => i * piece),
        ),
      );
      await ended(server);
      const segments = server.segmentsOf(9);
      expect(segments.map(({ samples }) => samples)).toEqual([1600, 1600]);
      expect((await joinedAudio(segments)).equals(audio)).toBe(true);
      expect((await joinedFrames(segments)).equals(Buffer.concat(frames))).toBe(true);
      expect(segments[0]).toMatchObject({ stream: { source: "framed-tcp", device: undefined, streamId: 9 } });
      expect(
        (await filesBelow(server.dataDir)).every((name) =>
          /^received\/stream_9_\d{8}_\d{6}(_\d+)?\.(wav|bin)$/.test(name),
        ),
      ).toBe(true);
      expect(server.closed).toMatchObject([{ cause: "peer-closed", status: { frames: 10 } }]);
    },
  );

  it.each([1, 100, 10_000])(
    "ADPCM, high nibble first, in pieces of %i bytes: found out and decoded",
    async (piece) => {
      await using server = await TestReceiver.start();
      const frames = adpcmFrames(tones(3200), { frameSamples: 320, order: "high" });
      const wire = Buffer.concat([handshake({ codec: "ima-adpcm" }), ...frames]);
      const places = Array.from({ length: Math.min(400, wire.length / piece) }, (_, i) => i * piece);
      await send(server, cutAt(wire, places));
      await ended(server);
      expect(server.orders).toMatchObject([{ order: "high" }]);
      expect(server.segmentsOf(7)).toMatchObject([{ samples: 3200 }]);
    },
  );

  const broken: [string, (frames: Uint8Array[]) => Uint8Array[], string, number][] = [
    [
      "a handshake that is none",
      (frames) => [patched(handshake(), 18, 2, 7), ...frames],
      "invalid handshake: codec 7 is not 0 (PCM16) or 1 (IMA ADPCM)",
      0,
    ],
    [
      "a frame with the wrong magic",
      (frames) => [handshake(), frames[0], patched(frames[1], 0, 4, 1)],
      "frame 2: 01 00 00 00 80 02 00 00 is not the magic",
      1,
    ],
    [
      "a frame that is too long",
      (frames) => [handshake(), frames[0], patched(frames[1], 4, 4, 642)],
      "frame 2: ",
      1,
    ],
    ["a frame of 4 GiB", (frames) => [handshake(), patched(frames[0], 4, 4, 0xffff_ffff)], "frame 1: ", 0],
    [
      "half a sample frame",
      (frames) => [handshake(), frames[0], patched(frames[1], 4, 4, 639)],
      "frame 2: payload is 639 bytes, not a whole number of 2-byte sample frames",
      1,
    ],
  ];
  it.each(broken)("with %s is closed; what came before is kept", async (_, make, reason, frames) => {
    await using server = await TestReceiver.start();
    const messages = make(pcmFrames(tones(3200), { frameSamples: 320 }));
    const socket = await dial(server);
    socket.write(Buffer.concat(messages));
    socket.resume();
    await once(socket, "close");
    await until("the refusal", () => server.refused.length > 0);
    expect(server.refused).toMatchObject([
      { listener: "tcp", code: undefined, reason: expect.stringContaining(reason) },
    ]);
    await until("the segments", () => server.closed.length === server.opened.length);
    expect(server.segments.map(({ samples }) => samples)).toEqual(frames === 0 ? [] : [320 * frames]);
  });

  it("that ends within its handshake is told", async () => {
    await using server = await TestReceiver.start();
    await send(server, [handshake().subarray(0, 20)]);
    await until("the refusal", () => server.refused.length === 1);
    expect(server.refused[0].reason).toBe("invalid handshake: connection ended after 20 of 32 bytes");
    expect(server.opened).toEqual([]);
  });

  it("that ends within a frame keeps the whole ones", async () => {
    await using server = await TestReceiver.start();
    const frames = pcmFrames(tones(960), { frameSamples: 320 });
    await send(server, [Buffer.concat([handshake(), ...frames]).subarray(0, -5)]);
    await ended(server);
    expect(server.segments).toMatchObject([{ samples: 640 }]);
  });
});
