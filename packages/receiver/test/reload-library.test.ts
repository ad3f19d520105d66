/** Other options for a receiver that runs in this process. */
import { expect, it } from "vitest";
import { resolveOptions } from "../src/config/load.js";
import { changeover } from "../src/config/settings-change.js";
import type { SettingsRead } from "../src/index.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver, WEB_PASSWORD } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const FRAMES = pcmFrames(tones(16_000), { frameSamples: 320 });
const send = (server: TestReceiver, streamId: number) =>
  play(server.ws(), [handshake({ streamId }), ...FRAMES]);

function optionsOf(server: TestReceiver) {
  const { dataDir } = server;
  const ports = { wsPort: 0, tcpPort: 0, webPort: 0 };
  return {
    dataDir,
    host: "127.0.0.1",
    ...ports,
    webPassword: WEB_PASSWORD,
    minFreeMb: 0,
    fsync: "never",
    catalogue: false,
  } as const;
}

it("takes over what can be taken over, all that is right or none, and tells", async () => {
  await using server = await TestReceiver.start();
  const read: SettingsRead[] = [];
  server.receiver.events.on("settings", (event) => read.push(event));
  const options = optionsOf(server);
  using old = await StreamClient.connect(server.ws("/old"));
  old.send(handshake({ streamId: 1 }), ...FRAMES.slice(0, 25));
  await until("its stream", () => server.opened.length === 1);

  const wanted = {
    ...options,
    wsSegmentSeconds: 0.25,
    maxConnections: 2,
    trustFrom: ["10.0.0.0/8"],
    wsPort: 1,
  };
  expect(await server.receiver.reload(wanted)).toEqual([
    { key: "wsPort", from: 0, to: 1, applies: "restart" },
    { key: "trustFrom", from: [], to: ["10.0.0.0/8"], applies: "now" },
    { key: "wsSegmentSeconds", from: 10, to: 0.25, applies: "new-streams" },
    { key: "maxConnections", from: 10_000, to: 2, applies: "now" },
  ]);
  await send(server, 2);
  await server.streamClosed(2);
  expect(server.segmentsOf(2).map(({ samples }) => samples)).toEqual([4000, 4000, 4000, 4000]);

  const both = [
    server.receiver.reload({ ...options, allowFrom: ["10.0.0.0/8"] }),
    server.receiver.reload(options),
  ];
  const [one, two] = await Promise.all(both);
  expect([one, two].map((changes) => changes.length)).toEqual([4, 1]);
  await server.receiver.reload({ ...options, allowFrom: ["10.0.0.0/8"] });
  await expect(send(server, 3)).rejects.toThrow("403");
  old.send(...FRAMES.slice(25));
  await old.close();
  await server.streamClosed(1);
  expect(server.segmentsOf(1).map(({ samples }) => samples)).toEqual([16_000]);

  const wrong = { ...options, webUsername: "me", maxConnections: 0 };
  await expect(server.receiver.reload(wrong)).rejects.toThrow("maxConnections (option): 0 is not allowed");
  expect((await server.look("/api/v1/now")).status).toBe(200);
  expect(read.map(({ changes, fault }) => [changes.length, fault?.slice(0, 14)])).toEqual([
    [4, undefined],
    [4, undefined],
    [1, undefined],
    [1, undefined],
    [0, "maxConnections"],
  ]);
});

it("refuses what would contradict the settings that stay until a restart", () => {
  const running = resolveOptions({ catalogue: false });
  const wanted = resolveOptions({ retentionMaxAgeDays: 30 });
  expect(() => changeover(running, wanted)).toThrow(
    "catalogue cannot be changed without a restart, and until then: retention is given with catalogue off",
  );
});

it("shows no secret", () => {
  const running = resolveOptions({ webPassword: "the first", metricsToken: "a".repeat(16) });
  const { changes } = changeover(running, resolveOptions({ webPassword: "the second" }));
  expect(changes).toEqual([
    { key: "webPassword", from: "***", to: "***", applies: "now" },
    { key: "metricsToken", from: "***", to: undefined, applies: "now" },
  ]);
});
