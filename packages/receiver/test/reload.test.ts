/** SIGHUP: what was changed in the settings file is in effect, and no stream has noticed. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashPassword } from "../src/access/password-hash.js";
import { tones, wavFile } from "./support/audio.js";
import { logLines, RECEIVER, type Ready, ServerProcess } from "./support/command.js";
import { devices, LiveStream } from "./support/live-streams.js";
import { joinedAudio, wavsBelow } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { basic, temporaryFolder } from "./support/test-receiver.js";
import { until, within } from "./support/waiting.js";

const OLD = "received/attic/stream_9_attic_20250101_000000.wav";
const COMMON = { compress: "none", wsSegmentSeconds: 0.5, maxMetricDevices: 5 };

/** A server with a settings file and a log that can be read. */
class Server implements AsyncDisposable {
  private constructor(
    readonly process: ServerProcess,
    readonly folder: string,
  ) {}

  static async start(folder: string, settings: object): Promise<Server> {
    await writeFile(join(folder, "audio-receiver.config.json"), JSON.stringify(settings));
    return new Server(await ServerProcess.start({ cwd: folder, flags: ["--log-file", "log.json"] }), folder);
  }

  get ready(): Ready {
    return this.process.ready;
  }

  /** The log's lines about settings that were read again. */
  async lines(): Promise<string[]> {
    const all = logLines(await readFile(join(this.folder, "log.json"), "utf8")).map(({ msg }) => String(msg));
    return all.filter((line) => /→|^settings /.test(line));
  }

  /** Changes the file, and says so; returns what the log tells of it. */
  async change(settings: object | string): Promise<string[]> {
    const before = (await this.lines()).length;
    const text = typeof settings === "string" ? settings : JSON.stringify(settings);
    await writeFile(join(this.folder, "audio-receiver.config.json"), text);
    this.process.child.kill("SIGHUP");
    return until("the settings are read again", async () => {
      const lines = (await this.lines()).slice(before);
      return lines.some((line) => line.startsWith("settings ")) && lines;
    });
  }

  async status(user: string, password: string): Promise<number> {
    const headers = { authorization: basic(user, password) };
    return (await fetch(`${this.ready.web}/api/v1/devices`, { headers })).status;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}

async function eventsFor(web: string, user: string, password: string): Promise<ReadableStreamDefaultReader> {
  const headers = { authorization: basic(user, password) };
  const { body, status } = await fetch(`${web}/api/v1/events`, { headers });
  expect(status).toBe(200);
  return body!.getReader();
}

async function endOf(reader: ReadableStreamDefaultReader): Promise<void> {
  while (!(await reader.read().catch(() => ({ done: true }))).done);
}

it("applies what it can while streams go on, says what needs a restart, and takes nothing of a wrong file", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "data/received/attic"), { recursive: true });
  await writeFile(join(folder.path, "data", OLD), wavFile(tones(16_000)));
  const webUsers = [{ name: "ida", passwordHash: await hashPassword("of ida") }];
  await using server = await Server.start(folder.path, { ...COMMON, webPassword: "the first", webUsers });
  const { web, ws } = server.ready;
  using stream = await LiveStream.start(devices(120)[0], server.ready);
  await until("a second of it", () => stream.sentBefore(performance.now()) > 50);
  const idasEvents = await eventsFor(web!, "ida", "of ida");
  expect([await server.status("admin", "the first"), existsSync(join(folder.path, "data", OLD))]).toEqual([
    200,
    true,
  ]);

  const told = join(folder.path, "told");
  const changed = {
    ...COMMON,
    webPassword: "the second",
    maxConnections: 1,
    maxMetricDevices: 6,
    retentionMaxAgeDays: 30,
    hooks: [{ on: "stream:close", name: "tell", command: ["touch", told] }],
  };
  const lines = await server.change(changed);
  expect(lines.slice(0, 2)).toEqual([
    "applied: webPassword *** → ***",
    expect.stringMatching(/^applied: webUsers .*ida/),
  ]);
  expect(lines).toEqual([
    ...lines.slice(0, 2),
    "needs a restart: maxMetricDevices 5 → 6",
    "applied: maxConnections 10000 → 1",
    "applied: retentionMaxAgeDays not set → 30",
    expect.stringMatching(/^applied: hooks \[\] → .*"tell"/),
    "settings read again: 5 applied, 1 needs a restart",
  ]);
  expect(await server.status("admin", "the first")).toBe(401);
  expect(await server.status("admin", "the second")).toBe(200);
  await within(10_000, "the end of what a removed user listened to", endOf(idasEvents));
  await expect(StreamClient.connect(`${ws}/second`)).rejects.toThrow("503");
  await until("retention has deleted the old one", () => !existsSync(join(folder.path, "data", OLD)));

  const wrong = { ...changed, webPassword: "the third", wsSegmentSeconds: "long" };
  expect(await server.change(wrong)).toEqual([
    expect.stringMatching(
      /^settings cannot be used, and all stay as they are: wsSegmentSeconds \(file .*"long" is not/,
    ),
  ]);
  expect(await server.change("{ webPassword: ")).toEqual([
    expect.stringMatching(/all stay as they are: .*audio-receiver\.config\.json: .* at line 1, column/),
  ]);
  expect(await server.status("admin", "the second")).toBe(200);

  const now = {
    ...COMMON,
    maxMetricDevices: 5,
    wsSegmentSeconds: 2,
    webPassword: "the second",
    hooks: changed.hooks,
  };
  expect(await server.change(now)).toEqual([
    "applied to streams that begin from now on: wsSegmentSeconds 0.5 → 2",
    "applied: maxConnections 1 → 10000",
    "applied: retentionMaxAgeDays 30 → not set",
    "settings read again: 3 applied",
  ]);
  const before = stream.sentBefore(performance.now());
  await until("half a second more", () => stream.sentBefore(performance.now()) > before + 25);
  await play(`${ws}/second`, []);
  await stream.close();
  await until("the hook that came with the file was started", () => existsSync(told));
  expect((await server.process.stop()).code).toBe(0);

  const wavs = await wavsBelow(join(folder.path, "data"), "stream_1_");
  const audio = await joinedAudio(wavs.map((path) => ({ path })));
  expect(audio.equals(stream.device.audio.subarray(0, audio.length))).toBe(true);
  expect(audio.length).toBe(stream.sentBefore(performance.now()) * stream.device.recordedBytes);
  expect(wavs).toHaveLength(Math.ceil(audio.length / 16_000)); // 0.5 s each, all along
});

it("on a terminal that is closed, it stops as ever", async () => {
  await using folder = await temporaryFolder();
  const ready = join(folder.path, "ready.json");
  const flags = `--ws-port 0 --tcp-port 0 --web-port 0 --host 127.0.0.1 --min-free-mb 0 --no-catalogue`;
  const serve = `exec "${process.execPath}" "${RECEIVER}" serve ${flags} --ready-file ${ready} --log-file log.json`;
  const terminal = spawn("script", ["-qec", serve, "/dev/null"], {
    cwd: folder.path,
    stdio: ["pipe", "ignore", "ignore"],
  });
  try {
    const { pid } = await until(
      "the server is ready",
      async () => {
        return existsSync(ready) && (JSON.parse(await readFile(ready, "utf8")) as Ready);
      },
      30_000,
    );
    terminal.kill("SIGKILL");
    const log = () => readFile(join(folder.path, "log.json"), "utf8");
    await until("it has stopped", async () => /every segment is complete/.test(await log()));
    await until("it is gone", () => !existsSync(`/proc/${pid}`));
  } finally {
    terminal.kill("SIGKILL");
  }
});
