// WAV files, `.bin` files without a handshake, and what strangers send to an open port.
import { join, noise, patched, u16, u32 } from "./bytes.mjs";
import { frames, GOOD } from "./streams.mjs";

/** A chunk; `size` may lie. */
const chunk = (/** @type {string} */ id, /** @type {Uint8Array} */ body, size = body.length) =>
  join(id, u32(size), body, body.length & 1 ? [0] : []);
const riff = (/** @type {Uint8Array} */ body, size = body.length + 4, container = "RIFF") =>
  join(container, u32(size), "WAVE", body);
const fmt = (tag = 1, channels = 1, bits = 16, align = (channels * bits) / 8, extra = join()) =>
  chunk(
    "fmt ",
    join(u16(tag), u16(channels), u32(16_000), u32(16_000 * align), u16(align), u16(bits), extra),
  );
const data = (bytes = 16, size = bytes) => chunk("data", noise(bytes), size);

/** As our recorder writes it: 44 bytes, audio, chunks. */
const plain = riff(join(fmt(), data()));
const info = (/** @type {string} */ comment) => chunk("LIST", join("INFO", chunk("ICMT", join(comment))));

export const wavs = {
  good: plain,
  "good-odd": riff(join(fmt(1, 1, 8), data(7))),
  empty: join(),
  "riff-only": plain.subarray(0, 4),
  "header-cut": plain.subarray(0, 43),
  "header-only": plain.subarray(0, 44),
  "sample-torn": plain.subarray(0, 51),
  zeros: Buffer.alloc(64),
  noise: noise(300),
  "sizes-0": patched(patched(plain, 4, u32(0)), 40, u32(0)),
  "sizes-max": patched(patched(plain, 4, u32(0xffff_ffff)), 40, u32(0xffff_ffff)),
  "data-larger-than-file": patched(plain, 40, u32(1_000_000)),
  "riff-smaller-than-data": patched(plain, 4, u32(10)),
  "riff-claims-trailer": patched(plain, 4, u32(36 + 16 + 100)),
  "format-missing": riff(data()),
  "format-after-data": riff(join(data(), fmt())),
  "format-twice": riff(join(fmt(), fmt(3, 2, 32), data())),
  "format-short": riff(join(chunk("fmt ", noise(15)), data())),
  "format-chunk-size-0": riff(join("fmt ", u32(0), data())),
  "format-chunk-size-max": riff(join("fmt ", u32(0xffff_ffff), noise(16), data())),
  "channels-0": patched(plain, 22, u16(0)),
  "channels-max": patched(plain, 22, u16(0xffff)),
  "rate-0": patched(plain, 24, u32(0)),
  "rate-max": patched(plain, 24, u32(0xffff_ffff)),
  "align-0": patched(plain, 32, u16(0)),
  "bits-0": patched(plain, 34, u16(0)),
  "bits-12-in-16": patched(plain, 34, u16(12)),
  "tag-mp3": riff(join(fmt(0x55), data())),
  "tag-max": riff(join(fmt(0xffff), data())),
  "extensible-short": riff(join(fmt(0xfffe), data())),
  "extensible-guid-unknown": riff(
    join(fmt(0xfffe, 1, 16, 2, join(u16(22), u16(16), u32(4), noise(16))), data()),
  ),
  "float-64": riff(join(fmt(3, 1, 64), data(32))),
  "float-nan": riff(
    join(fmt(3, 1, 32), chunk("data", join(u32(0x7fc0_0000), u32(0xff80_0000), u32(0x7f80_0000)))),
  ),
  "ima-good": riff(
    join(
      fmt(0x11, 1, 4, 12, join(u16(2), u16(17))),
      chunk("data", join([1, 2, 3, 0], noise(8), [1, 2, 88, 0], noise(8))),
    ),
  ),
  "ima-index-89": riff(
    join(fmt(0x11, 1, 4, 12, join(u16(2), u16(17))), chunk("data", join([1, 2, 89, 0], noise(8)))),
  ),
  "ima-block-0": riff(join(fmt(0x11, 1, 4, 0), data(12))),
  "ima-block-4": riff(join(fmt(0x11, 1, 4, 4), chunk("data", join([1, 2, 3, 0], [1, 2, 3, 0])))),
  "ima-claims-too-many": riff(join(fmt(0x11, 1, 4, 12, join(u16(2), u16(0xffff))), data(12))),
  "ima-stereo-torn": riff(join(fmt(0x11, 2, 4, 17), chunk("data", Buffer.alloc(33)))),
  "ima-channels-3": riff(join(fmt(0x11, 3, 4, 24), data(24))),
  "rf64-without-ds64": riff(join(fmt(), data(16, 0xffff_ffff)), 0xffff_ffff, "RF64"),
  "rf64-ds64-max": riff(
    join(chunk("ds64", Buffer.alloc(28, 0xff)), fmt(), data(16, 0xffff_ffff)),
    0xffff_ffff,
    "RF64",
  ),
  "ds64-short": riff(join(chunk("ds64", noise(4)), fmt(), data()), 100, "BW64"),
  "junk-of-4-gb": riff(join("JUNK", u32(0xffff_fffe), noise(8), fmt(), data())),
  "chunks-many-and-empty": riff(join(...Array(300).fill(chunk("JUNK", join())), fmt(), data())),
  "chunk-names-unprintable": riff(join([0, 0xff, 0x1b, 0x0a], u32(2), [1, 2], fmt(), data())),
  "trailer-list-cut": join(plain, info('{"source":"tcp"').subarray(0, 20)),
  "trailer-json-broken": join(plain, info('{"source":"tcp",')),
  "trailer-json-other": join(plain, info("[1,2,3]"), info("null"), info("1e999")),
  "trailer-json-deep": join(plain, info("[".repeat(3000))),
  "trailer-prototype": join(plain, info('{"__proto__":{"source":"x"},"constructor":1}')),
  "trailer-size-max": join(plain, "LIST", u32(0xffff_ffff), "INFO"),
};

