import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageParser } from "../src/ingest/websocket/message-parser.js";
import { Refusal } from "../src/ingest/websocket/refusal.js";
import { cutAt, handshake, noiseBytes, pcmFrames, tones } from "./support/audio.js";
import { binary, OPCODE, RawWebSocket, rawFrame } from "./support/raw-websocket.js";
import { readRecording } from "./support/recordings.js";
import { TestReceiver } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

interface Heard {
  readonly kind: "binary" | "ping";
  readonly hex: string;
}

/** What a parser makes of these pieces; each lies at another offset in memory, as socket reads do. */
function heardFrom(pieces: readonly Uint8Array[]): Heard[] {
  const heard: Heard[] = [];
  const note = (kind: Heard["kind"], bytes: Buffer) => heard.push({ kind, hex: bytes.toString("hex") });
  const parser = new MessageParser({
    checkLength: () => undefined,
    binary: (bytes, start, end) => note("binary", bytes.subarray(start, end)),
    ping: (payload) => note("ping", payload),
    pong: () => undefined,
    close: () => undefined,
  });
  for (const [i, piece] of pieces.entries()) {
    const memory = Buffer.alloc(piece.length + (i % 7));
    memory.set(piece, i % 7);
    parser.push(memory.subarray(i % 7));
  }
  return heard;
}

const pingAnyway = fc.option(fc.uint8Array({ maxLength: 125 }), { nil: undefined });

/** A message as it may come over the wire: cut into fragments, each masked its own way, pings in between. */
const message = fc
  .record({
    length: fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 127, 65_535, 65_536)),
    seed: fc.nat(),
    cuts: fc.array(fc.nat(70_000), { maxLength: 5 }),
    masks: fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { minLength: 6, maxLength: 6 }),
    pings: fc.array(pingAnyway, { minLength: 6, maxLength: 6 }),
  })
  .map(({ length, seed, cuts, masks, pings }) => {
    const payload = noiseBytes(length, seed);
    const fragments = cutAt(payload, cuts);
    const wire: Buffer[] = [];
    const heard: Heard[] = [];
    for (const [i, fragment] of fragments.entries()) {
      const last = i === fragments.length - 1;
      const opcode = i === 0 ? OPCODE.binary : OPCODE.continuation;
      wire.push(rawFrame({ opcode, payload: fragment, fin: last, mask: masks[i] }));
      if (last) heard.push({ kind: "binary", hex: payload.toString("hex") });
      const ping = pings[i];
      if (ping === undefined) continue;
      wire.push(rawFrame({ opcode: OPCODE.ping, payload: ping, mask: masks[i] }));
      heard.push({ kind: "ping", hex: Buffer.from(ping).toString("hex") });
    }
    return { wire: Buffer.concat(wire), heard };
  });

describe.concurrent("the message parser", () => {
  it("hears the same messages however the bytes are cut, masked and fragmented", () => {
    const stream = fc.array(message, { maxLength: 4 });
    const places = fc.array(fc.nat(300_000), { maxLength: 40 });
    fc.assert(
      fc.property(stream, places, (messages, cuts) => {
        const wire = Buffer.concat(messages.map((one) => one.wire));
        expect(heardFrom(cutAt(wire, cuts))).toEqual(messages.flatMap((one) => one.heard));
      }),
      { numRuns: 150 },
    );
  });

  it("hears them byte by byte, through every header", () => {
    for (const length of [0, 1, 125, 126, 300]) {
      const payload = noiseBytes(length, length + 1);
      const wire = Buffer.concat([binary(payload), binary(payload)]);
      const bytes = [...wire].map((byte) => Uint8Array.of(byte));
      expect(heardFrom(bytes)).toEqual(Array(2).fill({ kind: "binary", hex: payload.toString("hex") }));
    }
  });

  it("throws nothing but refusals, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 10 }), (pieces) => {
        try {
          heardFrom(pieces);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("asks for the length before it keeps a byte, the fragments before counted in", () => {
    const asked: number[] = [];
    const nothing = () => undefined;
    const parser = new MessageParser({
      checkLength(bytes) {
        asked.push(bytes);
        if (bytes > 1000) throw new Refusal(1009, "too big");
      },
      binary: nothing,
      ping: nothing,
      pong: nothing,
      close: nothing,
    });
    parser.push(rawFrame({ opcode: OPCODE.binary, payload: Buffer.alloc(10), fin: false }));
    const huge = rawFrame({ opcode: OPCODE.continuation, payload: Buffer.alloc(0), claimedBytes: 2 ** 33 });
    expect(() => parser.push(huge)).toThrow("too big");
    expect([...new Set(asked)]).toEqual([10, 10 + 2 ** 33]);
  });

  it("takes no endless row of fragments", () => {
    const empty = rawFrame({ opcode: OPCODE.continuation, payload: Buffer.alloc(0), fin: false });
    const start = rawFrame({ opcode: OPCODE.binary, payload: Buffer.alloc(0), fin: false });
    expect(() => heardFrom([start, Buffer.concat(Array(2000).fill(empty))])).toThrow("fragments");
  });
});

describe.concurrent("over a socket", () => {
  it("a stream in random fragments and cuts is recorded as it was sent", async () => {
    await using server = await TestReceiver.start();
    const places = fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 120 });
    const audio = tones(4000);
    const messages = [handshake(), ...pcmFrames(audio, { frameSamples: 320 })];
    for (const [run, [cuts, splits]] of fc
      .sample(fc.tuple(places, places), { numRuns: 8, seed: 8 })
      .entries()) {
      const wire = Buffer.concat(messages.flatMap((one, i) => fragmented(one, splits.slice(i, i + 3))));
      using raw = await RawWebSocket.open(server.wsPort, { path: `/ws/run-${run}` });
      for (const piece of cutAt(wire, cuts)) {
        raw.send(piece);
        await pause(0); // or the kernel joins the pieces again
      }
      raw.send(rawFrame({ opcode: OPCODE.close, payload: Buffer.from([0x03, 0xe8]) }));
      expect(await raw.closeFrame()).toEqual({ code: 1000, reason: "" });
      raw.socket.end();
    }
    await server.streamClosed(7);
    await server.receiver.close();
    expect(server.segments).toHaveLength(8);
    for (const { path } of server.segments) {
      expect((await readRecording(path)).data.equals(audio)).toBe(true);
    }
  });

  it("a ping between the fragments of a message is answered at once", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort);
    const [frame] = pcmFrames(tones(320), { frameSamples: 320 });
    const ping = rawFrame({ opcode: OPCODE.ping, payload: Buffer.from("still there?") });
    raw.send(
      binary(handshake()),
      rawFrame({ opcode: OPCODE.binary, payload: frame.subarray(0, 5), fin: false }),
      ping,
    );
    expect((await raw.frame(OPCODE.pong)).payload.toString()).toBe("still there?");
    raw.send(rawFrame({ opcode: OPCODE.continuation, payload: frame.subarray(5) }));
    raw.send(rawFrame({ opcode: OPCODE.close, payload: Buffer.alloc(0) }));
    expect(await raw.closeFrame()).toMatchObject({ code: 1000 });
    raw.socket.end();
    expect((await server.streamClosed(7)).status.frames).toBe(1);
  });
});

function fragmented(payload: Uint8Array, cuts: readonly number[]): Buffer[] {
  return cutAt(payload, cuts).map((fragment, i, all) => {
    const opcode = i === 0 ? OPCODE.binary : OPCODE.continuation;
    return rawFrame({ opcode, payload: fragment, fin: i === all.length - 1 });
  });
}
