import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACK_BYTES,
  ACK_SUBPROTOCOL,
  formatAcknowledgement,
  ProtocolError,
  parseAcknowledgement,
} from "../src/index.js";

const acknowledgements = fc.record({
  nextSeq: fc.integer({ min: 0, max: 0xffff_ffff }),
  session: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
});

describe("an acknowledgement", () => {
  it("has the bytes that the protocol lays down", () => {
    const bytes = formatAcknowledgement({ nextSeq: 0x01020304, session: 0x1112131415161718n });
    expect(ACK_SUBPROTOCOL).toBe("audio-ack.v1");
    expect([...bytes.subarray(0, 4)]).toEqual([...Buffer.from("ACKF")]);
    expect([...bytes.subarray(4)]).toEqual([4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11]);
  });

  it("comes back as it was, also from inside a larger buffer", () => {
    fc.assert(
      fc.property(acknowledgements, fc.nat(7), (said, offset) => {
        const buffer = new Uint8Array(ACK_BYTES + 8);
        buffer.set(formatAcknowledgement(said), offset);
        expect(parseAcknowledgement(buffer.subarray(offset, offset + ACK_BYTES))).toEqual(said);
      }),
    );
  });

  it("is refused when it has another length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        fc.pre(bytes.length !== ACK_BYTES);
        const message = `invalid acknowledgement: message is ${bytes.length} bytes, not 16`;
        expect(() => parseAcknowledgement(bytes)).toThrow(
          new ProtocolError("invalid-acknowledgement", message),
        );
      }),
    );
  });

  it("is refused when it has another magic", () => {
    const bytes = formatAcknowledgement({ nextSeq: 1, session: 1n });
    bytes[0] = 0x42;
    expect(() => parseAcknowledgement(bytes)).toThrow(
      "invalid acknowledgement: magic 0x464b4342 is not 0x464b4341",
    );
  });

  it.each([
    [{ nextSeq: -1, session: 1n }, "nextSeq is -1, not a whole number from 0 to 4294967295"],
    [{ nextSeq: 1.5, session: 1n }, "nextSeq is 1.5, not a whole number from 0 to 4294967295"],
    [{ nextSeq: 2 ** 32, session: 1n }, "nextSeq is 4294967296, not a whole number from 0 to 4294967295"],
    [{ nextSeq: 1, session: -1n }, "session is -1, not a whole number from 0 to 18446744073709551615"],
    [
      { nextSeq: 1, session: 2n ** 64n },
      "session is 18446744073709551616, not a whole number from 0 to 18446744073709551615",
    ],
  ])("is not made of wrong fields (%#)", (said, message) => {
    expect(() => formatAcknowledgement(said)).toThrow(new RangeError(message));
  });
});
