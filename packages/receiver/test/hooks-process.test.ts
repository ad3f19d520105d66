/** Hooks of a whole receiver: queued, delivered after crashes, dropped when they are gone. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { openCatalogue } from "@audio/archive";
import type { HookPayload } from "@audio/keeper";
import { describe, expect, it } from "vitest";
import { signatureOf } from "../../keeper/src/hooks/signature.js";
import { type Posted, WebhookReceiver } from "../../keeper/test/support/webhook-receiver.js";
import { tones, wavFile } from "./support/audio.js";
import { audioReceiver, audioStream, ServerProcess } from "./support/command.js";
import { wavsBelow } from "./support/recordings.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const SECRET = "correct horse battery staple";
const FLAGS = ["--ws-segment-seconds", "1", "--no-bin"];

async function configure(folder: string, hooks: readonly object[]): Promise<void> {
  await writeFile(join(folder, "audio-receiver.config.json"), JSON.stringify({ hooks }));
}

/** Five seconds of audio, faster than real time: five segments. */
async function stream(cwd: string, { ready }: ServerProcess): Promise<void> {
  await writeFile(join(cwd, "input.wav"), wavFile(tones(16_000 * 5)));
  const target = ["--url", ready.ws as string, "--hwid", "porch"];
  const { code, stderr } = await audioStream(["--wav", "input.wav", ...target], { cwd });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
}

const waitingIn = (folder: string, hook: string) => queueIn(folder, hook)?.waiting ?? 0;

function queueIn(folder: string, hook: string) {
  const catalogue = openCatalogue(join(folder, "data"));
  try {
    return catalogue.jobs.lengths().find(({ step }) => step === `hook:${hook}`);
  } finally {
    catalogue.close();
  }
}

/** Somewhere nobody listens, for now. */
async function freePort(): Promise<number> {
  await using receiver = await WebhookReceiver.listen();
  return receiver.port;
}

const pathOf = (body: string) => (JSON.parse(body) as HookPayload).segment?.path;
const idOf = ({ headers }: Posted) => headers["x-audio-delivery"];

describe("a receiver that is killed while nobody takes its webhooks", () => {
  it("delivers each of them when it is back, and the same one on a repeat", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const port = await freePort();
    const on = ["segment:complete", "stream:open", "stream:close"];
    await configure(cwd, [{ name: "watch", on, url: `http://127.0.0.1:${port}/`, secretEnv: "HOOK_SECRET" }]);
    await writeFile(join(cwd, ".env"), `HOOK_SECRET=${SECRET}\n`);
    const server = await ServerProcess.start({ cwd, flags: FLAGS });
    await stream(cwd, server);
    await until("all wait in the queue", () => waitingIn(cwd, "watch") === 7);
    await server.stop("SIGKILL");

    const refused = new Set<unknown>();
    await using receiver = await WebhookReceiver.listen((response, posted) => {
      const isFirst = refused.size < 2 && !refused.has(idOf(posted));
      if (isFirst) refused.add(idOf(posted));
      response.writeHead(isFirst ? 500 : 204).end();
    }, port);
    await using again = await ServerProcess.start({ cwd, flags: FLAGS });
    await until("all are delivered", () => waitingIn(cwd, "watch") === 0, 40_000);
    await again.stop();

    const bodies = new Map(receiver.posted.map((posted) => [idOf(posted), posted.body]));
    expect(bodies.size).toBe(7);
    expect(receiver.posted).toHaveLength(9);
    for (const { headers, body } of receiver.posted) {
      const signature = signatureOf(SECRET, headers["x-audio-timestamp"] as string, body);
      expect(headers["x-audio-signature"]).toBe(signature);
      expect(bodies.get(headers["x-audio-delivery"])).toBe(body);
    }
    const payloads = [...bodies.values()].map((body) => JSON.parse(body) as HookPayload);
    const paths = payloads.flatMap(({ segment }) => (segment?.path ? [join(cwd, "data", segment.path)] : []));
    expect(paths.sort()).toEqual((await wavsBelow(join(cwd, "data"))).sort());
    expect(payloads.map(({ event }) => event).sort()).toEqual([
      ...Array(5).fill("segment:complete"),
      "stream:close",
      "stream:open",
    ]);
  }, 90_000);
});

