/** Bytes of strangers at the real ports, beside a stream that must not notice. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { corpus } from "../../../test/corpus/corpus.js";
import { cutAt, handshake, pcmFrames, tones } from "./support/audio.js";
import { GoodStream } from "./support/good-stream.js";
import { binary, OPCODE, RawWebSocket, rawFrame } from "./support/raw-websocket.js";
import { joinedAudio, wavsBelow } from "./support/recordings.js";
import { dial } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const RUNS = 60;
const AUDIO = tones(320 * 8);
const FRAMES = pcmFrames(AUDIO, { frameSamples: 320 });

/** A good beginning, then bytes with a grudge. */
interface Attack {
  readonly goodFrames: number;
  readonly garbage: Uint8Array;
  readonly cuts: readonly number[];
}

const lies = fc
  .record({
    first: fc.nat(255),
    claimedBytes: fc.oneof(fc.nat(300), fc.constantFrom(126, 65_536, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 53)),
    payload: fc.uint8Array({ maxLength: 300 }),
    masked: fc.boolean(),
  })
  .map(({ first, claimedBytes, payload, masked }) =>
    rawFrame({
      opcode: first & 0x0f,
      fin: first > 127,
      reserved: first & 0x70,
      payload,
      claimedBytes,
      ...(!masked && { mask: false as const }),
    }),
  );

/** A good frame message of which some bytes are others. */
const damagedFrame = fc.tuple(fc.nat(14), fc.nat(255), fc.nat(FRAMES.length - 1)).map(([at, byte, index]) => {
  const frame = Buffer.from(FRAMES[index]);
  frame[at] = byte;
  return frame;
});

function attacks(garbage: fc.Arbitrary<Uint8Array>): Attack[] {
  const attack = fc.record({
    goodFrames: fc.nat(FRAMES.length),
    garbage: fc.array(garbage, { minLength: 1, maxLength: 12 }).map((parts) => Buffer.concat(parts)),
    cuts: fc.array(fc.nat(8000), { maxLength: 6 }),
  });
  return fc.sample(attack, { numRuns: RUNS, seed: 20_261_122 });
}

/** Whether the recordings of `device` begin with the frames that were sent whole. */
async function expectKept(server: TestReceiver, device: string, goodFrames: number): Promise<void> {
  const recorded = server.segments.filter(({ stream }) => stream.device === device);
  const audio = await joinedAudio(recorded);
  const kept = AUDIO.subarray(0, goodFrames * 640);
  expect(audio.subarray(0, kept.length).equals(kept), `${device}: ${goodFrames} frames`).toBe(true);
}

describe.concurrent("over WebSocket", () => {
  it("broken frames of every kind end their own connection, and keep what came before", async () => {
    await using server = await TestReceiver.start();
    await using good = await GoodStream.start(server.ws("/good"), 99);
    const garbage = fc.oneof(lies, fc.uint8Array({ maxLength: 400 }), damagedFrame.map(binary));
    const list = attacks(garbage);
    for (const [run, { goodFrames, garbage, cuts }] of list.entries()) {
      using raw = await RawWebSocket.open(server.wsPort, { path: `/ws/run-${run}` });
      const wire = [handshake({ streamId: run }), ...FRAMES.slice(0, goodFrames)].map(binary);
      for (const piece of cutAt(Buffer.concat([...wire, garbage]), cuts)) {
        raw.send(piece);
        await pause(0); // or the kernel joins the pieces again
      }
      raw.socket.end();
      await raw.gone();
    }
    await until("the end of all", () => server.closed.length === RUNS);
    await good.finish();
    await server.receiver.close();
    for (const [run, { goodFrames }] of list.entries()) await expectKept(server, `run-${run}`, goodFrames);
    await good.expectRecorded(await wavsBelow(server.dataDir, "stream_99_"));
  });

  it("the corpus is refused with a reason, or is a stream that ends", async () => {
    await using server = await TestReceiver.start();
    await using good = await GoodStream.start(server.ws("/good"), 99);
    for (const { name, bytes } of corpus("websocket")) {
      using raw = await RawWebSocket.open(server.wsPort, { path: `/ws/${name.replace("/", "-")}` });
      raw.send(bytes);
      raw.socket.end();
      await raw.gone();
      const farewell = raw.frames.find(({ opcode }) => opcode === OPCODE.close)?.payload;
      if (farewell !== undefined && farewell.readUInt16BE(0) !== 1000)
        expect(`${name}: ${farewell.toString("utf8", 2)}`).toMatch(/^[^:]+: \S/);
    }
    for (const { name, bytes } of corpus("handshake", "frames", "datagram", "wav", "bin")) {
      using raw = await RawWebSocket.open(server.wsPort, { path: "/ws/message" });
      raw.send(binary(bytes));
      raw.send(rawFrame({ opcode: OPCODE.close, payload: Buffer.from([0x03, 0xe8]) }));
      const { code, reason } = await raw.closeFrame();
      if (code !== 1000) expect(`${name}: ${code} ${reason}`).toMatch(/: (1008|1009) \S.*\d/);
    }
    const internal = server.refused.filter(({ reason }) => reason.includes("internal"));
    expect(internal).toEqual([]);
    await good.finish();
    await server.receiver.close();
    await good.expectRecorded(await wavsBelow(server.dataDir, "stream_99_"));
  });
});

describe.concurrent("over TCP", () => {
  it("broken rows of frames end their own connection, and keep what came before", async () => {
    await using server = await TestReceiver.start();
    await using good = await GoodStream.start(server.ws("/good"), 99);
    const list = attacks(fc.oneof(fc.uint8Array({ maxLength: 400 }), damagedFrame));
    for (const [run, { goodFrames, garbage, cuts }] of list.entries()) {
      const socket = await dial(server);
      const gone = new Promise((resolve) => socket.once("close", resolve));
      socket.resume();
      const wire = Buffer.concat([handshake({ streamId: run }), ...FRAMES.slice(0, goodFrames), garbage]);
      for (const piece of cutAt(wire, cuts)) {
        if (!socket.destroyed) socket.write(piece);
        await pause(0);
      }
      socket.end();
      await gone;
    }
    await until("the end of all", () => server.closed.length === RUNS);
    await good.finish();
    await server.receiver.close();
    for (const [run, { goodFrames }] of list.entries()) {
      const audio = await joinedAudio(server.segmentsOf(run));
      const kept = AUDIO.subarray(0, goodFrames * 640);
      expect(audio.subarray(0, kept.length).equals(kept), `${run}: ${goodFrames} frames`).toBe(true);
    }
    await good.expectRecorded(await wavsBelow(server.dataDir, "stream_99_"));
  });
});
