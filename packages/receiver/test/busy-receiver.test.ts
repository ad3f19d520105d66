/** What a busy receiver tells of itself: its log, on standard output and in a file, and a report; and no secret. */
import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashPassword } from "../src/access/password-hash.js";
import { newToken } from "../src/access/token.js";
import { tones, wavFile } from "./support/audio.js";
import { audioReceiver, audioStream, logLines, ServerProcess } from "./support/command.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { addToken } from "./support/tokens.js";
import { until } from "./support/waiting.js";

const SECRETS = {
  metricsToken: "metrics-token-s3cr3t-0001",
  hookSecret: "hook-secret-s3cr3t-0002",
  hookHeader: "Bearer header-s3cr3t-0003",
  hookPath: "path-s3cr3t-0004",
  hookArgument: "argument-s3cr3t-0005",
  accessKey: "access-key-s3cr3t-0006",
  secretKey: "secret-key-s3cr3t-0007",
  wrongPassword: "wrong-s3cr3t-0008",
};

const RECIPE = /```text logrotate\n([\s\S]*?)```/;

/** The recipe of the documentation, for a file of a process that systemd knows nothing of. */
async function logrotateRecipe(log: string, pid: number): Promise<string> {
  const page = await readFile(join(import.meta.dirname, "../../../docs/logs.md"), "utf8");
  const [, recipe] = RECIPE.exec(page)!;
  const own = recipe.replace(/^\/\S+/, log).replace(/systemctl .*/, `kill -HUP ${pid}`);
  expect([own.includes(log), own.includes(String(pid))]).toEqual([true, true]);
  return own;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A configuration in which everything that can be secret is, and everything that can fail does. */
async function configure(folder: string): Promise<{ env: Record<string, string>; hash: string }> {
  const { metricsToken, hookSecret, hookHeader, hookPath, hookArgument, accessKey, secretKey } = SECRETS;
  const closed = await freePort();
  const hash = await hashPassword("somebody's");
  const on = ["stream:open", "segment:complete"];
  const url = `http://127.0.0.1:${closed}/${hookPath}`;
  const hooks = [
    { name: "webhook", on, url, secret: hookSecret, headers: { authorization: hookHeader } },
    { name: "command", on, command: ["false", "--key", hookArgument] },
    { name: "absent", on, command: ["no-such-program", hookArgument] },
  ];
  const webUsers = [{ name: "anna", passwordHash: hash }];
  const values = {
    hooks,
    webUsers,
    metricsToken,
    auth: "token",
    S3: { Enabled: true, Bucket: "recordings" },
  };
  await writeFile(join(folder, "audio-receiver.config.json"), JSON.stringify(values));
  const S3_SERVICE_URL = `http://127.0.0.1:${closed}`;
  const keys = { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey };
  return { env: { ...keys, S3_REGION: "eu-central-1", S3_SERVICE_URL }, hash };
}

/** What devices, visitors and attackers do. */
async function keepBusy(cwd: string, { ready }: ServerProcess, token: string, wrong: string): Promise<void> {
  await writeFile(join(cwd, "input.wav"), wavFile(tones(16_000 * 3)));
  const words = ["--wav", "input.wav", "--url", ready.ws!, "--hwid", "porch", "--token", token];
  expect((await audioStream(words, { cwd })).code).toBe(0);
  const port = Number(new URL(ready.ws!).port);
  for (const shown of [token, wrong]) {
    using raw = await RawWebSocket.open(port, { path: `/ws/kitchen?token=${shown}` });
    expect(raw.status).toBe(shown === token ? 101 : 401);
  }
  const authorization = `Basic ${Buffer.from(`admin:${SECRETS.wrongPassword}`).toString("base64")}`;
  const answers = [
    await fetch(`${ready.web}/api/v1/now?password=${SECRETS.wrongPassword}`, { headers: { authorization } }),
    await fetch(`${ready.web}/metrics`, { headers: { authorization: `Bearer ${wrong}` } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 401]);
}

/** Reports while it runs, for everybody to see and without names. */
async function reportsOn(
  { ready, child }: ServerProcess,
  options: { cwd: string; env: Record<string, string> },
  secrets: readonly string[],
): Promise<void> {
  const ports = ["--web-port", new URL(ready.web!).port, "--host", "127.0.0.1", "--min-free-mb", "0"];
  const words = ["report", ...ports, "--log-file", "logs/receiver.log"];
  const anonymous = [...words, "--anonymous", "--json", "--output", "report.json"];
  const [open, masked] = await Promise.all([
    audioReceiver(words, options),
    audioReceiver(anonymous, options),
  ]);
  expect([open.code, open.stderr, masked.code, masked.stdout]).toEqual([0, "", 0, ""]);
  for (const fact of [
    /^node +\d+\.\d+/m,
    /^encoders +flac, libopus/m,
    /^metricsToken +file audio-receiver.config.json +"\*\*\*"$/m,
    /^S3 +fault /m,
    /^porch +[34] /m, // the last of 3 s may not be in the catalogue yet
    /^hook:webhook +\d+ /m,
    new RegExp(`^pid +${child.pid}$`, "m"),
    /^status +ok$/m,
    /^nodejs_eventloop_lag_p99_seconds \d/m,
    /^\{"level":20,.*"device":"porch"/m,
    /## Now\n\nCould not be found out:\n\n```text\nWEB_UI_PASSWORD is not set/,
  ])
    expect(open.stdout).toMatch(fact);
  const json = await readFile(join(options.cwd, "report.json"), "utf8");
  const { parts } = JSON.parse(json) as { parts: { title: string; fault?: string }[] };
  expect(parts.filter(({ fault }) => fault !== undefined).map(({ title }) => title)).toEqual(["Now"]);
  for (const secret of secrets) expect(open.stdout + json, secret).not.toContain(secret);
  for (const name of ["porch", "anna", hostname()])
    expect(json, name).not.toMatch(new RegExp(`\\b${name}\\b`));
  expect(json).toContain("device-1");
}

it("holds what standard output says, survives logrotate, and tells no secret", async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const log = join(cwd, "logs", "receiver.log");
  const { env, hash } = await configure(cwd);
  const { token } = await addToken(join(cwd, "data"), "any");
  const wrong = newToken();
  const flags = ["--log-level", "trace", "--log-file", "logs/receiver.log", "--ws-segment-seconds", "1"];
  await using server = await ServerProcess.start({ cwd, env, flags });
  await keepBusy(cwd, server, token, wrong);
  await until("hooks and uploads have failed", async () => {
    const text = await readFile(log, "utf8");
    return ["no-such-program", "webhook", "ECONNREFUSED"].every((word) => text.includes(word));
  });

  const all = [...Object.values(SECRETS), hash, token, wrong, token.slice(4, 20), wrong.slice(4, 20)];
  await reportsOn(server, { cwd, env }, all);
  const recipe = join(cwd, "logrotate.conf");
  await writeFile(recipe, await logrotateRecipe(log, server.child.pid!));
  await chmod(recipe, 0o600);
  execFileSync("logrotate", ["--force", "--state", join(cwd, "state"), recipe]);
  await until("a new file", async () => (await stat(log).catch(() => undefined))?.isFile());
  const { code, stdout, stderr } = await server.stop();
  expect([code, stderr]).toEqual([0, ""]);
  const [aside, present] = await Promise.all([`${log}.1`, log].map((path) => readFile(path, "utf8")));
  expect(present).toContain("every segment is complete");

  const shown = /web login: admin \/ (\S+)/.exec(stdout)![1];
  const isUnkept = (line: string) => line.includes(shown);
  expect(stdout.split("\n").filter(isUnkept)).toHaveLength(1);
  expect(aside + present).toBe(
    stdout
      .split("\n")
      .filter((line) => !isUnkept(line))
      .join("\n"),
  );
  expect(logLines(present).length).toBeGreaterThan(0);
  for (const secret of all) expect(stdout, secret).not.toContain(secret);
  expect(aside + present).not.toContain(shown);
});

it("keeps why a start has failed; a file that cannot be used is told at once", async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await appendFile(join(cwd, "data"), "a file");
  const words = ["serve", "--log-file", "logs/receiver.log", "--log-format", "pretty", "--ws-port", "0"];
  const failed = await audioReceiver(words, { cwd });
  const kept = await readFile(join(cwd, "logs", "receiver.log"), "utf8");
  expect([failed.code, kept]).toEqual([
    1,
    expect.stringMatching(/^\[\d{4}-\d\d-\d\d .*\] FATAL: data directory .*\n$/),
  ]);
  const refused = await audioReceiver(["serve", "--log-file", "data/receiver.log"], { cwd });
  expect([refused.code, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toMatch(
    /^audio-receiver: logFile: \/.*\/data\/receiver\.log cannot be used \(ENOTDIR.*\n$/,
  );
});

it("reports what it can where nothing is as it should be, and still tells no secret", async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await mkdir(join(cwd, "data"));
  await writeFile(join(cwd, "data", "catalogue.db"), "no such thing ".repeat(400));
  await writeFile(join(cwd, ".env"), "MY_KEY='dotenv-s3cr3t-1'\n");
  await writeFile(join(cwd, "audio-receiver.config.yaml"), "webPassword: 'yaml-s3cr3t-2\nhooks: [ {");
  const line = '{"level":50,"device":"x","msg":"yaml-s3cr3t-2 dotenv-s3cr3t-1 http://a:url-s3cr3t-3@h/"}\n';
  await writeFile(join(cwd, "receiver.log"), line.repeat(9));
  const env = { LOG_FILE: "receiver.log", AWS_SECRET_ACCESS_KEY: "env-s3cr3t-4", FFMPEG_PATH: "/nowhere" };
  const ports = ["--host", "127.0.0.1", "--ws-port", "0", "--tcp-port", "0", "--web-port", "0"];
  const { code, stdout, stderr } = await audioReceiver(["report", "--log-lines", "3", ...ports], {
    cwd,
    env,
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).not.toContain("s3cr3t");
  expect(stdout).toMatch(
    /## Configuration[^\n]*\n\nCould not be found out:\n\n```text\n\S*audio-receiver.config.yaml: /,
  );
  for (const part of ["ffmpeg", "Recordings", "Queues", "Readiness"])
    expect(stdout).toMatch(new RegExp(`## ${part}\n\nCould not be found out:\n`));
  expect(stdout.match(/"device":"x"/g)).toHaveLength(3);
  expect(stdout).toMatch(/^catalogue +fault /m);
  const refused = await audioReceiver(["report", "--output", "receiver.log"], { cwd, env });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/receiver\.log: is there already/),
  ]);
  expect(await readFile(join(cwd, "receiver.log"), "utf8")).toBe(line.repeat(9));
});
