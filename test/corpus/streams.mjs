// Handshakes, rows of frames, WebSocket bytes, datagrams.
import { join, noise, patched, u16, u16be, u32, u32be } from "./bytes.mjs";

const PCM = "PCMF";
const ADPCM = "FPDA";

/** A good handshake: mono PCM at 16 kHz, frames of 4 sample frames, so that everything stays small. */
export const GOOD = join(
  "CPDA",
  u16(1),
  u16(32),
  u32(7),
  u32(16_000),
  u16(1),
  u16(0),
  u16(4),
  u16(0),
  u32(0),
  u32(0),
);
const ADPCM_MONO = patched(GOOD, 18, u16(1));
const ADPCM_STEREO = patched(patched(ADPCM_MONO, 16, u16(2)), 20, u16(8));

/** @param {string} magic */
const frame = (magic, seq = 0, payload = noise(8, seq + 1), length = payload.length) =>
  join(magic, u32(length), u32(seq), payload);

const block = (stepIndex = 0, bytes = 2) => join([0x34, 0x12, stepIndex, 0], noise(bytes));
const row = (/** @type {number} */ count, first = 0) =>
  join(...Array.from({ length: count }, (_, i) => frame(PCM, (first + i) >>> 0)));

export const handshakes = {
  empty: join(),
  "one-byte": GOOD.subarray(0, 1),
  "signature-only": GOOD.subarray(0, 8),
  "one-byte-short": GOOD.subarray(0, 31),
  "one-byte-long": join(GOOD, [0]),
  zeros: Buffer.alloc(32),
  ones: Buffer.alloc(32, 0xff),
  noise: noise(32),
  "big-endian": Buffer.from(GOOD).swap32(),
  "version-0": patched(GOOD, 4, u16(0)),
  "version-max": patched(GOOD, 4, u16(0xffff)),
  "header-length-max": patched(GOOD, 6, u16(0xffff)),
  "rate-0": patched(GOOD, 12, u32(0)),
  "rate-max": patched(GOOD, 12, u32(0xffff_ffff)),
  "channels-0": patched(GOOD, 16, u16(0)),
  "channels-max": patched(GOOD, 16, u16(0xffff)),
  "codec-2": patched(GOOD, 18, u16(2)),
  "codec-max": patched(GOOD, 18, u16(0xffff)),
  "frame-samples-0": patched(GOOD, 20, u16(0)),
  "adpcm-3-channels": patched(ADPCM_MONO, 16, u16(3)),
  "adpcm-stereo-not-in-eights": patched(ADPCM_STEREO, 20, u16(12)),
  "reserved-set": patched(GOOD, 22, u16(0xffff)),
  "timestamp-max": patched(GOOD, 24, [...u32(0xffff_ffff), ...u32(0xffff_ffff)]),
  "most-of-everything": patched(patched(patched(GOOD, 12, u32(384_000)), 16, u16(8)), 20, u16(65_535)),
};

