import { describe, expect, it } from "vitest";
import { noiseBytes } from "./support/audio.js";
import { joinedAudio } from "./support/recordings.js";
import { dial, ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

describe.concurrent("live streams of high rate", () => {
  // 1.5 MB/s is more than Node reads in one go between two naps.
  it("keeps up with 8 channels of 48 kHz and 32 bits, without a gap", async () => {
    const format = { sampleRate: 48_000, channels: 8, bitsPerSample: 32 } as const;
    await using server = await TestReceiver.start({ ...format, tcpSegmentSeconds: 60 });
    const socket = await dial(server);
    const tenth = noiseBytes((format.sampleRate / 10) * 32, 1);
    const startMs = performance.now();
    for (let i = 0; i < 40; i++) {
      socket.write(tenth);
      await pause(Math.max(0, startMs + (i + 1) * 100 - performance.now()));
    }
    socket.end();
    await ended(server);
    expect(server.gaps).toEqual([]);
    expect((await joinedAudio(server.segments)).length).toBe(40 * tenth.length);
  });
});
