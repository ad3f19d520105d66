/** Who may hear what: every way to audio asks whether the device may be seen. */
import { basename } from "node:path";
import { expect, it } from "vitest";
import { hashPassword } from "../src/access/password-hash.js";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { refusalOf, TestListener } from "./support/live-listener.js";
import { play, StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const AUDIO = [noiseBytes(32_000, 1), noiseBytes(32_000, 2)];
const DEVICES = ["kitchen", "secret"] as const;

it("a listener hears the own devices alone, in every way", async () => {
  const passwordHash = await hashPassword("listen");
  const guest = { name: "guest", passwordHash, devices: ["kitchen"] };
  await using server = await TestReceiver.start({
    webUsers: [guest],
    catalogue: true,
    timezone: "UTC",
    pathDevice: "{device}/same_name",
  });
  for (const [i, device] of DEVICES.entries())
    await play(server.ws(`/${device}`), [
      handshake({ streamId: i }),
      ...pcmFrames(AUDIO[i], { frameSamples: 320 }),
    ]);
  await until("the ends", () => server.closed.length === 2);
  const headers = { authorization: basic("guest", "listen") };
  const statusOf = async (path: string) => (await server.look(path, { headers })).status;

  const [{ startUs }] = server.segmentsOf(0);
  const around = `from=${startUs - 1e6}&to=${startUs + 1e7}`;
  const heard = (device: string, path = "/audio") => statusOf(`/api/v1${path}?device=${device}&${around}`);
  await until("a catalogue", async () => (await heard("kitchen")) === 200);
  expect([await heard("secret"), await heard("secret", "/audio/plan")]).toEqual([404, 404]);

  // Two devices have files of one name on that date: the admin gets the first, the guest the own.
  const date = new Date(startUs / 1000).toISOString().slice(0, 10);
  const [kitchen, secret] = DEVICES.map((_, i) => server.segmentsOf(i)[0]);
  expect([basename(kitchen.path), basename(secret.path)]).toEqual(["same_name.wav", "same_name.wav"]);
  const file = async (init?: RequestInit) =>
    Buffer.from(await (await server.look(`/stream/${date}/same_name.wav`, init)).arrayBuffer());
  const first = kitchen.startUs <= secret.startUs ? 0 : 1;
  expect((await file()).includes(AUDIO[first])).toBe(true);
  expect((await file({ headers })).includes(AUDIO[0])).toBe(true);
  expect(await statusOf(`/date/${date}`)).toBe(200);

  using device = await StreamClient.connect(server.ws("/secret"));
  device.send(handshake({ streamId: 8 }));
  const { stream } = await until("the stream", () =>
    server.opened.find((each) => each.stream.streamId === 8),
  );
  const refusal = await refusalOf(server, `/live/${stream.key}`, { headers });
  expect(refusal).toEqual({ status: 404, text: `{"error":"no stream ${stream.key} is connected"}` });
  using admin = await TestListener.join(server, stream.key);
  expect(admin.socket.readyState).toBe(admin.socket.OPEN);
});
