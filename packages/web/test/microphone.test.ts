import { decodeBlock } from "@audio/ima-adpcm";
import { checkFrame, FRAME_HEADER_BYTES, payloadSampleFrames } from "@audio/protocol";
import { describe, expect, it } from "vitest";
import { Resampler } from "../src/pages/microphone/audio/resampler.js";
import { obstacleOf, streamAddress } from "../src/pages/microphone/obstacles.js";
import { Framer, frameSamplesOf } from "../src/pages/microphone/sending/framer.js";
import { Outbox } from "../src/pages/microphone/sending/outbox.js";

const tone = (hz: number, rate: number, seconds: number) =>
  Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

/** Peak of the steady part, in decibels against the tone's. */
function gainDb(samples: Float32Array): number {
  const steady = samples.subarray(samples.length / 4, (samples.length * 3) / 4);
  const rms = Math.sqrt(steady.reduce((sum, sample) => sum + sample * sample, 0) / steady.length);
  return 20 * Math.log10(rms / (0.5 / Math.SQRT2) + 1e-9);
}

describe("the resampler", () => {
  for (const from of [48_000, 44_100, 96_000]) {
    it(`passes what 16 kHz can hold of ${from} Hz, and nothing above`, () => {
      for (const hz of [100, 1000, 6000])
        expect(Math.abs(gainDb(new Resampler(from, 16_000).push(tone(hz, from, 0.5))))).toBeLessThan(0.1);
      for (const hz of [8000, 9000, 15_000, 20_000])
        expect(gainDb(new Resampler(from, 16_000).push(tone(hz, from, 0.5)))).toBeLessThan(-70);
    });
  }

  it("gives the same however the input is cut", () => {
    const input = tone(440, 44_100, 0.3);
    const whole = new Resampler(44_100, 16_000).push(input);
    const resampler = new Resampler(44_100, 16_000);
    const pieces: number[] = [];
    for (let at = 0, size = 1; at < input.length; at += size, size = (size * 7) % 1009)
      pieces.push(...resampler.push(input.subarray(at, at + size)));
    expect(pieces.length).toBe(whole.length);
    expect(Math.max(...pieces.map((sample, i) => Math.abs(sample - whole[i])))).toBe(0);
  });

  it("keeps the time: a second stays a second, at its place", () => {
    const output = new Resampler(48_000, 16_000).push(tone(440, 48_000, 2));
    expect(output.length).toBeGreaterThan(32_000 - 40);
    expect(output.length).toBeLessThanOrEqual(32_000);
    const off = output.subarray(1000, 30_000).map((sample, i) => {
      return sample - 0.5 * Math.sin((2 * Math.PI * 440 * (i + 1000)) / 16_000);
    });
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.002);
  });

  it("makes more of less, and leaves alone what is right", () => {
    expect(Math.abs(gainDb(new Resampler(16_000, 48_000).push(tone(3000, 16_000, 0.5))))).toBeLessThan(0.1);
    const input = tone(440, 16_000, 0.1);
    expect(new Resampler(16_000, 16_000).push(input)).toBe(input);
  });
});

describe("the framer", () => {
  it("makes frames of 20 ms that a receiver takes, and decodes to what was said", () => {
    const input = tone(440, 16_000, 0.11);
    const framer = new Framer(16_000);
    const messages = [...framer.push(input.subarray(0, 700)), ...framer.push(input.subarray(700))];
    messages.push(...framer.end());
    expect(framer.end()).toEqual([]);
    const format = { codec: "ima-adpcm", channels: 1, frameSamples: frameSamplesOf(16_000) } as const;
    const heard: number[] = [];
    for (const [i, message] of messages.entries()) {
      expect(checkFrame(message, 0, message.length, format, i)).toBe(i);
      const payload = message.subarray(FRAME_HEADER_BYTES);
      const out = new Int16Array(payloadSampleFrames(payload.length, format));
      decodeBlock(payload, 0, payload.length, 1, "low", out, 0, out.length);
      heard.push(...out);
    }
    expect(messages.length).toBe(6);
    expect(heard.length).toBe(1760);
    // 4 bits a sample, after the coder has found the step: within 2 % of full scale.
    const off = heard.slice(100).map((sample, i) => Math.abs(sample / 32_768 - input[i + 100]));
    expect(Math.max(...off)).toBeLessThan(0.02);
  });

  it("cuts what is louder than full scale", () => {
    const [message] = new Framer(1000).push(new Float32Array(20).fill(7));
    expect(message.length).toBe(FRAME_HEADER_BYTES + 4 + 10);
  });
});

