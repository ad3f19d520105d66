import { describe, expect, it } from "vitest";
import { proxiedAddress, streamOrigin } from "../src/web/ingest-address.js";

const plain = (host?: string) => ({ host, protocol: "http" }) as const;
const proxied = (host?: string) => ({ host, protocol: "https" }) as const;
const ingest = { port: 5096, isEncrypted: false, publicUrl: undefined };

describe("streamOrigin", () => {
  it("names the port for devices on the host that the browser asked", () => {
    expect(streamOrigin(plain("audio.example:8080"), ingest)).toBe("ws://audio.example:5096");
    const encrypted = { ...ingest, port: 5097, isEncrypted: true };
    expect(streamOrigin(proxied("192.168.1.9"), encrypted)).toBe("wss://192.168.1.9:5097");
  });

  it("names the proxy that the page came by, or the one that is set", () => {
    expect(streamOrigin(proxied("audio.example:8443"), ingest)).toBe("wss://audio.example:8443");
    const publicUrl = "wss://devices.example/in/ws";
    expect(streamOrigin(plain("audio.example"), { ...ingest, publicUrl })).toBe("wss://devices.example");
  });

  it("is none without a port, without a host, and for what a policy cannot name", () => {
    expect(streamOrigin(plain("audio.example"), { ...ingest, port: undefined })).toBeUndefined();
    expect(streamOrigin(plain(), ingest)).toBeUndefined();
    expect(streamOrigin(plain("[::1]:8080"), ingest)).toBeUndefined();
    expect(streamOrigin(proxied("[::1]"), ingest)).toBeUndefined();
  });

  it("lets nobody write into the policy by their host", () => {
    for (const host of ["a; script-src *", "a b", "*", "a'unsafe-inline'", "a,b", "a:5096:7", "a/b"]) {
      expect(streamOrigin(plain(host), ingest)).toBeUndefined();
      expect(streamOrigin(proxied(host), ingest) ?? "wss://a").toBe("wss://a");
    }
  });
});

describe("proxiedAddress", () => {
  it("is where the page came by, below the same path, and nothing where the ports are reached", () => {
    expect(proxiedAddress(proxied("audio.example"), "/", ingest)).toBe("wss://audio.example/ws");
    expect(proxiedAddress(proxied("[::1]:8443"), "/audio/", ingest)).toBe("wss://[::1]:8443/audio/ws");
    expect(proxiedAddress(plain("audio.example"), "/", ingest)).toBeNull();
    expect(proxiedAddress(proxied("audio.example"), "/", { ...ingest, isEncrypted: true })).toBeNull();
    expect(proxiedAddress(proxied("audio.example"), "/", { ...ingest, port: undefined })).toBeNull();
  });
});
