import { join } from "node:path";
import { ACK_SUBPROTOCOL } from "@audio/protocol";
import { describe, expect, test } from "vitest";
import type { StreamNotice } from "../src/options.js";
import { streamAudio } from "../src/stream-audio.js";
import { type AcknowledgedConnection, acknowledgingSinkFor, Disk } from "./support/acknowledging-sink.js";
import { adpcmFrames, temporaryFolder, tones, writeWav } from "./support/audio.js";
import { fastClock } from "./support/fast-clock.js";
import { sinkFor } from "./support/sink.js";

const folder = temporaryFolder();
const speech = tones(16_000 * 2);
const file = writeWav(join(folder, "speech.wav"), speech);
const AUDIO = adpcmFrames(speech, 1, 320);

/** Does something once the connection has taken 20 frames. */
function after20(act: (connection: AcknowledgedConnection) => void) {
  return (connection: AcknowledgedConnection) => {
    connection.socket.on("message", () => {
      if (connection.stream.payloads.length === 20) act(connection);
    });
  };
}

describe("a server that talks nonsense ends the stream with a clear error", () => {
  const nonsense: [string, (connection: AcknowledgedConnection) => void, RegExp][] = [
    [
      "more frames than were sent",
      (connection) => connection.acknowledge(5_000),
      /next_seq 5000 of a stream of which \d+ frames were sent; does another sender/,
    ],
    ["another session", (connection) => connection.acknowledge(10, 7n), /session 7 is not this stream's \d+/],
    ["something else", ({ socket }) => socket.send(Buffer.alloc(9)), /message is 9 bytes, not 16/],
    ["a text", ({ socket }) => socket.send("0123456789abcdef"), /magic 0x33323130 is not/],
  ];

  test.each(nonsense)("%s", async (_, act, message) => {
    const sink = await acknowledgingSinkFor({ onConnection: after20(act) });
    const streaming = streamAudio({ files: [file], url: sink.url, realtime: true, loop: true });
    await expect(streaming).rejects.toMatchObject({ code: "invalid-acknowledgement" });
    await expect(streaming).rejects.toThrow(message);
    expect(await sink.streams[0].closed).toBe(1000);
  });

  test("a session that is not empty at the start is another sender's", async () => {
    const sink = await acknowledgingSinkFor({ firstSeq: () => 12 });
    await expect(streamAudio({ files: [file], url: sink.url })).rejects.toThrow(
      "next_seq 12 of a stream of which 0 frames were sent",
    );
    expect(sink.streams[0].payloads).toHaveLength(0);
  });
});

describe("a server that", () => {
  test("gives the stream to another connection is not fought with", async () => {
    const onConnection = after20(({ socket }) => socket.close(4103, "superseded"));
    const sink = await acknowledgingSinkFor({ onConnection });
    const streaming = streamAudio({ files: [file], url: sink.url, realtime: true, loop: true });
    await expect(streaming).rejects.toMatchObject({ code: "server-refused" });
    await expect(streaming).rejects.toThrow(
      "another connection has taken this stream over (4103 superseded)",
    );
    expect(sink.streams).toHaveLength(1);
  });

  test("agrees to acknowledge but does not: it goes on without, and says so", async () => {
    const sink = await sinkFor({ subprotocol: () => ACK_SUBPROTOCOL });
    const notices: StreamNotice[] = [];
    const summary = await streamAudio({
      files: [file],
      url: sink.url,
      clock: fastClock(20),
      onNotice: (notice) => notices.push(notice),
    });
    expect(summary).toMatchObject({ acknowledged: false, frames: 100, framesAcknowledged: 0 });
    const message = "the server agreed to acknowledge but does not: going on without, as with --no-ack";
    expect(notices).toEqual([{ streamId: 1, message }]);
    expect(sink.streams).toHaveLength(1);
    expect(sink.streams[0].audio.equals(AUDIO)).toBe(true);
  });

  test("does not acknowledge any more after a break cannot be gone on with", async () => {
    let agrees = true;
    const sink = await sinkFor({ subprotocol: () => (agrees ? ACK_SUBPROTOCOL : undefined) });
    await sink.kill();
    const acknowledging = await acknowledgingSinkFor({
      port: sink.port,
      onConnection: after20((connection) => {
        agrees = false;
        connection.flush();
        void acknowledging.kill().then(() => sinkFor({ port: sink.port }));
      }),
    });
    const streaming = streamAudio({ files: [file], url: sink.url, loop: true, random: () => 0 });
    await expect(streaming).rejects.toMatchObject({ code: "server-refused" });
    await expect(streaming).rejects.toThrow(/does not acknowledge any more, with \d+ frames open/);
  });

  test("lost its disk gets what is still kept", async () => {
    const disk = new Disk();
    const first = await acknowledgingSinkFor({
      onConnection: after20((connection) => {
        connection.flush();
        void first.kill().then(() => acknowledgingSinkFor({ port: first.port, disk }));
      }),
    });
    const summary = await streamAudio({ files: [file], url: first.url, realtime: true, random: () => 0 });
    expect(summary).toMatchObject({ frames: 100, framesAcknowledged: 100 });
    expect(disk.frames.filter((frame) => frame !== undefined).length).toBeLessThanOrEqual(90);
    expect(AUDIO.subarray(-disk.audio.length).equals(disk.audio)).toBe(true);
  });

  test("says nothing after a reconnect is tried once more", async () => {
    let connections = 0;
    const sink = await acknowledgingSinkFor({
      firstSeq: (seq) => (connections === 2 ? undefined : seq),
      ackEveryMs: 0,
      onConnection: (connection) => {
        connections++;
        connection.socket.on("message", () => {
          if (connections === 1 && connection.next === 50) connection.socket.terminate();
          if (connections === 3) connection.flush();
        });
      },
    });
    const reasons: string[] = [];
    const onRetry = ({ reason }: { reason: string }) => reasons.push(reason);
    await streamAudio({ files: [file], url: sink.url, clock: fastClock(40), onRetry });
    expect(reasons).toEqual([
      "connection broke: no close frame",
      "connection broke: the server acknowledged nothing within 30 s of the handshake",
    ]);
    expect(sink.disk.audio.equals(AUDIO)).toBe(true);
  });

  test("is long in writing is waited for, and that is told; at the end it is asked again", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 0 });
    const notices: string[] = [];
    const reasons: string[] = [];
    const states = new Set<string>();
    const streaming = streamAudio({
      files: [file],
      url: sink.url,
      clock: fastClock(40),
      onNotice: ({ message }) => notices.push(message),
      onRetry: ({ reason }) => reasons.push(reason),
      onProgress: ([{ state }]) => states.add(state),
    });
    await sink.connections(2);
    sink.accepted[0].flush();
    sink.accepted[1].socket.on("message", () => sink.accepted[1].flush());
    await streaming;
    expect(notices[0]).toMatch(/^the server acknowledged nothing for [34]\d s: waiting for its disk$/);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^connection broke: the server acknowledged nothing for [67]\d s$/);
    expect(states).toContain("waiting");
  });

  test("is long in writing while there is more to send keeps its connection", async () => {
    const sink = await acknowledgingSinkFor({ ackEveryMs: 0 });
    const notices: string[] = [];
    const onNotice = ({ message }: StreamNotice) => notices.push(message);
    const options = { files: [file], url: sink.url, codec: "pcm", loop: true, durationSeconds: 20 } as const;
    const streaming = streamAudio({ ...options, ackBufferBytes: 131_072, clock: fastClock(100), onNotice });
    await sink.connections(1);
    // 2.5 s are more than four minutes.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const [connection] = sink.accepted;
    expect(connection.next).toBeLessThan(400);
    expect(notices).toHaveLength(1);
    connection.flush();
    connection.socket.on("message", () => connection.flush());
    expect(await streaming).toMatchObject({ frames: 1_000, framesAcknowledged: 1_000 });
    expect(sink.streams).toHaveLength(1);
  });
});
