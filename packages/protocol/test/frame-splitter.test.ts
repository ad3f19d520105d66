import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FRAME_HEADER_BYTES,
  FrameSplitter,
  formatFrame,
  maxFrameBytes,
  ProtocolError,
  type StreamFormat,
} from "../src/index.js";
import { formats, messages, payloadOf } from "./arbitraries.js";
import { cutAt, join, withU32 } from "./bytes.js";

const mono: StreamFormat = { codec: "pcm16", channels: 1, frameSamples: 320 };

function frame(seq: number, dataBytes = 640, format = mono): Uint8Array {
  return formatFrame(format.codec, seq, payloadOf(format, dataBytes, seq & 0xff));
}

interface Outcome {
  frames: { message: number[]; seq: number }[];
  error?: ProtocolError;
  bufferedBytes?: number;
}

/** What a splitter makes of the chunks, until one is refused. */
function split(format: StreamFormat, chunks: readonly Uint8Array[]): Outcome {
  const splitter = new FrameSplitter(format);
  const frames: Outcome["frames"] = [];
  const onFrame = (bytes: Uint8Array, start: number, end: number, seq: number) =>
    frames.push({ message: Array.from(bytes.subarray(start, end)), seq });
  try {
    for (const chunk of chunks) {
      splitter.push(chunk, onFrame);
      expect(splitter.bufferedBytes).toBeLessThan(maxFrameBytes(format));
      expect(splitter.frames).toBe(frames.length);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { frames, error };
  }
  return { frames, bufferedBytes: splitter.bufferedBytes };
}

/** A stream of legal frames of one small format, and places to cut it at. */
const streams = formats(24).chain((format) =>
  fc.record({
    format: fc.constant(format),
    frames: fc.array(messages(format), { maxLength: 6 }),
    cuts: fc.array(fc.nat(600), { maxLength: 40 }),
    at: fc.nat(600),
    byte: fc.nat(255),
  }),
);

describe("FrameSplitter", () => {
  it("finds the same frames however the bytes are cut", () => {
    fc.assert(
      fc.property(streams, ({ format, frames, cuts }) => {
        const expected = frames.map((message) => ({
          message: Array.from(message),
          seq: new DataView(message.buffer).getUint32(8, true),
        }));
        const outcome = split(format, cutAt(join(...frames), cuts));
        expect(outcome).toEqual({ frames: expected, bufferedBytes: 0 });
      }),
    );
  });

  it("finds the same frames and the same fault in a damaged stream however it is cut", () => {
    fc.assert(
      fc.property(streams, ({ format, frames, cuts, at, byte }) => {
        const damaged = join(...frames);
        if (at < damaged.length) damaged[at] = byte;
        const whole = split(format, [damaged]);
        expect(split(format, cutAt(damaged, cuts))).toEqual(whole);
        expect(
          split(
            format,
            Array.from(damaged, (each) => Uint8Array.of(each)),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it("tells by bufferedBytes how much of a frame is torn off at the end", () => {
    const stream = join(frame(0), frame(1, 2), frame(2));
    const ends = [652, 652 + 14, 652 + 14 + 652];
    for (let length = 0; length <= stream.length; length++) {
      const complete = ends.filter((end) => end <= length);
      const { frames, bufferedBytes } = split(mono, [stream.subarray(0, length)]);
      expect(frames.length).toBe(complete.length);
      expect(bufferedBytes).toBe(length - (complete.at(-1) ?? 0));
    }
  });

  it("takes bytes one by one, and empty chunks", () => {
    const stream = join(frame(7), frame(8), frame(9, 2));
    const chunks = Array.from(stream, (byte) => [Uint8Array.of(byte), new Uint8Array(0)]).flat();
    expect(split(mono, chunks).frames.map(({ seq }) => seq)).toEqual([7, 8, 9]);
  });

  it("keeps nothing that the caller may overwrite", () => {
    const chunk = new Uint8Array(400);
    const found: Uint8Array[] = [];
    const splitter = new FrameSplitter(mono);
    for (const part of cutAt(frame(3), [400])) {
      chunk.set(part);
      splitter.push(chunk.subarray(0, part.length), (bytes, start, end) =>
        found.push(bytes.slice(start, end)),
      );
      chunk.fill(0xff);
    }
    expect(found).toEqual([frame(3)]);
  });

  it("hands over the frame in the chunk itself when it is all there", () => {
    const chunk = join(frame(0), frame(1));
    const splitter = new FrameSplitter(mono);
    const ranges: unknown[] = [];
    splitter.push(chunk, (bytes, start, end) => ranges.push([bytes === chunk, start, end]));
    expect(ranges).toEqual([
      [true, 0, 652],
      [true, 652, 1304],
    ]);
  });

  it("counts a frame, and keeps none of it, by the time it hands it over", () => {
    const splitter = new FrameSplitter(mono);
    const seen: unknown[] = [];
    const onFrame = () => seen.push([splitter.frames, splitter.bufferedBytes]);
    for (const chunk of cutAt(join(frame(0), frame(1)), [652, 700])) splitter.push(chunk, onFrame);
    expect(seen).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });
});

describe("FrameSplitter, before it keeps anything", () => {
  it.each([641, 642, 1_048_564, 1_048_565, 0x8000_0000, 0xffff_ffff])(
    "refuses a length field of %d",
    (length) => {
      const header = withU32(frame(0), 4, length).subarray(0, FRAME_HEADER_BYTES);
      for (const chunks of [[header], cutAt(header, [1, 5, 11])]) {
        const splitter = new FrameSplitter(mono);
        const push = () => {
          for (const chunk of chunks) splitter.push(chunk, () => expect.unreachable());
        };
        expect(push).toThrow(
          new ProtocolError(
            "invalid-frame",
            `frame 1: length field says ${length} bytes, at most 640 are allowed (frame_samples 320)`,
          ),
        );
        expect(splitter.bufferedBytes).toBeLessThanOrEqual(FRAME_HEADER_BYTES);
      }
    },
  );

  it("keeps the whole of the largest legal frame but for its last byte", () => {
    const splitter = new FrameSplitter(mono);
    splitter.push(frame(0).subarray(0, 651), () => expect.unreachable());
    expect(splitter.bufferedBytes).toBe(maxFrameBytes(mono) - 1);
  });

  it("names the frame whose magic is none of the codec's, with the bytes found", () => {
    const adpcm = frame(5, 16, { ...mono, codec: "ima-adpcm" });
    const { frames, error } = split(mono, [join(frame(4), frame(5), adpcm)]);
    expect(frames.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(error).toEqual(
      new ProtocolError(
        "invalid-frame",
        "frame 3: 46 50 44 41 14 00 00 00 is not the magic of pcm16 and a length",
      ),
    );
    const { error: own } = split({ ...mono, codec: "ima-adpcm" }, [frame(0)]);
    expect(own?.message).toMatch(/^frame 1: 50 43 4d 46 80 02 00 00 is not the magic of ima-adpcm /);
  });
});

describe("FrameSplitter, with whole frames that are malformed", () => {
  it("says why, as checkFrame does", () => {
    const { frames, error } = split(mono, [join(frame(0), frame(1, 3))]);
    expect(frames.length).toBe(1);
    expect(error?.message).toBe("frame 2: payload is 3 bytes, not a whole number of 2-byte sample frames");
  });

  it("refuses an empty payload, in one piece or kept", () => {
    const reason = "frame 1: payload is empty, at least one sample frame is needed";
    expect(split(mono, [frame(0, 0)]).error?.message).toBe(reason);
    expect(split(mono, cutAt(frame(0, 0), [3])).error?.message).toBe(reason);
  });
});
