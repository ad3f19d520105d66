import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { noiseBytes } from "./support/audio.js";
import { filesBelow } from "./support/recordings.js";
import { TestReceiver } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const MEGABYTE = 1_048_576;

async function echoClient(server: TestReceiver, path = "/echo"): Promise<WebSocket> {
  const socket = new WebSocket(server.ws(path), { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

describe.concurrent("ws://…/ws/echo", () => {
  it("gives every message back as it is: text, binary, empty, 1 MiB, in order", async () => {
    await using server = await TestReceiver.start();
    const socket = await echoClient(server);
    const messages = [
      "hello",
      "",
      "schöne Grüße 🎙",
      noiseBytes(1),
      Buffer.alloc(0),
      noiseBytes(MEGABYTE),
      noiseBytes(70_000),
      "x".repeat(MEGABYTE),
    ];
    const back: (string | Buffer)[] = [];
    socket.on("message", (data: Buffer, binary) => back.push(binary ? data : data.toString()));
    for (const message of messages) socket.send(message);
    await until("all messages back", () => back.length === messages.length);
    for (const [i, message] of messages.entries()) {
      expect(typeof back[i]).toBe(typeof message);
      expect(Buffer.from(back[i] as string).equals(Buffer.from(message as string))).toBe(true);
    }
    socket.close(1000);
    expect((await once(socket, "close"))[0]).toBe(1000);
    expect(server.opened).toEqual([]);
    expect(await filesBelow(server.dataDir)).toEqual([]);
  });

  it("answers pings, and any number of messages sent without waiting", async () => {
    await using server = await TestReceiver.start();
    const socket = await echoClient(server, "/echo?from=esp32");
    socket.ping("now?");
    expect((await once(socket, "pong"))[0].toString()).toBe("now?");
    let back = 0;
    socket.on("message", () => back++);
    for (let i = 0; i < 2000; i++) socket.send(noiseBytes(100, i));
    await until("2000 messages back", () => back === 2000);
    socket.terminate();
  });

  it("closes with 1009 on more than 1 MiB", async () => {
    await using server = await TestReceiver.start();
    const socket = await echoClient(server);
    socket.send(Buffer.alloc(MEGABYTE + 1));
    expect((await once(socket, "close"))[0]).toBe(1009);
  });

  it("keeps little of what a client sends that does not read", async () => {
    await using server = await TestReceiver.start();
    const socket = await echoClient(server);
    socket.pause();
    const message = Buffer.alloc(MEGABYTE);
    for (let i = 0; i < 200; i++) socket.send(message);
    const before = await settledBytes(socket);
    // A server that took it all would have emptied the client's buffer, and hold 200 MB.
    expect(before).toBeGreaterThan(150e6);
    socket.terminate();
  });
});

/** Bytes that the client has not got rid of, once that number stands still. */
async function settledBytes(socket: WebSocket): Promise<number> {
  let last = -1;
  await until("the client's buffer stands still", async () => {
    const previous = last;
    last = socket.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 400));
    return socket.bufferedAmount === previous;
  });
  return last;
}

describe.concurrent("POST /echo", () => {
  const post = (server: TestReceiver, body: BodyInit, headers = {}) =>
    fetch(`http://127.0.0.1:${server.wsPort}/echo`, { method: "POST", body, headers });

  it.each([
    ["text/plain; charset=utf-8", "schöne Grüße"],
    ["application/json", '{"a":1}'],
    ["audio/wav", noiseBytes(100_000)],
    ["application/x-unheard-of", noiseBytes(MEGABYTE)],
  ])("gives the body back with its content type: %s", async (type, body) => {
    await using server = await TestReceiver.start();
    const answer = await post(server, body as BodyInit, { "content-type": type });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(body as string))).toBe(true);
    expect(await filesBelow(server.dataDir)).toEqual([]);
  });

  it("gives nothing back for nothing", async () => {
    await using server = await TestReceiver.start();
    const answer = await fetch(`http://127.0.0.1:${server.wsPort}/echo`, { method: "POST" });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  it("takes no more than 1 MiB: 413 that says so, also while the rest is still being sent", async () => {
    await using server = await TestReceiver.start();
    for (const bytes of [MEGABYTE + 1, 3 * MEGABYTE, 20 * MEGABYTE]) {
      const answer = await post(server, Buffer.alloc(bytes));
      expect(answer.status).toBe(413);
      expect(await answer.text()).toContain("1048576 bytes");
    }
  });

  it("takes no endless body in chunks either", async () => {
    await using server = await TestReceiver.start();
    const socket = connect(server.wsPort, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => socket.destroy());
    socket.write("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]);
    await until("the refusal", () => {
      if (!socket.destroyed) socket.write(chunk);
      return answer.startsWith("HTTP/1.1 413");
    });
    await until("the end of the connection", () => socket.destroyed || socket.readableEnded);
  });
});
