/** What pages are told of the receiver: when they ask, and as it happens. */
import { EventEmitter } from "node:events";
import { ENDPOINTS, type Now, type User } from "@audio/api";
import type { DeviceSummary } from "@audio/archive";
import { describe, expect, it } from "vitest";
import type { ReceiverEvents } from "../src/events.js";
import type { StreamStatus } from "../src/stream-status.js";
import { WebChanges } from "../src/web/changes.js";
import { devicesNow } from "../src/web/now/devices-now.js";
import { EarlierDevices } from "../src/web/now/earlier-devices.js";
import { EventFeed } from "../src/web/now/event-feed.js";
import { type NowSources, nowFor } from "../src/web/now/view.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { EventReader } from "./support/server-events.js";
import { StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver, WEB_PASSWORD } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const headers = { authorization: basic("admin", WEB_PASSWORD) };
const frames = pcmFrames(tones(16_000 * 3), { frameSamples: 320 });
const nowOf = async (server: TestReceiver): Promise<Now> => {
  const answer = await server.look("/api/v1/now");
  return ENDPOINTS["GET /now"].response.parse(await answer.json());
};

describe.concurrent("GET /server and /now", () => {
  it("tell what the receiver is, and how every device stands", async () => {
    await using server = await TestReceiver.start({ timezone: "Europe/Vienna" });
    const info = await (await server.look("/api/v1/server")).json();
    expect(ENDPOINTS["GET /server"].response.parse(info)).toMatchObject({
      timezone: "Europe/Vienna",
      user: { name: "admin", role: "admin", devices: null },
      ingest: {
        websocketPort: server.wsPort,
        websocketUrl: null,
        udpPort: null,
        needsToken: false,
        isEncrypted: false,
      },
      catalogue: false,
    });
    expect((await nowOf(server)).devices).toEqual([]);
    using kitchen = await StreamClient.connect(server.ws("/kitchen"));
    using nameless = await StreamClient.connect(server.ws());
    kitchen.send(handshake({ streamId: 1 }), ...frames);
    nameless.send(handshake({ streamId: 2 }));
    const now = await until("levels", async () => {
      const found = await nowOf(server);
      return found.devices[0]?.streams[0]?.level && found.devices.length === 2 ? found : undefined;
    });
    const [{ openedUs, endUs, ...stream }] = now.devices[0].streams;
    expect(now.devices.map(({ device, state }) => [device, state])).toEqual([
      ["kitchen", "recording"],
      ["~", "recording"],
    ]);
    expect(stream).toMatchObject({ codec: "pcm16", sampleRate: 16_000, frames: 150, samples: 48_000 });
    expect(stream.peer).toMatch(/^127\.0\.0\.1:/);
    expect(endUs! - openedUs).toBeGreaterThan(2_000_000);
    expect(now.disk).toMatchObject({ trouble: null, bytesPerSecond: 64_000 });
    expect(now.disk.hoursLeft).toBeGreaterThan(0);
    await kitchen.close();
    await server.streamClosed(1);
    const [offline] = (await nowOf(server)).devices;
    expect(offline).toEqual({
      device: "kitchen",
      state: "offline",
      why: "it has ended its stream itself",
      lastUs: expect.any(Number),
      streams: [],
    });
  });
});

describe.concurrent("GET /events", () => {
  it("tells how things stand first, and then what happens, as it happens", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 1 });
    await using reader = await EventReader.open((init) =>
      server.look("/api/v1/events", { headers, ...init }),
    );
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(reader.response.headers.get("cache-control")).toBe("no-store");
    expect((await reader.next("now")).devices).toEqual([]);
    using kitchen = await StreamClient.connect(server.ws("/kitchen"));
    kitchen.send(handshake({ streamId: 1 }), ...frames.slice(0, 100), ...frames.slice(110));
    const { devices } = await reader.next("now", (now) => now.devices.length === 1);
    const { rows } = await reader.next("levels");
    expect(rows[0]).toEqual([
      devices[0].streams[0].key,
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      10,
    ]);
    const segment = await reader.next("segment");
    expect(segment.device).toBe("kitchen");
    expect(server.segments.map(({ path }) => path)).toContain(`${server.dataDir}/${segment.stem}.wav`);
    const gap = await reader.next("gap");
    expect(gap).toMatchObject({ device: "kitchen", cause: "lost-frames" });
    expect(gap.endUs - gap.startUs).toBe(200_000);
    await kitchen.close();
    await reader.next("now", (now) => now.devices[0]?.state === "offline");
  });

  it("ends when the receiver stops, and answers HEAD without listening", async () => {
    const server = await TestReceiver.start();
    const head = await server.look("/api/v1/events", { method: "HEAD", headers });
    expect(head.status).toBe(200);
    await using reader = await EventReader.open((init) =>
      server.look("/api/v1/events", { headers, ...init }),
    );
    await reader.next("now");
    await server[Symbol.asyncDispose]();
  });
});

