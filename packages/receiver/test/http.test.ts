import { describe, expect, it } from "vitest";
import { handshake } from "./support/audio.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { until, within } from "./support/waiting.js";

const GOOD = handshake();

function http(server: TestReceiver, path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.wsPort}${path}`, init);
}

describe.concurrent("the path of an upgrade", () => {
  it.each([
    "/",
    "/ws/a/b",
    "/ws//",
    "/ws/a/",
    "/wsx",
    "/WS",
    "/ws/%zz",
    "/ws/%",
    "/ws/%ff",
    "/other",
    "/ws/echo/x",
  ])("%s is 404", async (path) => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort, { path });
    await raw.gone();
    expect(raw.status).toBe(404);
    expect(raw.answer).toContain("use /ws, /ws/{hwid} or /ws/echo");
    expect(server.refused).toMatchObject([{ listener: "websocket", code: 404 }]);
  });

  const devices: [string, string | undefined][] = [
    ["", undefined],
    ["/", undefined],
    ["?token=x", undefined],
    ["/kitchen", "kitchen"],
    ["/kitchen?x=/ws/a/b", "kitchen"],
    ["/AA:bb.CC", "AA_bb_CC"],
    ["/24%3A0a%3Ac4%3a01", "24_0a_c4_01"],
    ["/a%2Fb", "ab"],
    ["/..%2f..%2fetc%2fpasswd", "____etcpasswd"],
    ["/%2525", "25"],
    ["/%00%0a", undefined],
    ["/%E2%82%AC%F0%9F%8E%99", undefined],
    [`/${"x".repeat(100)}`, "x".repeat(64)],
    ["/Echo", "Echo"],
    ["/e%20cho", undefined],
    ["/__proto__", "__proto__"],
    ["/constructor", "constructor"],
  ];
  it("names the device, made safe", async () => {
    await using server = await TestReceiver.start();
    await Promise.all(
      devices.map(([path], index) => play(server.ws(path), [handshake({ streamId: index })])),
    );
    const found = devices.map(([path], index) => {
      const open = server.opened.find(({ stream }) => stream.streamId === index);
      return [path, open?.stream.device];
    });
    expect(found).toEqual(devices);
  });
});

describe.concurrent("a request that is no upgrade", () => {
  it("gets 426 where a WebSocket is spoken, else 404", async () => {
    await using server = await TestReceiver.start();
    const wanted: [string, number, RequestInit?][] = [
      ["/ws", 426],
      ["/ws/kitchen", 426],
      ["/ws/echo", 426],
      ["/ws", 426, { method: "POST", body: "x" }],
      ["/", 404],
      ["/ws/a/b", 404],
      ["/echo", 404],
      ["/favicon.ico", 404],
    ];
    for (const [path, status, init] of wanted) {
      const answer = await http(server, path, init);
      expect([path, answer.status]).toEqual([path, status]);
      expect((await answer.text()).trim()).not.toBe("");
    }
    expect((await http(server, "/ws")).headers.get("upgrade")).toBe("websocket");
  });
});

describe.concurrent("an upgrade that breaks RFC 6455 section 4.2.1", () => {
  const cases: [string, number, Parameters<typeof RawWebSocket.open>[1]][] = [
    ["method POST", 405, { method: "POST" }],
    ["another protocol", 400, { headers: { Upgrade: "h2c" } }],
    ["no key", 400, { headers: { "Sec-WebSocket-Key": undefined } }],
    ["a short key", 400, { headers: { "Sec-WebSocket-Key": "c2hvcnQ=" } }],
    ["a key that is no base64", 400, { headers: { "Sec-WebSocket-Key": "!!!!!!!!!!!!!!!!!!!!!!==" } }],
    ["version 8", 426, { headers: { "Sec-WebSocket-Version": "8" } }],
    ["no version", 426, { headers: { "Sec-WebSocket-Version": undefined } }],
  ];
  it.each(cases)("%s: %i", async (_, status, options) => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort, options);
    await raw.gone();
    expect(raw.status).toBe(status);
    if (status === 426) expect(raw.answer).toMatch(/^Sec-WebSocket-Version: 13\r$/m);
    expect(server.refused).toMatchObject([{ code: status }]);
  });

  it("header names and values in any case are right", async () => {
    await using server = await TestReceiver.start();
    const headers = {
      Upgrade: undefined,
      Connection: undefined,
      upgrade: "WebSocket",
      connection: "keep-alive, upgrade",
    };
    using raw = await RawWebSocket.open(server.wsPort, { headers });
    expect(raw.status).toBe(101);
  });

  it("takes up no extension and no subprotocol", async () => {
    await using server = await TestReceiver.start();
    const offers = { "Sec-WebSocket-Extensions": "permessage-deflate", "Sec-WebSocket-Protocol": "other.v9" };
    for (const path of ["/ws", "/ws/kitchen"]) {
      using raw = await RawWebSocket.open(server.wsPort, { path, headers: offers });
      expect(raw.status).toBe(101);
      expect(raw.answer).not.toMatch(/Sec-WebSocket-(Extensions|Protocol)/i);
    }
  });

  it("answers the key of RFC 6455 section 1.3 with the value given there", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort, {
      headers: { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" },
    });
    expect(raw.answer).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
  });
});

describe.concurrent("the most connections allowed", () => {
  it("more get 503 with the number; TCP is closed at once; one that leaves makes room", async () => {
    await using server = await TestReceiver.start({ maxConnections: 2 });
    using first = await StreamClient.connect(server.ws());
    using echo = await StreamClient.connect(server.ws("/echo"));
    using raw = await RawWebSocket.open(server.wsPort);
    await raw.gone();
    expect(raw.status).toBe(503);
    expect(raw.answer).toContain("2 connections are open, the most allowed");
    expect(raw.answer).toMatch(/^Retry-After: \d+\r$/m);
    expect(server.refused).toMatchObject([{ code: 503 }]);
    await echo.close();
    await until("room", () =>
      play(server.ws(), [GOOD]).then(
        () => true,
        () => false,
      ),
    );
    expect(await first.close()).toMatchObject({ code: 1000 });
  });

  it("a refused upgrade takes no place", async () => {
    await using server = await TestReceiver.start({ maxConnections: 1 });
    const bad = [{ path: "/nowhere" }, { path: "/ws/echo", headers: { "Sec-WebSocket-Protocol": "," } }];
    for (const options of [...bad, ...bad]) {
      using raw = await RawWebSocket.open(server.wsPort, options);
      await raw.gone();
      expect([400, 404]).toContain(raw.status);
    }
    expect(await play(server.ws(), [GOOD])).toMatchObject({ code: 1000 });
  });
});

describe.concurrent("stopping", () => {
  it("does not wait for peers that never close what was refused", async () => {
    await using server = await TestReceiver.start();
    const paths = ["/nowhere", "/ws/a/b"];
    const raws = await Promise.all(paths.map((path) => RawWebSocket.open(server.wsPort, { path })));
    await within(10_000, "the receiver stops", server.receiver.close());
    for (const raw of raws) raw.socket.destroy();
  });

  it("does not wait for an echo client that does not answer the goodbye", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort, { path: "/ws/echo" });
    const stopped = within(10_000, "the receiver stops", server.receiver.close());
    expect(await raw.closeFrame()).toEqual({ code: 1001, reason: "server stopping" });
    await stopped;
  });

  it("does not wait for half a request", async () => {
    await using server = await TestReceiver.start();
    using raw = await RawWebSocket.open(server.wsPort, {
      method: "POST",
      path: "/echo",
      headers: { Upgrade: undefined, Connection: undefined, Expect: "100-continue", "Content-Length": "100" },
    });
    expect(raw.status).toBe(100);
    await within(10_000, "the receiver stops", server.receiver.close());
  });

  it("is over for new peers at once, and twice is once", async () => {
    await using server = await TestReceiver.start();
    const port = server.wsPort;
    const stopped = server.receiver.close();
    expect(server.receiver.close()).toBe(stopped);
    await stopped;
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});
