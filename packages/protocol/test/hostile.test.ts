/** Bytes of strangers: refused with a reason, or read; nothing else happens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkFrame,
  FrameSplitter,
  formatFrame,
  formatHandshake,
  maxFrameBytes,
  ProtocolError,
  parseHandshake,
  readFrameHeader,
  startsHandshake,
} from "../src/index.js";
import { formats, handshakes, messages } from "./arbitraries.js";

const SOURCE = join(import.meta.dirname, "..", "src");
// RFC 6455 section 5.5: a control frame carries 125 bytes, of which the close code takes 2.
const MAX_CLOSE_REASON_BYTES = 123;

const noise = fc.uint8Array({ maxLength: 400 });

/** Legal bytes, of which some are replaced, and any number cut off or added. */
function damaged(legal: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 });
  return fc.tuple(legal, changes, fc.nat(60), noise).map(([bytes, replaced, cut, added]) => {
    const copy = new Uint8Array(bytes);
    for (const [at, byte] of replaced) if (at < copy.length) copy[at] = byte;
    return Uint8Array.of(...(cut % 2 === 0 ? copy : copy.subarray(0, cut)), ...(cut % 3 === 0 ? added : []));
  });
}

/** Lets nothing through but a ProtocolError that a close frame can carry. */
function refusedOrTaken(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(Buffer.byteLength(error.message)).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
  }
}

describe("hostile bytes", () => {
  it("get no other error from parseHandshake", () => {
    const exact = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const bytes = fc.oneof(noise, exact, damaged(handshakes.map(formatHandshake)));
    fc.assert(
      fc.property(bytes, (message) => {
        refusedOrTaken(() => parseHandshake(message));
        expect(startsHandshake(message)).toBeTypeOf("boolean");
      }),
      { numRuns: 1000 },
    );
  });

  it("are a handshake that can be written again, if they are one", () => {
    const fields = fc.uint8Array({ minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(handshakes, fields, fc.nat(23), (handshake, other, at) => {
        const bytes = formatHandshake(handshake);
        bytes[8 + at] = other[at];
        refusedOrTaken(() => {
          const parsed = parseHandshake(bytes);
          expect(parseHandshake(formatHandshake(parsed))).toEqual(parsed);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("get no other error from checkFrame and readFrameHeader", () => {
    const cases = formats(100).chain((format) =>
      fc.tuple(fc.constant(format), fc.oneof(noise, damaged(messages(format)))),
    );
    fc.assert(
      fc.property(cases, fc.nat(20), ([format, bytes], start) => {
        refusedOrTaken(() => checkFrame(bytes, 0, bytes.length, format, 0xffff_ffff));
        const from = Math.min(start, bytes.length);
        refusedOrTaken(() => checkFrame(bytes, from, bytes.length, format, 1));
        const header = readFrameHeader(bytes, start);
        if (header !== undefined)
          expect(formatFrame(header.codec, header.seq, bytes).length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("get no other error from FrameSplitter, which never keeps more than a frame", () => {
    const cases = formats(100).chain((format) =>
      fc.tuple(fc.constant(format), fc.array(fc.oneof(noise, messages(format), damaged(messages(format))))),
    );
    fc.assert(
      fc.property(cases, ([format, chunks]) => {
        const splitter = new FrameSplitter(format);
        refusedOrTaken(() => {
          for (const chunk of chunks) splitter.push(chunk, () => undefined);
        });
        expect(splitter.bufferedBytes).toBeLessThanOrEqual(maxFrameBytes(format));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a Buffer", () => {
  it("works like a Uint8Array", () => {
    const cases = fc.tuple(handshakes, fc.nat(50));
    fc.assert(
      fc.property(cases, ([handshake, before]) => {
        const message = Buffer.concat([Buffer.alloc(before, 1), formatHandshake(handshake)]).subarray(before);
        expect(startsHandshake(message)).toBe(true);
        expect(parseHandshake(message)).toEqual(handshake);
      }),
    );
  });

  it("is split into the frames that it holds", () => {
    const cases = formats(40).chain((format) =>
      fc.tuple(fc.constant(format), fc.array(messages(format), { maxLength: 5 }), fc.nat(200)),
    );
    fc.assert(
      fc.property(cases, ([format, frames, cut]) => {
        const stream = Buffer.concat(frames);
        const splitter = new FrameSplitter(format);
        const found: Buffer[] = [];
        for (const chunk of [stream.subarray(0, cut), stream.subarray(cut)])
          splitter.push(chunk, (bytes, start, end) => found.push(Buffer.from(bytes.slice(start, end))));
        expect(Buffer.concat(found).equals(stream)).toBe(true);
        expect(found.length).toBe(frames.length);
      }),
    );
  });
});

it.each(readdirSync(SOURCE))("%s uses nothing that only Node has", (file) => {
  const text = readFileSync(join(SOURCE, file), "utf8");
  expect(text).not.toMatch(/\bfrom "(?!\.\/)|\bimport\(|\bBuffer\b|\bprocess\b|\bDate\b/);
});
