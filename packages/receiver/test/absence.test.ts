import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

describe.concurrent("a device that was away while its numbers went on", () => {
  const frames = (from: number, count: number) =>
    pcmFrames(tones(count * 320, { seed: from + 1 }), { frameSamples: 320, firstSeq: from });

  it.each(["silence", "none"] as const)(
    "gapFill %s: the lost frames are the gap, time goes on in step",
    async (gapFill) => {
      await using server = await TestReceiver.start({ gapFill, wsSegmentSeconds: 60 });
      using client = await StreamClient.connect(server.ws("/kitchen"));
      const startMs = performance.now();
      client.send(handshake(), ...frames(0, 10));
      await pause(3000);
      const lost = Math.round((performance.now() - startMs) / 20) - 10;
      client.send(...frames(10 + lost, 10));
      await pause(900);
      await client.close();
      const { status } = await server.streamClosed(7);
      expect(status).toMatchObject({
        lostFrames: lost,
        samples: (gapFill === "silence" ? 20 + lost : 20) * 320,
      });
      expect(server.gaps).toMatchObject([
        { cause: "lost-frames", samples: lost * 320, filled: gapFill === "silence" },
      ]);
      const segments = server.segmentsOf(7);
      const last = segments[segments.length - 1];
      const endUs = last.startUs + (last.samples * 1e6) / 16_000;
      expect(Math.abs(endUs - segments[0].startUs - (20 + lost) * 20_000)).toBeLessThan(50_000);
    },
  );
});

/** A device that streams in real time until `stop`, and then for ever keeps its connection open. */
async function live(server: TestReceiver): Promise<{ client: StreamClient; stop: () => Promise<void> }> {
  const client = await StreamClient.connect(server.ws("/kitchen"));
  client.send(handshake());
  let stopped = false;
  const playing = (async () => {
    const start = performance.now();
    for (let seq = 0; !stopped; seq++) {
      client.send(...pcmFrames(tones(320, { seed: seq + 1 }), { frameSamples: 320, firstSeq: seq }));
      await pause(Math.max(0, start + (seq + 1) * 20 - performance.now()));
    }
  })();
  const stop = () => {
    stopped = true;
    return playing;
  };
  return { client, stop };
}

describe.concurrent("a device with more than one connection", () => {
  it("was not away when one of two ends", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 3.2 });
    const device = await live(server);
    using client = device.client;
    await play(server.ws("/kitchen"), [handshake(), ...pcmFrames(tones(3200), { frameSamples: 320 })]);
    await until("the next segment", () => server.begun.length === 3);
    await device.stop();
    await client.close();
    await until("both ends", () => server.closed.length === 2);
    expect(server.gaps).toEqual([]);
  });

  it("was not away when its broken connection is noticed long after it came back", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 3.2 });
    using broken = await StreamClient.connect(server.ws("/kitchen"));
    broken.send(handshake(), ...pcmFrames(tones(3200), { frameSamples: 320 }));
    await pause(300);
    const device = await live(server);
    using client = device.client;
    await pause(700);
    broken.socket.terminate();
    await until("the next segment", () => server.begun.length === 3);
    await device.stop();
    await client.close();
    await until("both ends", () => server.closed.length === 2);
    expect(server.gaps).toEqual([]);
  });

  it("was away from the last audio of the broken one, even if that still stands", async () => {
    await using server = await TestReceiver.start();
    using broken = await StreamClient.connect(server.ws("/kitchen"));
    broken.send(handshake(), ...pcmFrames(tones(3200), { frameSamples: 320 }));
    await until("the first segment", () => server.begun.length === 1);
    await pause(2600);
    await play(server.ws("/kitchen"), [handshake(), ...pcmFrames(tones(3200), { frameSamples: 320 })]);
    await until("its end", () => server.closed.length === 1);
    await broken.close();
    await until("both ends", () => server.closed.length === 2);
    const [first, second] = server.begun;
    expect(server.gaps).toMatchObject([
      { cause: "disconnected", filled: false, stream: { key: second.stream.key } },
    ]);
    const [{ startUs, samples }] = server.gaps;
    expect(startUs).toBe(first.startUs + 200_000);
    expect(Math.abs(samples / 16_000 - (second.startUs - startUs) / 1e6)).toBeLessThan(0.001);
  });
});
