import { describe, expect, it } from "vitest";
import { streamOrigin } from "../src/web/stream-origin.js";

describe("streamOrigin", () => {
  it("names the port for devices on the host that the browser asked", () => {
    expect(streamOrigin("audio.example:8080", 5096, false)).toBe("ws://audio.example:5096");
    expect(streamOrigin("192.168.1.9", 5097, true)).toBe("wss://192.168.1.9:5097");
  });

  it("is none without a port, without a host, and for what a policy cannot name", () => {
    expect(streamOrigin("audio.example", undefined, false)).toBeUndefined();
    expect(streamOrigin(undefined, 5096, false)).toBeUndefined();
    expect(streamOrigin("[::1]:8080", 5096, false)).toBeUndefined();
  });

  it("lets nobody write into the policy by their host", () => {
    for (const host of ["a; script-src *", "a b", "*", "a'unsafe-inline'", "a,b", "a:5096:7", "a/b"])
      expect(streamOrigin(host, 5096, false)).toBeUndefined();
  });
});