const withoutHandshake = (/** @type {Uint8Array} */ bytes) => bytes.subarray(GOOD.length);

export const bins = {
  empty: join(),
  good: withoutHandshake(frames.good),
  "cut-in-header": withoutHandshake(frames["cut-in-header"]),
  "cut-in-payload": withoutHandshake(frames["cut-in-payload"]),
  "garbage-between": withoutHandshake(frames["garbage-between"]),
  "garbage-first": join(noise(9), withoutHandshake(frames.good)),
  "handshake-in-the-middle": join(withoutHandshake(frames.good), frames.good),
  "length-max": withoutHandshake(frames["length-max"]),
  "zeros-behind": withoutHandshake(frames["zeros-behind"]),
  "zeros-only": Buffer.alloc(100),
  "first-frame-empty": join("PCMF", u32(0), u32(0), withoutHandshake(frames.good)),
  "codecs-mixed": join(withoutHandshake(frames.good), withoutHandshake(frames["adpcm-good"])),
  noise: noise(500),
};

const request = (/** @type {string} */ line, ...headers) => join([line, ...headers, "", ""].join("\r\n"));

/** The first bytes that a stranger may send to any port. */
export const strangers = {
  http: request("GET / HTTP/1.1", "Host: x"),
  "http-10": request("GET /ws HTTP/1.0"),
  "http-cut": join("GET /ws HTTP/1.1\r\nHost: x\r\nUpg"),
  "http-no-host": request("GET /ws HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade"),
  "http-traversal": request("GET /ws/../../etc/passwd HTTP/1.1", "Host: x"),
  "http-escapes-broken": request(
    "GET /ws/%zz%00%ff HTTP/1.1",
    "Host: x",
    "Upgrade: websocket",
    "Connection: Upgrade",
  ),
  "http-headers-many": request("GET / HTTP/1.1", "Host: x", ...Array(2500).fill("a: b")),
  "http-header-long": request("GET / HTTP/1.1", "Host: x", `a: ${"b".repeat(20_000)}`),
  "http-length-and-chunked": request(
    "POST /echo HTTP/1.1",
    "Host: x",
    "Content-Length: 4",
    "Transfer-Encoding: chunked",
  ),
  "http-length-negative": request("POST /echo HTTP/1.1", "Host: x", "Content-Length: -1"),
  "http-length-huge": request("POST /echo HTTP/1.1", "Host: x", "Content-Length: 99999999999999999999"),
  "http-chunk-huge": join(
    request("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked"),
    "ffffffffffffffff\r\nabc",
  ),
  "http-method-none": join(" / HTTP/1.1\r\n\r\n"),
  "http-connect": request("CONNECT example.org:443 HTTP/1.1", "Host: example.org:443"),
  "http2-preface": join("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [0, 0, 0, 4, 0, 0, 0, 0, 0]),
  "upgrade-key-broken": request(
    "GET /ws HTTP/1.1",
    "Host: x",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: no",
  ),
  "upgrade-version-7": request(
    "GET /ws HTTP/1.1",
    "Host: x",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 7",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ),
  "upgrade-to-other": request("GET /ws HTTP/1.1", "Host: x", "Upgrade: h2c", "Connection: Upgrade"),
  "tls-client-hello": join([0x16, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3], noise(54)),
  ssh: join("SSH-2.0-OpenSSH_9.9\r\n"),
  smb: join([0, 0, 0, 0x2f, 0xff], "SMB", [0x72], noise(42)),
  rtsp: request("OPTIONS rtsp://x/ RTSP/1.0", "CSeq: 1"),
  "line-without-end": Buffer.alloc(30_000, "a"),
  newlines: Buffer.alloc(5000, "\r\n"),
  zeros: Buffer.alloc(1000),
  "handshake-almost": patched(GOOD, 7, [1]),
  noise: noise(2000, 3),
};