const ADMIN: User = { name: "admin", role: "admin", devices: null };
const GUEST: User = { name: "guest", role: "listener", devices: ["kitchen", "barn-*"] };

function statusOf(device: string | undefined, more: Partial<StreamStatus> = {}): StreamStatus {
  const stream = { key: 1, source: "websocket", device, streamId: 1, peer: "10.0.0.7:1" } as const;
  const format = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 } as const;
  const counts = { frames: 0, bytes: 0, samples: 0, resumedSamples: 0, lostFrames: 0, repeatedFrames: 0 };
  return {
    ...counts,
    stream: { ...stream, ...format },
    codec: "pcm16",
    openedUs: 0,
    heardUs: undefined,
    endUs: undefined,
    level: undefined,
    nibbleOrder: undefined,
    driftPpm: undefined,
    ...more,
  };
}

function sourcesOf(status: StreamStatus[], trouble?: "disk-full"): NowSources {
  const note = (key: string) => ({ kind: "heard", key, endUs: 5, live: false }) as const;
  const notes = () => [note("websocket/kitchen/1"), note("tcp/attic/0"), note("tcp/attic/1")].values();
  return {
    archive: { trouble, heard: { notes }, disk: { freeBytes: 1e9, totalBytes: 2e9 } },
    streams: { status },
    ends: { of: () => undefined },
    earlier: { look: () => new Map([["cellar", 7]]) },
    keeper: { look: async () => undefined },
    settings: { now: { minFreeBytes: 0, retention: {} } },
    readiness: () => ({ status: "ok", reasons: [] }),
  } as unknown as NowSources;
}

describe("a device", () => {
  const stateOf = (status: StreamStatus, nowUs: number, trouble?: "disk-full") =>
    devicesNow(sourcesOf([status], trouble), nowUs).find(({ device }) => device === "kitchen")?.state;

  it("is silent when nothing has come for 5 s, however old its audio is", () => {
    expect(stateOf(statusOf("kitchen"), 4_000_000)).toBe("recording");
    expect(stateOf(statusOf("kitchen"), 6_000_000)).toBe("silent");
    expect(stateOf(statusOf("kitchen", { heardUs: 9e9, endUs: 1 }), 9e9 + 1)).toBe("recording");
    const level = { peakDbfs: -3, rmsDbfs: -9 };
    const [{ streams }] = devicesNow(sourcesOf([statusOf("a", { level })]), 9e9);
    expect(streams[0].level).toBeNull();
  });

  it("that is not connected is known from what it has recorded, or was heard last", () => {
    const found = devicesNow(sourcesOf([statusOf("attic")]), 1);
    expect(found.map(({ device, state, lastUs }) => [device, state, lastUs])).toEqual([
      ["attic", "recording", null],
      ["cellar", "offline", 7],
      ["kitchen", "offline", 5],
    ]);
  });

  it("is asked of the catalogue once a minute, which nobody waits for", async () => {
    let [asked, nowMs] = [0, 0];
    const answers = [Promise.reject(new Error("no catalogue yet")), Promise.resolve([{ lastUs: 9 }])];
    const devices = () => answers[asked++] as Promise<DeviceSummary[]>;
    const earlier = new EarlierDevices({ devices }, () => nowMs);
    expect([earlier.look().size, earlier.look().size, asked]).toEqual([0, 0, 1]);
    await until("another question", () => {
      nowMs += 6000;
      earlier.look();
      return asked === 2;
    });
    await until("the answer", () => earlier.look().get("~") === 9);
    nowMs += 59_000;
    expect([earlier.look().size, asked]).toEqual([1, 2]);
  });

  it("is not recorded while the disk is in trouble, whatever comes from it", () => {
    expect(stateOf(statusOf("kitchen"), 1, "disk-full")).toBe("not-recorded");
    const [attic] = devicesNow(sourcesOf([], "disk-full"), 1);
    expect([attic.device, attic.state, attic.why]).toEqual([
      "attic",
      "offline",
      "the disk is full: nothing is recorded until there is space again",
    ]);
  });
});

