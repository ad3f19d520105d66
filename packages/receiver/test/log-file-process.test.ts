/** The log of a busy receiver: on standard output and in a file, put aside by logrotate, and without a secret. */
import { execFileSync } from "node:child_process";
import { appendFile, chmod, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
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
  for (const secret of [
    ...Object.values(SECRETS),
    hash,
    token,
    wrong,
    token.slice(4, 20),
    wrong.slice(4, 20),
  ])
    expect(stdout, secret).not.toContain(secret);
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