/** A handshake and frames back to back: framed TCP, or a .bin with its handshake. */
export const frames = {
  "none-behind-handshake": GOOD,
  good: join(GOOD, row(5)),
  "handshake-twice": join(GOOD, GOOD, row(2)),
  "cut-in-header": join(GOOD, row(2), frame(PCM, 2).subarray(0, 7)),
  "cut-in-payload": join(GOOD, row(2), frame(PCM, 2).subarray(0, 13)),
  "payload-empty": join(GOOD, row(1), frame(PCM, 1, join())),
  "payload-odd": join(GOOD, row(1), frame(PCM, 1, noise(3))),
  "payload-too-long": join(GOOD, row(1), frame(PCM, 1, noise(10))),
  "length-max": join(GOOD, row(1), frame(PCM, 1, noise(8), 0xffff_ffff)),
  "length-sign-bit": join(GOOD, row(1), frame(PCM, 1, noise(8), 0x8000_0000)),
  "length-one-too-few": join(GOOD, row(1), frame(PCM, 1, noise(8), 6), row(2, 2)),
  "length-one-too-many": join(GOOD, row(1), frame(PCM, 1, noise(6), 8), row(2, 2)),
  "magic-of-the-other-codec": join(GOOD, row(1), frame(ADPCM, 1, block())),
  "magic-reversed": join(GOOD, row(1), frame("FMCP", 1)),
  "garbage-between": join(GOOD, row(2), noise(40), row(2, 2)),
  "zeros-behind": join(GOOD, row(2), Buffer.alloc(64)),
  "seq-wraps": join(GOOD, row(6, 0xffff_fffd)),
  "seq-far-ahead": join(GOOD, row(2), row(2, 0x4000_0000)),
  "seq-backwards": join(GOOD, row(3, 1000), row(3, 500)),
  "seq-all-the-same": join(GOOD, ...Array(20).fill(frame(PCM, 5))),
  "seq-jumps-within-bound": join(GOOD, row(1), row(1, 2999), row(1, 9000)),
  "short-frames": join(GOOD, ...Array.from({ length: 30 }, (_, seq) => frame(PCM, seq, noise(2, seq)))),
  "adpcm-good": join(ADPCM_MONO, frame(ADPCM, 0, block()), frame(ADPCM, 1, block(88))),
  "adpcm-step-index-89": join(ADPCM_MONO, frame(ADPCM, 0, block()), frame(ADPCM, 1, block(89))),
  "adpcm-step-index-255": join(ADPCM_MONO, frame(ADPCM, 0, block(255))),
  "adpcm-header-only": join(ADPCM_MONO, frame(ADPCM, 0, block(0, 0))),
  "adpcm-half-a-header": join(ADPCM_MONO, frame(ADPCM, 0, noise(2))),
  "adpcm-slack-used": join(ADPCM_MONO, frame(ADPCM, 0, block(3, 18)), frame(ADPCM, 1, block(3, 19))),
  "adpcm-stereo-good": join(ADPCM_STEREO, frame(ADPCM, 0, join([1, 2, 3, 0], [4, 5, 6, 0], noise(8)))),
  "adpcm-stereo-second-index-90": join(
    ADPCM_STEREO,
    frame(ADPCM, 0, join([1, 2, 3, 0], [4, 5, 90, 0], noise(8))),
  ),
  "adpcm-stereo-half-a-group": join(
    ADPCM_STEREO,
    frame(ADPCM, 0, join([1, 2, 3, 0], [4, 5, 6, 0], noise(4))),
  ),
};

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A client's frame. `first` is FIN, reserved bits and opcode; `length` may lie. */
function message(
  /** @type {number} */ first,
  /** @type {Uint8Array} */ payload,
  length = payload.length,
  masked = 0x80,
) {
  const field =
    length < 126
      ? [masked | length]
      : length < 65_536
        ? [masked | 126, ...u16be(length)]
        : wideLength(length, masked);
  const body = masked ? payload.map((byte, i) => byte ^ MASK[i & 3]) : payload;
  return join([first], field, masked ? MASK : [], body);
}

/** @param {number} length */
function wideLength(length, masked = 0x80) {
  return [masked | 127, ...u32be(Math.floor(length / 2 ** 32)), ...u32be(length % 2 ** 32)];
}

const hello = message(0x82, GOOD);
const talk = (seq = 0) => message(0x82, frame(PCM, seq));
const close = message(0x88, join(u16be(1000)));