describe("the outbox", () => {
  const message = (value: number) => Uint8Array.of(value, 0, 0, 0);
  const taken = (outbox: Outbox) => {
    const numbers: number[] = [];
    for (let next = outbox.take(); next; next = outbox.take()) numbers.push(next[0]);
    return numbers;
  };

  it("gives each once, and forgets what is acknowledged", () => {
    const outbox = new Outbox(1000);
    for (let i = 0; i < 5; i++) outbox.push(message(i));
    expect(taken(outbox)).toEqual([0, 1, 2, 3, 4]);
    expect(taken(outbox)).toEqual([]);
    outbox.acknowledge(3);
    expect(outbox).toMatchObject({ bytes: 8, settled: 3, count: 5, isEmpty: false });
    outbox.acknowledge(1); // one that is late
    expect(outbox.settled).toBe(3);
  });

  it("goes on where the receiver stands after a break", () => {
    const outbox = new Outbox(1000);
    for (let i = 0; i < 5; i++) outbox.push(message(i));
    taken(outbox);
    outbox.resume(2);
    outbox.push(message(5));
    expect(taken(outbox)).toEqual([2, 3, 4, 5]);
    outbox.acknowledge(6);
    expect(outbox).toMatchObject({ bytes: 0, isEmpty: true, dropped: 0 });
  });

  it("gives up the oldest when the receiver is away for too long", () => {
    const outbox = new Outbox(12);
    for (let i = 0; i < 5; i++) outbox.push(message(i));
    expect(outbox).toMatchObject({ bytes: 12, dropped: 2 });
    outbox.resume(0);
    expect(taken(outbox)).toEqual([2, 3, 4]);
  });

  it("believes no acknowledgement of what was never sent", () => {
    const outbox = new Outbox(1000);
    outbox.push(message(0));
    outbox.acknowledge(9);
    expect(taken(outbox)).toEqual([0]);
  });
});

describe("obstacles", () => {
  const good = {
    isSecureContext: true,
    hasMicrophones: true,
    protocol: "http:",
    hostname: "localhost",
    ingest: { websocketPort: 5096, websocketUrl: null, isEncrypted: false },
  };

  it("are named, with what to do", () => {
    expect(obstacleOf(good)).toBeUndefined();
    expect(obstacleOf({ ...good, isSecureContext: false, hostname: "10.0.0.9" })?.ways.join()).toMatch(
      /tlsCert.*ssh -L 8080:localhost:8080 -L 5096:localhost:5096 10\.0\.0\.9/s,
    );
    expect(obstacleOf({ ...good, hasMicrophones: false })?.what).toMatch(/no way to a microphone/);
    const none = { ...good.ingest, websocketPort: null };
    expect(obstacleOf({ ...good, ingest: none })?.ways[0]).toMatch(/--no-ws/);
    const mixed = { ...good, protocol: "https:", hostname: "audio.example" };
    expect(obstacleOf(mixed)?.what).toMatch(/not encrypted/);
    expect(obstacleOf({ ...mixed, ingest: { ...good.ingest, isEncrypted: true } })).toBeUndefined();
    const proxied = (websocketUrl: string) =>
      obstacleOf({ ...mixed, ingest: { ...good.ingest, websocketUrl } });
    expect(proxied("wss://audio.example/ws")).toBeUndefined();
    expect(proxied("ws://audio.example/ws")?.ways[0]).toMatch(/trustProxies/);
  });

  it("are none: this is where it goes", () => {
    expect(streamAddress(good, "desk", "")).toBe("ws://localhost:5096/ws/desk");
    const ingest = { websocketPort: 443, websocketUrl: null, isEncrypted: true };
    expect(streamAddress({ hostname: "a.example", ingest }, "desk", "a b&c")).toBe(
      "wss://a.example:443/ws/desk?token=a%20b%26c",
    );
    const proxied = { ...good.ingest, websocketUrl: "wss://a.example/audio/ws" };
    expect(streamAddress({ hostname: "a.example", ingest: proxied }, "desk", "")).toBe(
      "wss://a.example/audio/ws/desk",
    );
  });
});
