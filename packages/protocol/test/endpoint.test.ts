import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Endpoint, parseEndpoint, sanitizeHwid } from "../src/index.js";

describe("sanitizeHwid", () => {
  it.each([
    ["kitchen", "kitchen"],
    ["Kitchen-2_b", "Kitchen-2_b"],
    ["AA:BB:CC:DD:EE:FF", "AA_BB_CC_DD_EE_FF"],
    ["aa-bb-cc-dd-ee-ff", "aa-bb-cc-dd-ee-ff"],
    ["aabb.ccdd.eeff", "aabb_ccdd_eeff"],
    ["192.168.1.27", "192_168_1_27"],
    ["fe80::1", "fe80__1"],
    ["../../etc/passwd", "____etcpasswd"],
    ["..", "__"],
    [".", "_"],
    ["..\\..\\windows", "____windows"],
    ["C:\\Temp", "C_Temp"],
    ["a/b", "ab"],
    ["/abs", "abs"],
    ["a\0b\nc\td", "abcd"],
    ["%2e%2e", "2e2e"],
    ["living room", "livingroom"],
    ["$(rm -rf ~)", "rm-rf"],
    ["Küche", "Kche"],
    ["küche", "kche"],
    ["ｋｉｔｃｈｅｎ", undefined],
    ["台所", undefined],
    ["mic🎤1", "mic1"],
    ["٣", undefined],
    ["", undefined],
    ["/", undefined],
    [" \t\r\n", undefined],
    ["\ud800x", "x"],
    ["-", "-"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
  ])("makes of %j %j", (text, name) => {
    expect(sanitizeHwid(text)).toBe(name);
  });

  it("cuts at 64 characters, counted after the others were dropped", () => {
    expect(sanitizeHwid("a".repeat(64))).toBe("a".repeat(64));
    expect(sanitizeHwid("a".repeat(65))).toBe("a".repeat(64));
    expect(sanitizeHwid(`${"é".repeat(200)}${"b".repeat(63)}.c`)).toBe(`${"b".repeat(63)}_`);
  });

  it("always makes a name of 1 to 64 safe characters, or none, and leaves such names alone", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 200 })), (text) => {
        const name = sanitizeHwid(text);
        if (name === undefined) return;
        expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(sanitizeHwid(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseEndpoint", () => {
  const stream = (hwid?: string): Endpoint =>
    hwid === undefined ? { kind: "stream" } : { kind: "stream", hwid };
  const echo: Endpoint = { kind: "echo" };

  it.each([
    ["/ws", stream()],
    ["/ws/", stream()],
    ["/ws/x", stream("x")],
    ["/ws/AA:BB:CC:DD:EE:FF", stream("AA_BB_CC_DD_EE_FF")],
    ["/ws/AA%3ABB%3acc", stream("AA_BB_cc")],
    ["/ws/192.168.1.27", stream("192_168_1_27")],
    ["/ws/living%20room", stream("livingroom")],
    ["/ws/a+b", stream("ab")],
    ["/ws/K%C3%BCche", stream("Kche")],
    ["/ws/%E5%8F%B0%E6%89%80", stream()],
    ["/ws/%20", stream()],
    ["/ws/%00", stream()],
    ["/ws/..", stream("__")],
    ["/ws/%2e%2e", stream("__")],
    ["/ws/ws", stream("ws")],
    [`/ws/${"a".repeat(300)}`, stream("a".repeat(64))],
  ])("reads %s", (path, endpoint) => {
    expect(parseEndpoint(path)).toEqual(endpoint);
  });

  it.each([
    ["/ws/%2541", "41"],
    ["/ws/%252e%252e%252f", "2e2e2f"],
    ["/ws/%2565cho", "65cho"],
    ["/ws/100%25", "100"],
  ])("decodes %s once", (path, hwid) => {
    expect(parseEndpoint(path)).toEqual(stream(hwid));
  });

  it.each([
    ["/ws/a%2Fb", "ab"],
    ["/ws/a%2fb", "ab"],
    ["/ws/..%2f..%2fetc%2fpasswd", "____etcpasswd"],
    ["/ws/%2Fetc", "etc"],
    ["/ws/..%5C..", "____"],
  ])("drops the slash that %s hides", (path, hwid) => {
    expect(parseEndpoint(path)).toEqual(stream(hwid));
  });

  it.each(["/ws/echo", "/ws/%65cho", "/ws/%65%63%68%6F"])("knows %s", (path) => {
    expect(parseEndpoint(path)).toEqual(echo);
  });

  it.each(["/ws/e%20cho", "/ws/echo%2f", "/ws/%2Fecho", "/ws/e%00cho"])(
    "makes no device echo of %s",
    (path) => {
      expect(parseEndpoint(path)).toEqual(stream());
    },
  );

  it.each(["/ws/Echo", "/ws/echo1", "/ws/echo."])("takes %s for a device", (path) => {
    expect(parseEndpoint(path)).toMatchObject({ kind: "stream", hwid: expect.any(String) });
  });

  it.each(["/ws/%", "/ws/%4", "/ws/%zz", "/ws/a%", "/ws/%C3", "/ws/%ff", "/ws/%E5%8F", "/ws/%ED%A0%80"])(
    "refuses the broken escape of %s",
    (path) => {
      expect(parseEndpoint(path)).toBeUndefined();
    },
  );

  it.each(
    [
      ["", "/", "ws", "ws/x", "//ws", "/wsx", "/ws2", "/WS", "/w", "/echo", " /ws", "/ws "],
      ["/ws/a/b", "/ws/a/", "/ws//", "/ws//a", "/ws/echo/", "/ws/../x", "/x/ws", "/ws\n", "/%77s"],
    ].flat(),
  )("refuses %j", (path) => {
    expect(parseEndpoint(path)).toBeUndefined();
  });

  it("gives a safe name or none for any path, and never throws", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.webPath());
    fc.assert(
      fc.property(text, (rest) => {
        for (const path of [rest, `/ws/${rest}`]) {
          const endpoint = parseEndpoint(path);
          if (endpoint?.kind !== "stream" || endpoint.hwid === undefined) continue;
          expect(endpoint.hwid).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(endpoint.hwid).not.toBe("echo");
        }
      }),
      { numRuns: 500 },
    );
  });
});