/** What a WebSocket client sends behind the upgrade. */
export const websockets = {
  good: join(hello, talk(0), talk(1), close),
  "no-mask": join(hello, message(0x82, frame(PCM), 20, 0)),
  "reserved-bit-1": join(hello, message(0xc2, frame(PCM))),
  "all-reserved-bits": join(hello, message(0xf2, frame(PCM))),
  "opcode-3": join(hello, message(0x83, frame(PCM))),
  "opcode-15": join(hello, message(0x8f, noise(4))),
  text: join(hello, talk(0), message(0x81, join("hello"))),
  "text-not-utf8": message(0x81, join([0xff, 0xfe, 0xc0])),
  "length-2-to-the-63": join(hello, [0x82], wideLength(2 ** 63), MASK),
  "length-2-to-the-53": join(hello, [0x82], wideLength(2 ** 53), MASK, noise(100)),
  "length-4-gb": join(hello, [0x82], wideLength(2 ** 32), MASK, noise(100)),
  "length-1-mib": join([0x82], wideLength(1_048_576), MASK, noise(100)),
  "length-not-minimal": join(hello, [0x82, 0x80 | 127, ...u32be(0), ...u32be(20)], MASK, noise(20)),
  "header-only": hello.subarray(0, 2),
  "cut-in-mask": join(hello, talk(0).subarray(0, 4)),
  "cut-in-payload": join(hello, talk(0), talk(1).subarray(0, 15)),
  "empty-message": join(hello, message(0x82, join())),
  "continuation-of-nothing": join(hello, message(0x80, noise(4))),
  "message-inside-a-message": join(hello, message(0x02, noise(4)), message(0x82, frame(PCM))),
  "fragments-never-end": join(hello, message(0x02, noise(1)), ...Array(60).fill(message(0x00, join()))),
  "fragments-too-long": join(
    hello,
    message(0x02, noise(20)),
    message(0x00, noise(20)),
    message(0x80, noise(20)),
  ),
  "ping-in-between": join(
    hello,
    message(0x02, frame(PCM).subarray(0, 9)),
    message(0x89, join("?")),
    message(0x80, frame(PCM).subarray(9)),
    close,
  ),
  "ping-too-long": join(hello, message(0x89, noise(126))),
  "ping-fragmented": join(hello, message(0x09, noise(4))),
  "pings-many": join(hello, ...Array(200).fill(message(0x89, noise(5)))),
  "pong-unasked": join(hello, ...Array(20).fill(message(0x8a, noise(5))), talk(0), close),
  "close-one-byte": join(hello, talk(0), message(0x88, join([3]))),
  "close-1005": join(hello, talk(0), message(0x88, join(u16be(1005)))),
  "close-65535": join(hello, talk(0), message(0x88, join(u16be(65_535)))),
  "close-reason-not-utf8": join(hello, talk(0), message(0x88, join(u16be(1000), [0xff, 0xff]))),
  "close-then-more": join(hello, talk(0), close, talk(1), noise(50)),
  "close-twice": join(hello, close, close),
  "second-handshake": join(hello, talk(0), hello, talk(1)),
  "frames-without-handshake": join(talk(0), talk(1)),
  "http-again": join(hello, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
  noise: noise(600),
};

const datagram = (/** @type {number} */ sequence, samples = 4, flags = 0, bytes = noise(samples * 2)) =>
  join(u32(sequence), u32(1000), u16(samples), u16(flags), bytes);

/** UDP: u32 sequence, u32 timestamp, u16 samples, u16 flags, s16le samples. */
export const datagrams = {
  empty: join(),
  "one-byte": [0],
  "header-cut": datagram(1).subarray(0, 11),
  "header-only": datagram(1).subarray(0, 12),
  "no-samples": datagram(1, 0),
  "samples-missing": datagram(1).subarray(0, 18),
  "half-a-sample": datagram(1).subarray(0, 19),
  "samples-too-many": join(datagram(1), noise(6)),
  "count-max": datagram(1, 0xffff, 0, noise(8)),
  "flags-all": datagram(1, 4, 0xffff),
  "start-and-end": datagram(1, 4, 3),
  "sequence-max": datagram(0xffff_ffff),
  good: datagram(1),
  zeros: Buffer.alloc(32),
  "largest-on-ethernet": datagram(1, 730),
  noise: noise(400),
};
