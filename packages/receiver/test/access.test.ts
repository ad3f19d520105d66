/** The pure parts of who may send: addresses, tokens, what a request or a first line shows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressList, addressFault } from "../src/access/address-list.js";
import { AttemptLimit } from "../src/access/attempt-limit.js";
import { presentedToken, readTokenLine } from "../src/access/credentials.js";
import { hashToken, newToken, sameHash, TOKEN_PATTERN, withoutSecrets } from "../src/access/token.js";
import { formatTokenFile, parseTokenFile, type TokenRecord } from "../src/access/token-file.js";

describe("an address list", () => {
  it.each([
    ["10.0.0.0/8", ["10.0.0.1", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.1", "9.255.255.255", "::1"]],
    ["192.168.1.27", ["192.168.1.27", "::ffff:192.168.1.27"], ["192.168.1.28", "::ffff:192.168.1.26"]],
    ["::ffff:192.168.1.0/24", ["192.168.1.1"], ["192.168.2.1"]],
    ["fd00::/8", ["fd00::1", "fdff::", "fd12:3456::9%eth0"], ["fe80::1", "10.0.0.1"]],
    ["::1", ["::1"], ["::2", "127.0.0.1"]],
    ["0.0.0.0/0", ["1.2.3.4", "::ffff:9.9.9.9"], ["::1"]],
    ["::/0", ["::1", "fe80::2"], []],
  ])("%s", (entry, inside, outside) => {
    const list = new AddressList([entry]);
    expect(inside.filter((address) => !list.includes(address))).toEqual([]);
    expect(outside.filter((address) => list.includes(address))).toEqual([]);
  });

  it("holds nothing that is no address", () => {
    const list = new AddressList(["0.0.0.0/0", "::/0"]);
    for (const text of ["", "unknown", "1.2.3", "localhost"]) expect(list.includes(text)).toBe(false);
    expect(new AddressList([]).includes("127.0.0.1")).toBe(false);
  });

  it.each([
    "",
    "10.0.0",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "fd00::/129",
    "kitchen",
    "1.2.3.4/x",
  ])('says what is wrong with "%s"', (entry) => {
    expect(addressFault(entry)).toContain(`"${entry}"`);
    expect(() => new AddressList([entry])).toThrow(RangeError);
  });
});

describe("a token", () => {
  it("is random, recognisable, and safe in a URL and a line", () => {
    const tokens = Array.from({ length: 200 }, newToken);
    expect(new Set(tokens).size).toBe(200);
    for (const token of tokens) {
      expect(token).toMatch(TOKEN_PATTERN);
      expect(encodeURIComponent(token)).toBe(token);
    }
  });

  it("is compared by its hash", () => {
    const token = newToken();
    expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(sameHash(hashToken(token), hashToken(token))).toBe(true);
    expect(sameHash(hashToken(token), hashToken(newToken()))).toBe(false);
    expect(sameHash(hashToken(token), "")).toBe(false);
  });

  it("is not shown, nor is a key", () => {
    const token = newToken();
    const pem = "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----";
    expect(withoutSecrets(`a ${token} b ${token}`)).toBe("a art_*** b art_***");
    expect(withoutSecrets(`x ${pem} y`)).toBe("x *** y");
    expect(withoutSecrets("-----BEGIN PRIVATE KEY-----\ncut o")).toBe("***");
    expect(withoutSecrets("nothing to hide")).toBe("nothing to hide");
  });
});

describe("a token file", () => {
  const record: TokenRecord = {
    id: "0123abcd",
    name: "kitchen",
    device: "AA_BB",
    sha256: hashToken(newToken()),
    created: "2026-01-02T03:04:05.678Z",
  };
  const other: TokenRecord = { id: "fedc9876", name: "any", sha256: hashToken("x"), created: record.created };

  it("is read as it was written", () => {
    for (const tokens of [[], [record], [record, other]])
      expect(parseTokenFile(formatTokenFile(tokens))).toEqual({ tokens });
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["another version", '{"version":2,"tokens":[]}'],
    ["no tokens", '{"version":1}'],
    ["a short hash", formatTokenFile([{ ...record, sha256: "ab" }])],
    ["a name that is a path", formatTokenFile([{ ...record, name: "../x" }])],
    ["a device that is a path", formatTokenFile([{ ...record, device: "../x" }])],
    ["a field that is not known", formatTokenFile([{ ...record, more: 1 } as TokenRecord])],
    ["one name twice", formatTokenFile([record, { ...other, name: record.name }])],
    ["one id twice", formatTokenFile([record, { ...other, id: record.id }])],
  ])("with %s has a fault, which quotes none of it", (_, text) => {
    const { tokens, fault } = parseTokenFile(text);
    expect(tokens).toBeUndefined();
    expect(fault).toMatch(/\w/);
    expect(fault).not.toContain(record.sha256);
  });

  it("never throws, whatever stands in it", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseTokenFile(text)));
  });
});

describe("what a request shows", () => {
  it.each([
    [{ authorization: "Bearer abc" }, "/ws", "abc"],
    [{ authorization: "bearer   abc  " }, "/ws?token=def", "abc"],
    [{ authorization: "Basic abc" }, "/ws?token=def", "def"],
    [{ authorization: "Bearer" }, "/ws", undefined],
    [{ authorization: "Bearer a b" }, "/ws", undefined],
    [{}, "/ws?a=1&token=d%65f&token=x", "def"],
    [{}, "/ws?token=", undefined],
    [{}, "/ws?token=%zz", "%zz"],
    [{}, "/ws?Token=abc", undefined],
    [{}, "/ws/token=abc", undefined],
    [{}, "", undefined],
  ])("%j %s: %s", (headers, url, token) => {
    expect(presentedToken(headers, url)).toBe(token);
  });
});

describe("a first line", () => {
  const read = (text: string) => readTokenLine(Buffer.from(text, "latin1"));

  it("is a token with its end, or not", () => {
    expect(read("token abc\nRIFF")).toEqual({ kind: "token", token: "abc", bytes: 10 });
    expect(read("token abc\r\n")).toEqual({ kind: "token", token: "abc", bytes: 11 });
    for (const text of ["", "t", "token", "token ", "token abc"]) expect(read(text).kind).toBe("incomplete");
    for (const text of [
      "x",
      "Token a\n",
      "token \n",
      "token a b\n",
      "token \x01\n",
      `token ${"x".repeat(300)}\n`,
    ])
      expect(read(text).kind).toBe("none");
  });

  it("is known as soon as enough of it is there, and not before", () => {
    const line = "token abcdef\n";
    for (let end = 0; end < line.length; end++) expect(read(line.slice(0, end)).kind).toBe("incomplete");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { kind } = readTokenLine(Buffer.from(bytes));
        if (bytes.length >= 256) expect(kind).not.toBe("incomplete");
      }),
    );
  });
});

describe("wrong tokens", () => {
  const A = "192.0.2.1";

  it("are looked at ten times at once, then one every two seconds", () => {
    const limit = new AttemptLimit();
    let looked = 0;
    for (let ms = 0; ms < 60_000; ms += 100) {
      if (!limit.mayTry(A, ms)) continue;
      looked++;
      limit.failed(A, ms);
    }
    expect(looked).toBeGreaterThanOrEqual(30);
    expect(looked).toBeLessThanOrEqual(41);
    expect(limit.mayTry("192.0.2.2", 60_000)).toBe(true);
    expect(limit.mayTry(A, 120_000)).toBe(true);
  });

  it("of a neighbour do not stop an address from which a right one came", () => {
    const limit = new AttemptLimit();
    limit.succeeded(A, 0);
    for (let i = 0; i < 100; i++) limit.failed(A, 1000);
    expect(limit.mayTry(A, 1000)).toBe(true);
    expect(limit.mayTry(A, 3_600_001)).toBe(true);
    for (let i = 0; i < 100; i++) limit.failed(A, 3_700_000);
    expect(limit.mayTry(A, 3_700_000)).toBe(false);
  });

  it("of any number of addresses cost a bounded table", () => {
    const limit = new AttemptLimit();
    for (let i = 0; i < 30_000; i++) limit.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i);
    expect(limit.size).toBe(10_000);
  });
});
