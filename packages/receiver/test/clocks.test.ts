import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { logEvents } from "../src/log.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { logLines, ServerProcess } from "./support/command.js";
import { joinedAudio, readRecording, wavsBelow } from "./support/recordings.js";
import { play } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const AUDIO = tones(16_000 * 2);
const FRAMES = pcmFrames(AUDIO, { frameSamples: 320 });
const ABSURD = [0n, 1n, BigInt(Date.UTC(1970, 0, 2)), 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

describe("a sender's clock that tells nonsense", () => {
  it.each(ABSURD)("does no harm: timestamp_ms %s", async (timestampMs) => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 1, binHandshake: true });
    const before = Date.now() * 1000;
    await play(server.ws("/kitchen"), [handshake({ timestampMs }), ...FRAMES]);
    await server.streamClosed(7);
    const segments = server.segmentsOf(7);
    expect(segments.map(({ samples }) => samples)).toEqual([16_000, 16_000]);
    expect((await joinedAudio(segments)).equals(AUDIO)).toBe(true);
    expect(segments[1].startUs - segments[0].startUs).toBe(1_000_000);
    expect(Math.abs(segments[0].startUs - before)).toBeLessThan(60_000_000);
    expect((await readRecording(segments[0].path)).metadata?.startUs).toBe(segments[0].startUs);
    expect(server.gaps).toEqual([]);
    for (const told of [server.opened, server.closed, server.begun, segments])
      expect(JSON.parse(JSON.stringify(told))).toBeDefined(); // no bigint comes out anywhere
  });

  it("stands in a .bin as it was sent, and in the log of a server that lives on", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({
      cwd: folder.path,
      flags: ["--bin-handshake", "--log-level", "debug"],
    });
    for (const [i, timestampMs] of ABSURD.entries())
      await play(`${server.ready.ws}/mic-${i}`, [handshake({ timestampMs }), ...FRAMES]);
    const { code, stdout, stderr } = await server.stop();
    expect([code, stderr]).toEqual([0, ""]);
    expect(logLines(stdout).filter(({ msg }) => msg === "stream closed")).toHaveLength(ABSURD.length);
    for (const [i, timestampMs] of ABSURD.entries()) {
      const [wav] = await wavsBelow(join(folder.path, "data"), `stream_7_mic-${i}_`);
      const bin = await readFile(wav.replace(/wav$/, "bin"));
      expect(bin.readBigUInt64LE(24)).toBe(timestampMs);
    }
  });
});

it("a segment starts at its stream's anchor plus its samples, however fast they come", async () => {
  await using server = await TestReceiver.start({ wsSegmentSeconds: 0.25 });
  const audio = tones(16_000 * 60);
  await play(server.ws("/kitchen"), [
    handshake({ frameSamples: 333 }),
    ...pcmFrames(audio, { frameSamples: 333 }),
  ]);
  await server.streamClosed(7);
  const starts = server.segmentsOf(7).map(({ startUs }) => startUs);
  expect(starts).toHaveLength(240);
  expect(starts.map((startUs) => startUs - starts[0])).toEqual(starts.map((_, i) => i * 250_000));
});

it("a stream's drift stands in the line that tells its end", async () => {
  const lines: string[] = [];
  await using server = await TestReceiver.start();
  const { events } = server.receiver;
  logEvents(events, pino({}, { write: (line: string) => void lines.push(line) }));
  await play(server.ws("/kitchen"), [handshake(), ...FRAMES]);
  await until("the end", () => server.closed.length === 1);
  const [close] = server.closed;
  events.emit("stream:close", { ...close, status: { ...close.status, driftPpm: -41.6 } });
  const told = logLines(lines.join("")).filter(({ msg }) => msg === "stream closed");
  expect(told.map(({ driftPpm }) => driftPpm)).toEqual([undefined, -42]);
});