describe("a receiver that is killed in the middle of a stream", () => {
  it("tells of every segment, also of those that it had no time to tell of", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    await using receiver = await WebhookReceiver.listen();
    await configure(cwd, [{ name: "watch", on: "segment:complete", url: receiver.url }]);
    const server = await ServerProcess.start({ cwd, flags: FLAGS });
    await stream(cwd, server); // at its end segments are complete that no thread has heard of
    await server.stop("SIGKILL");
    await using again = await ServerProcess.start({ cwd, flags: FLAGS });
    const wavs = await wavsBelow(join(cwd, "data"));
    const told = () =>
      new Map(receiver.posted.map(({ body }) => [pathOf(body), JSON.parse(body).id as string]));
    await until("all are told", () => wavs.every((path) => told().has(relative(join(cwd, "data"), path))));
    await again.stop();
    expect(wavs).toHaveLength(5);
    expect(new Set(told().values()).size).toBe(5);
    expect(new Set(receiver.posted.map(idOf)).size).toBe(5); // what came twice had the same number
  });
});

describe("a command of a receiver", () => {
  it("is started for every segment, and finds its file", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const script = join(cwd, "hook.mjs");
    await writeFile(
      script,
      `import { appendFileSync, statSync } from "node:fs";
       const { AUDIO_PATH, AUDIO_BYTES, AUDIO_DEVICE, SECRET = "" } = process.env;
       const isWhole = statSync(AUDIO_PATH).size === Number(AUDIO_BYTES);
       appendFileSync(process.argv[2], [AUDIO_DEVICE, isWhole, SECRET].join() + "\\n");`,
    );
    const seen = join(cwd, "seen.txt");
    await configure(cwd, [{ on: "segment:complete", command: [process.execPath, script, seen] }]);
    await writeFile(seen, "");
    await using server = await ServerProcess.start({ cwd, flags: FLAGS, env: { SECRET: "s" } });
    await stream(cwd, server);
    const lines = () => readFileSync(seen, "utf8").trimEnd().split("\n");
    await until("it has seen five", () => lines().length === 5);
    await server.stop();
    expect(lines()).toEqual(Array(5).fill("porch,true,"));
  });

  it("that is taken from the configuration takes along what waits for it", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    await configure(cwd, [{ name: "gone", on: "segment:complete", command: ["/nowhere/at-all"] }]);
    const server = await ServerProcess.start({ cwd, flags: FLAGS });
    await stream(cwd, server);
    await until("all wait in the queue", () => waitingIn(cwd, "gone") === 5);
    await until("one has been tried", () => queueIn(cwd, "gone")?.failing === 1);
    const { stdout } = await server.stop();
    expect(stdout).toContain("/nowhere/at-all cannot be started (ENOENT)");
    await configure(cwd, []);
    await using again = await ServerProcess.start({ cwd, flags: FLAGS });
    await until("nothing waits", () => waitingIn(cwd, "gone") === 0);
    expect((await again.stop()).stdout).toContain("a hook is not configured any more");
  });
});

describe("a receiver does not start", () => {
  it.each([
    [
      "without the secret of a webhook",
      [{ name: "watch", on: "gap", url: "http://127.0.0.1/", secretEnv: "HOOK_SECRET" }],
      [],
      "audio-receiver: hook watch: its secret should be in the variable HOOK_SECRET, which is not set\n",
    ],
    [
      "with hooks, and nothing to keep them in",
      [{ on: "gap", command: ["true"] }],
      ["--no-catalogue"],
      "audio-receiver: hooks are given, but the catalogue is off (--no-catalogue): what waits for hooks waits in it\n",
    ],
  ])("%s", async (_, hooks, flags, message) => {
    await using folder = await temporaryFolder();
    await configure(folder.path, hooks);
    const ports = { HOST: "127.0.0.1", WS_PORT: "0", TCP_PORT: "0", WEB_UI_PORT: "0", MIN_FREE_MB: "0" };
    const { code, stderr } = await audioReceiver(["serve", ...flags], { cwd: folder.path, env: ports });
    expect([code, stderr]).toEqual([2, message]);
  });
});
