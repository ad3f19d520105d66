import { blockBytes, encodeBlock, initialStates } from "@audio/ima-adpcm";
import { formatFrame } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { FrameDecoder } from "../src/player/live/frame-decoder.js";
import { JitterBuffer } from "../src/player/live/jitter-buffer.js";

const OPTIONS = { channels: 1, sourceRate: 1000, outputRate: 1000, targetS: 0.2, mostS: 0.4 };
const ramp = (from: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => (from + i) / 10_000);

/** What comes out when so many frames are asked for. */
function read(buffer: JitterBuffer, count: number, channels = 1): Float32Array[] {
  const outputs = Array.from({ length: channels }, () => new Float32Array(count));
  buffer.read(outputs);
  return outputs;
}

describe("the jitter buffer", () => {
  it("is silent until the target is there, then gives what came, in order", () => {
    const buffer = new JitterBuffer(OPTIONS);
    buffer.write(ramp(0, 150));
    expect(Math.max(...read(buffer, 50)[0])).toBe(0);
    buffer.write(ramp(150, 100));
    const [heard] = read(buffer, 100);
    expect([...heard.subarray(10)]).toEqual([...ramp(10, 90)]); // after the fade
    expect(buffer.bufferedS).toBeCloseTo(0.15, 5);
  });

  it("never keeps more than the limit: the oldest is dropped", () => {
    const buffer = new JitterBuffer(OPTIONS);
    for (let i = 0; i < 100; i++) {
      buffer.write(ramp(i * 20, 20));
      expect(buffer.bufferedS).toBeLessThanOrEqual(0.4);
    }
    const [heard] = read(buffer, 100);
    expect(buffer.droppedFrames).toBeGreaterThan(1500);
    expect(heard[50]).toBeCloseTo((2000 - Math.round(1000 * (buffer.bufferedS + 0.1)) + 50) / 10_000, 5);
  });

  it("takes a message that is larger than all of it", () => {
    const buffer = new JitterBuffer(OPTIONS);
    buffer.write(ramp(0, 3000));
    expect(buffer.bufferedS).toBeCloseTo(0.2, 2);
    expect(read(buffer, 50)[0][40]).toBeCloseTo((2800 + 40) / 10_000, 5);
  });

  it("fades out where it runs dry, and gathers anew before it goes on", () => {
    const buffer = new JitterBuffer({ ...OPTIONS, sourceRate: 16_000, outputRate: 16_000 });
    buffer.write(new Float32Array(4000).fill(0.5));
    const [heard] = read(buffer, 5000);
    const steps = heard.map((sample, i) => Math.abs(sample - (heard[i - 1] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(0.01); // no click
    expect(heard[2000]).toBe(0.5);
    expect(heard.at(-1)).toBe(0);
    expect(buffer.dryRuns).toBe(1);
    buffer.write(new Float32Array(100).fill(0.5));
    expect(Math.max(...read(buffer, 100)[0])).toBe(0);
  });

  it("changes the rate, for sound cards that cannot", () => {
    const buffer = new JitterBuffer({ ...OPTIONS, outputRate: 4000 });
    buffer.write(ramp(0, 300));
    const [heard] = read(buffer, 800);
    expect(heard[402]).toBeCloseTo(100.5 / 10_000, 6);
    expect(buffer.bufferedS).toBeCloseTo(0.1, 3);
  });

  it("keeps channels apart, and plays one on both sides", () => {
    const stereo = new JitterBuffer({ ...OPTIONS, channels: 2 });
    stereo.write(Float32Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? 0.5 : -0.5)));
    const [left, right] = read(stereo, 100, 2);
    expect([left[50], right[50]]).toEqual([0.5, -0.5]);
    const mono = new JitterBuffer(OPTIONS);
    mono.write(new Float32Array(300).fill(0.5));
    expect(read(mono, 100, 2).map((side) => side[50])).toEqual([0.5, 0.5]);
  });
});

describe("the decoder of live frames", () => {
  const format = { sampleRate: 16_000, channels: 1, frameSamples: 320, nibbleOrder: "low" } as const;
  const pcm = (seq: number, value: number) =>
    formatFrame("pcm16", seq, new Uint8Array(new Int16Array(320).fill(value).buffer));

  it("counts what is missing, leaves out what comes twice, and takes a stream that begins anew", () => {
    const decoder = new FrameDecoder({ ...format, codec: "pcm16" });
    expect(decoder.decode(pcm(7, 16_384))?.[0]).toBe(0.5);
    expect(decoder.decode(pcm(8, 0))?.length).toBe(320);
    expect(decoder.decode(pcm(11, 0))?.length).toBe(320);
    expect(decoder.lostFrames).toBe(2);
    expect(decoder.decode(pcm(9, 0))).toBeUndefined();
    expect(decoder.decode(pcm(900_000, 0))?.length).toBe(320);
    expect(decoder.lostFrames).toBe(2);
  });

  it("decodes ADPCM in either order of nibbles, and not the padding behind a frame", () => {
    const samples = Int16Array.from({ length: 320 }, (_, i) => 8000 * Math.sin(i / 10));
    const decoder = new FrameDecoder({ ...format, codec: "ima-adpcm" });
    for (const [seq, order] of (["low", "high"] as const).entries()) {
      const block = new Uint8Array(blockBytes(320, 1) + 8);
      encodeBlock(samples, 0, 320, 1, initialStates(1), block, 0, order);
      decoder.format = { ...format, codec: "ima-adpcm", nibbleOrder: order };
      const heard = decoder.decode(formatFrame("ima-adpcm", seq, block));
      expect(heard?.length).toBe(320);
      expect(Math.abs((heard?.[200] ?? 9) - samples[200] / 32_768)).toBeLessThan(0.02);
    }
  });

  it("says what is wrong with what is no frame", () => {
    expect(() => new FrameDecoder({ ...format, codec: "pcm16" }).decode(new Uint8Array(5))).toThrow(
      /5 bytes/,
    );
  });
});
