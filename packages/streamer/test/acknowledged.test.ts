import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { streamAudio } from "../src/stream-audio.js";
import { type AcknowledgedConnection, acknowledgingSinkFor } from "./support/acknowledging-sink.js";
import { adpcmFrames, littleEndian, temporaryFolder, tones, writeWav } from "./support/audio.js";
import { sinkFor } from "./support/sink.js";

const folder = temporaryFolder();
const speech = tones(16_000 * 10 + 5);
const file = writeWav(join(folder, "speech.wav"), speech);
const FRAMES = 501;
const AUDIO = adpcmFrames(speech, 1, 320);

/** Breaks the first `times` connections in the `frames`-th frame after their beginning. */
function breaking(times: number, frames: number, how: (connection: AcknowledgedConnection) => void) {
  let broken = 0;
  return (connection: AcknowledgedConnection) => {
    connection.socket.on("message", () => {
      if (broken === times || connection.stream.payloads.length !== frames) return;
      broken++;
      how(connection);
    });
  };
}

describe("an acknowledged stream", () => {
  test("ends when everything is on the server's disk", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 300 });
    const summary = await streamAudio({ files: [file], url: sink.url });
    const [{ request, handshake, closed }] = sink.streams;
    expect(request.headers["sec-websocket-protocol"]).toBe("audio-ack.v1");
    expect(handshake?.timestampMs).toBeGreaterThan(0n);
    expect(summary).toMatchObject({ acknowledged: true, frames: FRAMES, framesAcknowledged: FRAMES });
    expect(summary.perStream[0]).toMatchObject({ acknowledged: true, framesAcknowledged: FRAMES });
    expect(summary.wallSeconds).toBeGreaterThan(0.2);
    expect(sink.disk.audio.equals(AUDIO)).toBe(true);
    expect(await closed).toBe(1000);
  });

  test("over eight streams at once with room for half a second", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 50 });
    const options = {
      files: [file],
      url: sink.url,
      codec: "pcm",
      streams: 8,
      ackBufferBytes: 65_536,
    } as const;
    const summary = await streamAudio(options);
    expect(summary).toMatchObject({ frames: 8 * FRAMES, framesAcknowledged: 8 * FRAMES });
    for (const { handshake, request } of sink.streams) {
      const frames = sink.disk.framesOf(handshake!, request.url);
      expect(Buffer.concat(frames).equals(littleEndian(speech))).toBe(true);
    }
  });

  test.each([
    ["a cut", ({ socket }: AcknowledgedConnection) => socket.terminate()],
    ["1001, the server stopping", ({ socket }: AcknowledgedConnection) => socket.close(1001)],
    ["1013, try again later", ({ socket }: AcknowledgedConnection) => socket.close(1013)],
    ["a crash that forgets what was not on disk", (connection: AcknowledgedConnection) => connection.die()],
  ])("goes on after %s: nothing lost, nothing doubled", async (_, how) => {
    const sink = await acknowledgingSinkFor({ onConnection: breaking(4, 60, how), ackEveryMs: 5 });
    const summary = await streamAudio({ files: [file], url: sink.url, random: () => 0 });
    expect(summary.perStream[0]).toMatchObject({ frames: FRAMES, framesAcknowledged: FRAMES });
    // 4, unless much was on its way already when it broke.
    expect(summary.perStream[0].reconnects).toBeGreaterThanOrEqual(2);
    expect(sink.disk.frames).toHaveLength(FRAMES);
    expect(sink.disk.audio.equals(AUDIO)).toBe(true);
    // One session: the same 32 bytes on every connection, and each begins where the disk ended.
    const [first, ...others] = sink.streams;
    for (const other of others) expect(other.handshake).toEqual(first.handshake);
    expect(sink.accepted.every(({ repeated }) => repeated === 0)).toBe(true);
  });

  test("goes on on a server that was killed, stayed away and refused with 503", async () => {
    let refusals = 0;
    const first = await acknowledgingSinkFor({ onConnection: breaking(1, 200, () => void first.kill()) });
    const { disk, port } = first;
    const streaming = streamAudio({ files: [file], url: first.url, codec: "pcm", random: () => 0 });
    await first.connections(1);
    await first.accepted[0].stream.closed;
    await delay(300);
    const refuse = () => (refusals++ < 2 ? 503 : undefined);
    const second = await acknowledgingSinkFor({ port, disk, refuse });
    const summary = await streaming;
    expect(refusals).toBe(3);
    expect(second.streams).toHaveLength(1);
    expect(summary.framesAcknowledged).toBe(FRAMES);
    expect(disk.audio.equals(littleEndian(speech))).toBe(true);
  });

  test("is done when everything is on disk, even if the goodbye is not answered", async () => {
    const sink = await acknowledgingSinkFor({
      onConnection: (connection) => {
        connection.socket.on("message", () => {
          if (connection.next < FRAMES) return;
          connection.flush();
          setImmediate(() => connection.socket.terminate());
        });
      },
    });
    const summary = await streamAudio({ files: [file], url: sink.url });
    expect(summary.framesAcknowledged).toBe(FRAMES);
    expect(sink.disk.audio.equals(AUDIO)).toBe(true);
  });

  test("waits for the disk when its buffer is full, and holds no more than that", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 0 });
    const options = { files: [file], url: sink.url, codec: "pcm", ackBufferBytes: 131_072 } as const;
    const streaming = streamAudio(options);
    await sink.connections(1);
    const [connection] = sink.accepted;
    let held = 0;
    for (let turn = 0; connection.next < FRAMES; turn++) {
      await delay(100);
      const { next } = connection;
      // The buffer and the batch that filled it.
      expect((next - held) * 652).toBeLessThan(131_072 + 65_536);
      held = next;
      connection.flush();
      expect(turn).toBeLessThan(20);
    }
    connection.flush();
    expect((await streaming).framesAcknowledged).toBe(FRAMES);
    expect(sink.disk.audio.equals(littleEndian(speech))).toBe(true);
  });

  test("at real-time pace what came up during an outage follows at once", async () => {
    const onConnection = breaking(1, 20, ({ socket }) => socket.terminate());
    const sink = await acknowledgingSinkFor({ onConnection });
    const options = {
      files: [file],
      url: sink.url,
      codec: "pcm",
      realtime: true,
      durationSeconds: 3,
    } as const;
    const summary = await streamAudio({ ...options, random: () => 1 });
    expect(summary.perStream[0]).toMatchObject({ reconnects: 1, frames: 150, framesAcknowledged: 150 });
    expect(summary.wallSeconds).toBeLessThan(6);
    expect(sink.disk.audio.equals(littleEndian(speech.subarray(0, 48_000)))).toBe(true);
  });

  test("a stop waits for what was sent", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 100 });
    const signal = AbortSignal.timeout(500);
    const summary = await streamAudio({ files: [file], url: sink.url, realtime: true, loop: true, signal });
    expect(summary.stopped).toBe(true);
    expect(summary.frames).toBeGreaterThan(0);
    expect(summary.framesAcknowledged).toBe(summary.frames);
    expect(await sink.streams[0].closed).toBe(1000);
  });
});

describe("without acknowledgement", () => {
  test("an older server is streamed to as before", async () => {
    const sink = await sinkFor();
    const summary = await streamAudio({ files: [file], url: sink.url });
    expect(sink.streams[0].request.headers["sec-websocket-protocol"]).toBe("audio-ack.v1");
    expect(summary).toMatchObject({ acknowledged: false, frames: FRAMES, framesAcknowledged: 0 });
    expect(sink.streams[0].audio.equals(AUDIO)).toBe(true);
  });

  test("`acknowledge: false` does not ask for it", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 0 });
    const summary = await streamAudio({ files: [file], url: sink.url, acknowledge: false });
    expect(sink.streams[0].request.headers["sec-websocket-protocol"]).toBeUndefined();
    expect(summary).toMatchObject({ acknowledged: false, frames: FRAMES });
  });
});
