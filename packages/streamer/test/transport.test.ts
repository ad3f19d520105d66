import { describe, expect, test } from "vitest";
import { reasonOf, singleLine } from "../src/errors.js";
import { isRefusal, withHwid } from "../src/transport/websocket.js";

describe("close codes", () => {
  test.each([1002, 1003, 1007, 1008, 1009, 1010, 4000, 4103, 4999])("%d is final", (code) => {
    expect(isRefusal(code)).toBe(true);
  });

  test.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000])("%d is tried again", (code) => {
    expect(isRefusal(code)).toBe(false);
  });
});

describe("withHwid", () => {
  test.each([
    ["ws://host:5096/ws", "studio-1", "ws://host:5096/ws/studio-1"],
    ["ws://host:5096/ws/", "aa:bb:cc.1", "ws://host:5096/ws/aa_bb_cc_1"],
    ["wss://host/audio/ws?room=2", "a b/c", "wss://host/audio/ws/abc?room=2"],
    ["ws://host/ws", undefined, "ws://host/ws"],
  ])("%s and %s", (url, hwid, expected) => {
    expect(withHwid(url, hwid)).toBe(expected);
  });

  test("nothing left of a hwid is the caller's mistake", () => {
    expect(() => withHwid("ws://host/ws", "???")).toThrow(TypeError);
  });
});

describe("what came from outside in a message", () => {
  test("stays on one line", () => {
    expect(singleLine(" a\r\n\u0007b\u2028 c\n")).toBe("a b c");
  });

  test("of several addresses that all refused, each is told once", () => {
    const refused = new Error("connect ECONNREFUSED ::1:1");
    expect(reasonOf(new AggregateError([refused, refused, new Error("no route")]))).toBe(
      "connect ECONNREFUSED ::1:1, no route",
    );
    expect(reasonOf("text")).toBe("text");
  });
});
