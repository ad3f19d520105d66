/** Whose word is taken for where a request comes from, and from where one may be sent that changes something. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { request as requestTls } from "node:https";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { AddressList } from "../src/access/address-list.js";
import { askerOf } from "../src/access/forwarded.js";
import { isSameOrigin } from "../src/web/same-origin.js";
import { basic, TestReceiver, WEB_PASSWORD } from "./support/test-receiver.js";
import { pairOf, trusting } from "./support/tls-client.js";

const proxies = new AddressList(["10.0.0.0/8", "::1"]);
const from = (remoteAddress: string, headers: Record<string, string>) =>
  askerOf({ socket: { remoteAddress } as Socket, headers } as unknown as IncomingMessage, proxies);

describe("where a request comes from", () => {
  it.each([
    ["203.0.113.9", undefined, "203.0.113.9"],
    ["203.0.113.9", "198.51.100.1", "203.0.113.9"], // nobody trusts it
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"], // the left one was made up by the client
    ["10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.0.1", "198.51.100.1"],
    ["10.0.0.1", "10.3.0.1,10.2.0.1", "10.3.0.1"],
    ["10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
    ["10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["::1", "2001:db8::7", "2001:db8::7"],
    ["10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"],
    ["10.0.0.1", " , ,", "10.0.0.1"],
  ])("peer %s, X-Forwarded-For %s: %s", (peer, forwarded, address) => {
    const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    expect(from(peer, headers).address).toBe(address);
  });

  const told = {
    host: "inner:8080",
    "x-forwarded-host": "sounds.example.org",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/audio/",
  };
  it("takes scheme, host and prefix from trusted proxies alone", () => {
    expect(from("10.0.0.1", told)).toMatchObject({
      protocol: "https",
      host: "sounds.example.org",
      prefix: "/audio",
    });
    expect(from("203.0.113.9", told)).toMatchObject({ protocol: "http", host: "inner:8080", prefix: "" });
  });

  it("takes nothing that is no scheme, host or path", () => {
    const odd = {
      host: "inner",
      "x-forwarded-host": 'a"><b',
      "x-forwarded-proto": "javascript",
      "x-forwarded-prefix": "//evil.example",
    };
    expect(from("10.0.0.1", odd)).toMatchObject({ protocol: "http", host: "inner", prefix: "" });
  });
});

describe("what may come from another site", () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, true], // a program
    [{ "sec-fetch-site": "same-origin" }, true],
    [{ "sec-fetch-site": "none" }, true],
    [{ "sec-fetch-site": "same-site" }, false],
    [{ "sec-fetch-site": "cross-site", origin: "http://recorder:8080" }, false],
    [{ origin: "http://recorder:8080" }, true],
    [{ origin: "http://recorder:8081" }, false],
    [{ origin: "http://evil.example" }, false],
    [{ origin: "null" }, false],
    [{ origin: "" }, false],
  ])("%o: %s", (headers, allowed) => expect(isSameOrigin(headers, { host: "Recorder:8080" })).toBe(allowed));
});

describe.concurrent("the web port", () => {
  const authorization = basic("admin", WEB_PASSWORD);
  it("refuses what another site's page sends to change something, and nothing else", async () => {
    await using server = await TestReceiver.start();
    const ask = async (method: string, more: Record<string, string>) =>
      (await server.look("/healthz", { method, headers: { authorization, ...more } })).status;
    const other = { origin: "http://evil.example" };
    expect(await ask("GET", other)).toBe(200);
    expect(await ask("POST", { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await ask("DELETE", other)).toBe(403);
    expect(await ask("POST", { origin: server.web("") })).toBe(405);
    const forwarded = { "x-forwarded-host": "evil.example" };
    expect(await ask("POST", { ...other, ...forwarded })).toBe(403); // 127.0.0.1 is no proxy here
  });

  it("refuses a WebSocket that another site's page asks for", async () => {
    await using server = await TestReceiver.start();
    const statusFor = async (origin: string) => {
      const headers = { authorization, origin, connection: "Upgrade", upgrade: "websocket" };
      const asked = request(server.web("/api/v1/live/1"), { headers, agent: false }).end();
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    expect(await statusFor("http://evil.example")).toBe(403);
    expect(await statusFor(server.web(""))).toBe(404); // there is no such stream
  });

  it("over TLS tells browsers to come by HTTPS alone", async () => {
    await using server = await TestReceiver.start({
      tlsCert: pairOf("first").cert,
      tlsKey: pairOf("first").key,
    });
    const { ca } = await trusting("first");
    const asked = requestTls(`https://127.0.0.1:${server.receiver.ports.web}/`, { ca, agent: false }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    expect([answer.statusCode, answer.headers["strict-transport-security"]]).toEqual([
      401,
      "max-age=31536000",
    ]);
  });

  it("slows down and names who stands behind a trusted proxy", async () => {
    await using server = await TestReceiver.start({ trustProxies: ["127.0.0.1"] });
    const ask = async (client: string, password: string) => {
      const headers = { authorization: basic("admin", password), "x-forwarded-for": client };
      return (await server.look("/metrics", { headers })).status;
    };
    for (let i = 0; i < 12; i++) await ask("198.51.100.1", `wrong ${i}`);
    expect(await ask("198.51.100.1", WEB_PASSWORD)).toBe(429);
    expect(await ask("198.51.100.2", WEB_PASSWORD)).toBe(200);
    expect(server.refused[0].peer).toMatch(/^198\.51\.100\.1:/);
  });

  it("says where streams go if a proxy takes them elsewhere", async () => {
    await using server = await TestReceiver.start({ wsPublicUrl: "wss://in.example.org:8443/devices/ws/" });
    const { ingest } = await (await server.look("/api/v1/server")).json();
    expect(ingest.websocketUrl).toBe("wss://in.example.org:8443/devices/ws");
    const policy = (await server.look("/microphone")).headers.get("content-security-policy");
    expect(policy).toContain("connect-src 'self' wss://in.example.org:8443;");
    for (const wsPublicUrl of [
      "https://in.example.org/ws",
      "wss://u:p@in.example.org/ws",
      "wss://a/ws?x",
      "/ws",
    ])
      await expect(TestReceiver.start({ wsPublicUrl })).rejects.toThrow(/wsPublicUrl.*allowed is ws:\/\//);
  });
});

describe("the WebSocket port", () => {
  it("lets in a device behind a trusted proxy by its own address, and by nobody else's word", async () => {
    const allowFrom = ["198.51.100.0/24"];
    await using trusting = await TestReceiver.start({ allowFrom, trustProxies: ["127.0.0.1"] });
    await using doubting = await TestReceiver.start({ allowFrom });
    const answerOf = async (server: TestReceiver, device: string) => {
      const headers = { "x-forwarded-for": device };
      const asked = request(server.ws().replace("ws:", "http:"), { headers, agent: false }).end();
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    expect(await answerOf(trusting, "198.51.100.1")).toBe(426); // come in: but this was no upgrade
    expect(await answerOf(trusting, "192.0.2.1, 198.51.100.1")).toBe(426);
    expect(await answerOf(trusting, "198.51.100.1, 192.0.2.1")).toBe(403);
    expect(await answerOf(doubting, "198.51.100.1")).toBe(403);
    expect(trusting.refused.map(({ peer }) => peer)).toEqual([expect.stringMatching(/^192\.0\.2\.1:/)]);
  });
});
