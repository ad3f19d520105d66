/** One door for every address of the interface: who may come in, change, and know of a device. */
import { ENDPOINTS, type Endpoint } from "@audio/api";
import { describe, expect, it } from "vitest";
import { hashPassword } from "../src/access/password-hash.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const RANGE = { from: "-1h", to: "2099-01-01" };
const BODY = { device: "secret", fromUs: 1, toUs: 4e15, text: "x", segments: 9, label: "x" };
const QUERY = { device: "secret", ...RANGE, points: "10", month: "2026-11", q: "secret" };

/** A request that asks for the device `secret`, by everything that the endpoint takes. */
function asking(name: string, endpoint: Endpoint, streamKey: number): [string, RequestInit] {
  const [method, path] = name.split(" ");
  const filled = path
    .replace("{device}", "secret")
    .replace("{key}", String(streamKey))
    .replace("{id}", "00000000");
  const taken = Object.keys(endpoint.query?.shape ?? {});
  const query = new URLSearchParams(Object.entries(QUERY).filter(([key]) => taken.includes(key)));
  const body = endpoint.body === undefined ? {} : { body: JSON.stringify(BODY) };
  return [`/api/v1${filled}?${query}`, { method, ...body }];
}

const endpoints = Object.entries(ENDPOINTS) as [string, Endpoint][];
const login = (name: string) => ({
  authorization: basic(name, "listen"),
  "content-type": "application/json",
});

// These name no device, or leave out what is not theirs.
const NAMING_NONE = [
  "GET /openapi.json",
  "GET /server",
  "GET /now",
  "GET /events",
  "GET /devices",
  "GET /search",
];
const NOWHERE = '{"error":"not found"}';

async function firstOf({ body }: Response): Promise<string> {
  const { value } = await body!.getReader().read();
  return new TextDecoder().decode(value);
}

describe("every address of the interface", () => {
  it("asks for a login, lets listeners change nothing, and shows nobody what is not theirs", async () => {
    const passwordHash = await hashPassword("listen");
    const devices = ["kitchen"];
    const webUsers = [
      { name: "listener", passwordHash, devices },
      { name: "warden", role: "admin", passwordHash, devices },
    ] as const;
    await using server = await TestReceiver.start({ webUsers, catalogue: true, wsSegmentSeconds: 1 });
    using client = await StreamClient.connect(server.ws("/secret"));
    client.send(handshake({ streamId: 77_777 }), ...pcmFrames(tones(48_000), { frameSamples: 320 }));
    await until("a segment", () => server.segments.length > 0);
    const [{ stream }] = server.opened;
    const open: string[] = [];
    for (const [name, endpoint] of endpoints) {
      const [path, init] = asking(name, endpoint, stream.key);
      const ask = async (headers: Record<string, string>) => {
        const stop = new AbortController();
        const answer = await server.look(path, { ...init, headers, signal: stop.signal });
        const isEndless = name === "GET /events" && answer.status === 200;
        const text = isEndless ? await firstOf(answer) : await answer.text();
        stop.abort();
        return { status: answer.status, text };
      };
      expect([name, (await ask({ "content-type": "application/json" })).status]).toEqual([name, 401]);
      const listener = await ask(login("listener"));
      if (listener.text === NOWHERE) continue;
      if (endpoint.access === "change") expect([name, listener.status]).toEqual([name, 403]);
      for (const { status, text } of [listener, await ask(login("warden"))]) {
        expect([name, status]).not.toEqual([name, 500]);
        if (status === 200) open.push(name);
        // Told back is only what was asked for.
        expect([name, text.replaceAll("no device secret", "")]).not.toEqual([
          name,
          expect.stringMatching(/secret|77777/),
        ]);
      }
    }
    expect(NAMING_NONE).toEqual(expect.arrayContaining(open));
    expect(open).toContain("GET /events");
  });
});
