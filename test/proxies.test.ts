/**
 * examples/deploy/nginx and caddy: the shipped files, in real proxies in front of real receivers. Visitors come from
 * addresses of their own, so that they are told from the proxies, and believe the proxies' certificates only.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ENDPOINTS } from "@audio/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handshake, noiseBytes, pcmFrames, wavFile } from "../packages/receiver/test/support/audio.js";
import { audioStream } from "../packages/receiver/test/support/command.js";
import { joinedAudio } from "../packages/receiver/test/support/recordings.js";
import { EventReader } from "../packages/receiver/test/support/server-events.js";
import { basic, temporaryFolder } from "../packages/receiver/test/support/test-receiver.js";
import { dialTls, trusting } from "../packages/receiver/test/support/tls-client.js";
import { until } from "../packages/receiver/test/support/waiting.js";
import { TestBrowser } from "../packages/web/test/support/browser.js";
import { MICROPHONE } from "../packages/web/test/support/scene.js";
import { Scene, SITES, type Site } from "./proxies/scene.js";
import { plainAnswer, Visitor } from "./proxies/visitor.js";

const SECRET = "not-to-be-written-anywhere";

let scene: Scene | undefined;
beforeAll(async () => {
  scene = await Scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

function current(): Scene {
  if (scene === undefined) throw new Error("there is no scene before the first test");
  return scene;
}

let lastId = 0;

describe.each(SITES)("behind %s", (name) => {
  const site = (): Site => current().sites[name];

  it("pages come, with what they are made of, after a login", async () => {
    const { visitor, root } = site();
    const stranger = await visitor.ask("", { headers: { authorization: "" } });
    expect([stranger.status, stranger.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("Basic realm"),
    ]);
    const page = await visitor.ask("microphone");
    expect(page.status).toBe(200);
    expect(page.headers.get("strict-transport-security")).toBe("max-age=31536000");
    const { host, pathname } = new URL(root);
    expect(page.headers.get("content-security-policy")).toContain(`connect-src 'self' wss://${host};`);
    const html = await page.text();
    expect(html).toContain(`<base href="${pathname}"`);
    const [, script] = /<script[^>]* src="(?:\.\/)?([^"]+)"/.exec(html) ?? [];
    const asset = await visitor.ask(script);
    expect([asset.status, asset.headers.get("cache-control")]).toEqual([
      200,
      expect.stringMatching(/immutable/),
    ]);
    const server = ENDPOINTS["GET /server"].response.parse(await (await visitor.ask("api/v1/server")).json());
    expect(server.ingest.websocketUrl).toBe(`wss://${host}${pathname}ws`);
  });

  it("what audio-stream sends is recorded, and comes back by range", async () => {
    const { visitor, receiver, root, caFile } = site();
    await using folder = await temporaryFolder();
    const audio = noiseBytes(64_000);
    await writeFile(join(folder.path, "sound.wav"), wavFile(audio));
    const streamId = ++lastId;
    const url = `${root.replace(/^http/, "ws")}ws`;
    const words = ["--wav", "sound.wav", "--codec", "pcm", "--url", url, "--token", SECRET];
    const options = { cwd: folder.path, env: { NODE_EXTRA_CA_CERTS: caFile } };
    const sent = await audioStream([...words, "--stream-id-base", `${streamId}`, "--hwid", "box"], options);
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/all acknowledged/) });
    await receiver.streamClosed(streamId);
    const [segment] = receiver.segmentsOf(streamId);
    expect((await joinedAudio([segment])).equals(audio)).toBe(true);
    const file = segment.path.replace(/^.*\//, "");
    const [, day] = /_(\d{8})_/.exec(file) ?? [];
    const date = day.replace(/(....)(..)(..)/, "$1-$2-$3");
    const part = await visitor.ask(`stream/${date}/${file}`, { headers: { range: "bytes=1044-2043" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([
      206,
      expect.stringMatching(/^bytes 1044-2043\//),
    ]);
    expect(Buffer.from(await part.arrayBuffer()).equals(audio.subarray(1000, 2000))).toBe(true);
  });

  it("events come as they happen, and a stream is heard while it is sent", async () => {
    const { visitor, receiver, from } = site();
    const streamId = ++lastId;
    const name = `live-${streamId}`;
    await using events = await EventReader.open((init) => visitor.ask("api/v1/events", init));
    await events.next("now", ({ devices }) => devices.every(({ device }) => device !== name));
    const device = await visitor.dial(`ws/${name}?token=${SECRET}`);
    const frames = pcmFrames(noiseBytes(320 * 2 * 50), { frameSamples: 320 });
    device.send(handshake({ streamId }), ...frames.slice(0, 5));
    await events.next("now", ({ devices }) => devices.some(({ device }) => device === name));
    const { stream } = await until("the stream", () =>
      receiver.opened.find((opened) => opened.stream.streamId === streamId),
    );
    expect(stream.peer).toMatch(`${from}:`);
    const listener = await visitor.dial(`api/v1/live/${stream.key}`);
    let heard = 0;
    listener.socket.on("message", (_, isBinary) => {
      if (isBinary) heard++;
    });
    device.send(...frames.slice(5));
    await until("frames", () => heard > 10);
    listener[Symbol.dispose]();
    await device.close();
    await receiver.streamClosed(streamId);
  });

  it("wrong passwords slow down who sends them, whatever they say of themselves", async () => {
    const { visitor, receiver, from } = site();
    const guess = (i: number) => ({
      headers: { authorization: basic("admin", `wrong ${name} ${i}`), "x-forwarded-for": `198.51.100.${i}` },
    });
    const before = receiver.refused.length;
    for (let i = 1; i <= 10; i++) expect((await visitor.ask("metrics", guess(i))).status).toBe(401);
    for (const { peer } of receiver.refused.slice(before)) expect(peer).toMatch(`${from}:`);
    await until("429", async () => (await visitor.ask("metrics", guess(11))).status === 429);
    const elsewhere = new Visitor({ ...visitor.options, from: "127.0.0.3" });
    expect((await elsewhere.ask("metrics")).status).toBe(200);
  });
});

it("plain HTTP is sent on to HTTPS", async () => {
  for (const port of current().plainPorts) {
    const { statusCode, headers } = await plainAnswer(`http://127.0.0.1:${port}/page?x=1`, "localhost");
    expect([statusCode, headers.location]).toEqual([308, "https://localhost/page?x=1"]);
  }
});

it("raw audio comes by TLS through nginx", async () => {
  const { tcpPort, sites } = current();
  const { receiver } = sites.nginx;
  const audio = noiseBytes(32_000);
  const socket = await dialTls(tcpPort, { ...(await trusting("first")), servername: "localhost" });
  socket.end(audio);
  const recorded = () => receiver.segments.find(({ stream }) => stream.source === "tcp");
  expect((await joinedAudio([await until("the recording", recorded)])).equals(audio)).toBe(true);
});

it("a browser that came through nginx is a microphone", async () => {
  const { receiver, root } = current().sites.nginx;
  await using browser = await TestBrowser.start({
    microphone: MICROPHONE,
    flags: ["--ignore-certificate-errors"],
  });
  await using visit = await browser.visit(root);
  await visit.open("microphone");
  await visit.page.getByLabel("Name of this microphone").fill("laptop");
  await visit.page.getByRole("button", { name: "Start recording" }).click();
  const meters = visit.page.getByRole("region", { name: "Recording" });
  await meters
    .getByText(/^00:00:0[1-9]$/)
    .first()
    .waitFor();
  await meters.getByRole("button", { name: "Stop" }).click();
  const recorded = () => receiver.segments.find(({ stream }) => stream.device === "laptop");
  expect((await until("the recording", recorded)).samples).toBeGreaterThan(8000);
  expect(visit.complaints).toEqual([]);
});

it("nginx writes no token into its log", () => {
  const { accessLog } = current();
  expect(accessLog).toMatch(/"GET \/ws\/live-\d+" 101 /);
  expect(accessLog).not.toContain(SECRET);
});