describe("what a user is told", () => {
  it("is of the devices that the user may see, without addresses and hooks for listeners", async () => {
    const feed = feedOf(sourcesOf([statusOf("barn-1"), statusOf("secret"), statusOf(undefined)]));
    const text = String((await feed.open(GUEST)).read());
    expect(text).toContain('"barn-1"');
    for (const hidden of ["secret", "~", "attic", "10.0.0.7"]) expect(text).not.toContain(`"${hidden}`);
    expect(String((await feed.open(ADMIN)).read())).toContain('"10.0.0.7:1"');
    feed.close();
    const queue = { waiting: 0, running: 0, failing: 0, givenUp: 0, isWaiting: false, oldestMs: null };
    const queues = [
      { ...queue, step: "hook:host.example" },
      { ...queue, step: "upload" },
    ];
    const now = { devices: [], queues } as unknown as Now;
    expect(nowFor(GUEST, now).queues.map(({ step }) => step)).toEqual(["upload"]);
  });

  it("is levels and happenings of these devices alone", async () => {
    const events = new EventEmitter<ReceiverEvents>();
    const level = { peakDbfs: -3.14, rmsDbfs: -9 };
    const heard = { level, heardUs: Date.now() * 1000, endUs: 7 };
    const feed = feedOf(sourcesOf([statusOf("barn-1", heard), statusOf("secret", heard)]), events);
    const guest = await feed.open(GUEST);
    guest.read();
    for (const device of ["secret", "barn-1", "barn-1"]) {
      const { stream } = statusOf(device);
      events.emit("gap", { stream, startUs: 1e6, samples: 16_000, cause: "lost-frames", filled: false });
    }
    const text = await until("news", () => guest.read()?.toString() as string | undefined);
    expect(text).toContain('"rows":[[1,-3.1,-9,7,0]]');
    expect(text.match(/event: gap\ndata: .+/g)).toEqual([
      'event: gap\ndata: {"device":"barn-1","startUs":1000000,"endUs":2000000,"cause":"lost-frames"}',
    ]);
    feed.close();
  });
});

function feedOf(
  sources: NowSources,
  events = new EventEmitter<ReceiverEvents>(),
  changes = new WebChanges(),
): EventFeed {
  const onFault = (error: Error) => {
    throw error;
  };
  return new EventFeed({ sources, events, changes, dataDir: "/data", onFault });
}

describe("listeners", () => {
  it("who do not read are cut off, the others go on; without any, nothing is listened to", async () => {
    const [events, changes] = [new EventEmitter<ReceiverEvents>(), new WebChanges()];
    const feed = feedOf(sourcesOf([]), events, changes);
    const [slow, good] = [await feed.open(ADMIN), await feed.open(ADMIN)];
    let text = "";
    good.on("data", (chunk) => {
      text += chunk;
    });
    for (let i = 0; i < 10_000 && !slow.destroyed; i++) {
      changes.announce("pins");
      if (i % 100 === 0) await until("the good one's turn", () => good.readableLength === 0);
    }
    expect([slow.destroyed, good.destroyed]).toEqual([true, false]);
    await until("one listener", () => feed.listeners === 1);
    expect(text).toContain('event: changed\ndata: {"what":"pins"}\n\n');
    good.destroy();
    await until("no listener", () => feed.listeners === 0);
    expect(events.listenerCount("gap") + events.listenerCount("segment:complete")).toBe(0);
  });

  it("are so many and no more, and one that leaves makes room", async () => {
    const feed = feedOf(sourcesOf([]));
    const all = await Promise.all(Array.from({ length: 256 }, () => feed.open(ADMIN)));
    await expect(feed.open(ADMIN)).rejects.toMatchObject({ status: 503 });
    all[0].destroy();
    await until("room", () => feed.listeners === 255);
    await feed.open(ADMIN);
    feed.close();
    await expect(feed.open(ADMIN)).rejects.toMatchObject({ status: 503 });
  });

  it("of pages that are left at once are forgotten", async () => {
    await using server = await TestReceiver.start();
    const events = server.receiver.events;
    const before = events.listenerCount("gap");
    for (let i = 0; i < 20; i++) {
      const stop = new AbortController();
      const asked = server.look("/api/v1/events", { headers, signal: stop.signal });
      setTimeout(() => stop.abort(), i);
      await asked.then((answer) => answer.body?.cancel()).catch(() => undefined);
    }
    await until("nobody listens", () => events.listenerCount("gap") === before);
  });
});
