/** Webhooks: a real HTTP server. */
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { failureOf, HookFolder, SEGMENT_EVENT, segmentOf, webhook } from "./support/hooks.js";
import { WebhookReceiver } from "./support/webhook-receiver.js";

/** The same as signature.ts does, by another program. */
function openssl(secret: string, text: string): string {
  const { stdout } = spawnSync("openssl", ["dgst", "-sha256", "-hmac", secret, "-hex"], {
    input: text,
    encoding: "utf8",
  });
  return stdout.trim().split(" ").at(-1) ?? "";
}

describe("a webhook", () => {
  it("is a POST of JSON, with the number of the delivery", async () => {
    await using folder = await HookFolder.open();
    await using receiver = await WebhookReceiver.listen();
    const hook = webhook(receiver.url, { headers: { Authorization: "Bearer x" } });
    await folder.deliver(hook);
    await folder.deliver(hook);
    const [{ path, headers, body }, again] = receiver.posted;
    expect(path).toBe("/hook");
    expect(headers).toMatchObject({
      "content-type": "application/json",
      authorization: "Bearer x",
      "x-audio-event": "segment:complete",
      "x-audio-delivery": JSON.parse(body).id,
    });
    expect(headers["x-audio-timestamp"]).toMatch(/^\d{10}$/);
    expect(headers).not.toHaveProperty("x-audio-signature");
    expect([again.body, again.headers["x-audio-delivery"]]).toEqual([body, headers["x-audio-delivery"]]);
  });

  it.each([
    ["in the file", { value: "a long secret: ü" }],
    ["in the environment", { env: "HOOK_SECRET" }],
  ])("is signed, with a secret %s", async (_, secret) => {
    await using folder = await HookFolder.open();
    await using receiver = await WebhookReceiver.listen();
    const hook = webhook(receiver.url, { secret });
    await folder.deliver(hook, segmentOf("küche \n\ud800"), { env: { HOOK_SECRET: "a long secret: ü" } });
    const [{ headers, body }] = receiver.posted;
    const expected = openssl("a long secret: ü", `${headers["x-audio-timestamp"]}.${body}`);
    expect(headers["x-audio-signature"]).toBe(`sha256=${expected}`);
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is not sent without the secret that it should be signed with", async () => {
    await using folder = await HookFolder.open();
    await using receiver = await WebhookReceiver.listen();
    const hook = webhook(receiver.url, { secret: { env: "HOOK_SECRET" } });
    const { code, retryable } = await failureOf(folder.deliver(hook, SEGMENT_EVENT, { env: {} }));
    expect([code, retryable]).toEqual(["hook-secret-missing", false]);
    expect(receiver.posted).toEqual([]);
  });
});

describe("an answer", () => {
  const answering = (status: number, headers: Record<string, string> = {}) =>
    WebhookReceiver.listen((response) => response.writeHead(status, headers).end("why"));

  it.each([200, 201, 202, 204])("%i is a receipt", async (status) => {
    await using folder = await HookFolder.open();
    await using receiver = await answering(status);
    await folder.deliver(webhook(receiver.url));
  });

  it.each([
    [500, "hook-failed"],
    [502, "hook-unreachable"],
    [503, "hook-unreachable"],
    [429, "hook-unreachable"],
    [408, "hook-unreachable"],
    [400, "hook-refused"],
    [401, "hook-refused"],
    [404, "hook-refused"],
    [410, "hook-refused"],
  ])("%i is none: %s", async (status, expected) => {
    await using folder = await HookFolder.open();
    await using receiver = await answering(status);
    const { code, message } = await failureOf(folder.deliver(webhook(receiver.url)));
    expect(code).toBe(expected);
    expect(message).toBe(`hook test: 127.0.0.1:${receiver.port} answered ${status}`);
  });

  it.each([301, 302, 303, 307, 308])("%i leads nowhere", async (status) => {
    await using folder = await HookFolder.open();
    await using elsewhere = await WebhookReceiver.listen();
    await using receiver = await answering(status, { Location: elsewhere.url });
    const { code, message } = await failureOf(folder.deliver(webhook(receiver.url)));
    expect(code).toBe("hook-refused");
    expect(message).toContain(`answered ${status}, a redirect, which is not followed`);
    expect(elsewhere.posted).toEqual([]);
  });

  it.each([
    ["seconds", "120", 120_000],
    ["more than an hour", "999999999999", 3_600_000],
    ["a date long ago", "Sun, 06 Nov 1994 08:49:37 GMT", 0],
    ["a date far off", "Fri, 31 Dec 2999 23:59:59 GMT", 3_600_000],
    ["nonsense", "soon", undefined],
    ["less than nothing", "-5", undefined],
  ])("may say when to come back: %s", async (_, value, expected) => {
    await using folder = await HookFolder.open();
    await using receiver = await answering(503, { "Retry-After": value });
    const { retryAfterMs } = await failureOf(folder.deliver(webhook(receiver.url)));
    expect(retryAfterMs).toBe(expected);
  });

  it("without end is not read", async () => {
    await using folder = await HookFolder.open();
    let sent = 0;
    await using receiver = await WebhookReceiver.listen((response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
    });
    await folder.deliver(webhook(receiver.url));
    expect(sent).toBeLessThan(64e6);
  });
});

describe("no answer", () => {
  it("within the time is a failure", async () => {
    await using folder = await HookFolder.open();
    await using receiver = await WebhookReceiver.listen(() => undefined);
    const hook = webhook(receiver.url, { timeoutSeconds: 0.3 });
    const { code, message } = await failureOf(folder.deliver(hook));
    expect(code).toBe("hook-timeout");
    expect(message).toBe(`hook test: 127.0.0.1:${receiver.port} gave no answer for 0.3 s`);
  });

  it("because nobody is there, says why", async () => {
    await using folder = await HookFolder.open();
    const receiver = await WebhookReceiver.listen();
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    const { code, message, retryable } = await failureOf(folder.deliver(webhook(url)));
    expect([code, retryable]).toEqual(["hook-unreachable", true]);
    expect(message).toContain("cannot be reached (ECONNREFUSED)");
  });

  it.each([
    ["nothing", ""],
    ["garbage", "SSH-2.0-OpenSSH\r\n"],
    ["half a header", "HTTP/1.1 200 OK\r\nX-"],
  ])("but %s, and the end of the connection", async (_, said) => {
    await using folder = await HookFolder.open();
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.end(said));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { code } = await failureOf(folder.deliver(webhook(`http://127.0.0.1:${port}/`)));
    expect(code).toBe("hook-unreachable");
    await new Promise((resolve) => server.close(resolve));
  });

  it("is not waited for when the receiver stops", async () => {
    await using folder = await HookFolder.open();
    const stopping = new AbortController();
    await using receiver = await WebhookReceiver.listen(() => stopping.abort());
    const { signal } = stopping;
    const { code } = await failureOf(folder.deliver(webhook(receiver.url), SEGMENT_EVENT, { signal }));
    expect(code).toBe("hook-stopped");
  });
});
