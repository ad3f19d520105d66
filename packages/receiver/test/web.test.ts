/** The web port: what is open, what is behind the login, and how people get one. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashPassword } from "../src/access/password-hash.js";
import { audioReceiver, logLines, ServerProcess } from "./support/command.js";
import { GoodStream } from "./support/good-stream.js";
import { filesBelow } from "./support/recordings.js";
import { basic, TestReceiver, temporaryFolder } from "./support/test-receiver.js";

const headers = (authorization: string) => ({ headers: { authorization } });

describe.concurrent("the web port", () => {
  it("answers probes to everybody, and everything else with 401 first", async () => {
    await using server = await TestReceiver.start();
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(server.web(path))).status).toBe(200);
    for (const path of ["/", "/metrics", "/nowhere", "/healthz/", "//healthz", "/api/stats", "/%2e%2e/etc"]) {
      const answer = await fetch(server.web(path));
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get("www-authenticate")).toBe('Basic realm="audio-receiver", charset="UTF-8"');
    }
    expect((await server.look("/metrics?x=1")).status).toBe(200);
    const nowhere = await server.look("/nowhere");
    expect([nowhere.status, await nowhere.json()]).toEqual([404, { error: "not found" }]);
  });

  it("reads only, keeps nothing in caches, and lets no page frame it", async () => {
    await using server = await TestReceiver.start();
    const posted = await server.look("/metrics", {
      method: "POST",
      ...headers(basic("admin", "open sesame")),
    });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const head = await server.look("/metrics", { method: "HEAD", ...headers(basic("admin", "open sesame")) });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const [name, value] of [
      ["cache-control", "no-store"],
      ["content-type", "text/plain; version=0.0.4; charset=utf-8"],
      ["x-content-type-options", "nosniff"],
      ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
    ])
      expect(head.headers.get(name)).toBe(value);
  });

  it("slows down who tries passwords, tells it, and counts it", async () => {
    await using server = await TestReceiver.start();
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++)
      statuses.push((await fetch(server.web("/metrics"), headers(basic("admin", `try ${i}`)))).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses).toContain(429);
    expect(server.refused[0]).toMatchObject({ listener: "web", code: 401, reason: "wrong name or password" });
    expect(JSON.stringify(server.refused)).not.toContain("try 0");
  });

  it("opens the metrics to the token for them", async () => {
    await using server = await TestReceiver.start({ metricsToken: "a-token-of-some-letters" });
    const asked = async (path: string) =>
      (await fetch(server.web(path), headers("Bearer a-token-of-some-letters"))).status;
    expect([await asked("/metrics"), await asked("/"), await asked("/nowhere")]).toEqual([200, 401, 401]);
  });
});

const MADE = /web login: (\S+) \/ (\S+) \(made now and shown this once; its hash is in (.+)\)/;

describe.concurrent("a password that nobody has set", () => {
  it("is made at the first start, shown once, good after a restart, and nowhere on disk or in the log", async () => {
    await using folder = await temporaryFolder();
    await using first = await ServerProcess.start({ cwd: folder.path });
    const { stdout: made } = await first.stop();
    const shown = logLines(made).filter(({ msg }) => MADE.test(String(msg)));
    expect(shown).toHaveLength(1);
    const [, user, password] = MADE.exec(String(shown[0].msg))!;
    await using second = await ServerProcess.start({ cwd: folder.path, flags: ["--log-level", "trace"] });
    const answer = await fetch(`${second.ready.web}/metrics`, headers(basic(user, password)));
    const wrong = await fetch(`${second.ready.web}/metrics`, headers(basic(user, "hunter2hunter2")));
    expect([answer.status, wrong.status]).toEqual([200, 401]);
    const { stdout, stderr } = await second.stop();
    const data = join(folder.path, "data");
    const hash = (await readFile(join(data, "web-password"), "utf8")).trim();
    for (const secret of [password, "hunter2hunter2", hash, hash.slice(-40)])
      expect(stdout + stderr).not.toContain(secret);
    expect(made).not.toContain(hash.slice(-40));
    for (const name of await filesBelow(data))
      expect((await readFile(join(data, name))).includes(password), name).toBe(false);
  });

  it("is shown also where little is logged", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path, flags: ["--log-level", "error"] });
    const { stdout, stderr } = await server.stop();
    expect([stdout, stderr]).toEqual(["", expect.stringMatching(MADE)]);
  });
});

describe.concurrent("a password that was set", () => {
  it("comes from the environment, as itself or as hash-password printed it", async () => {
    await using folder = await temporaryFolder();
    const { code, stdout: hash } = await audioReceiver(["hash-password"], {
      cwd: folder.path,
      input: "päss word\n",
    });
    expect([code, hash]).toEqual([0, expect.stringMatching(/^scrypt:15:8:1:[\w-]{22}:[\w-]{43}\n$/)]);
    const ways = { WEB_UI_PASSWORD: "päss word", WEB_UI_PASSWORD_HASH: hash.trim() };
    for (const [name, secret] of Object.entries(ways)) {
      const env = { WEB_UI_USERNAME: "ida", [name]: secret };
      await using server = await ServerProcess.start({ cwd: folder.path, env });
      const answer = await fetch(`${server.ready.web}/metrics`, headers(basic("ida", "päss word")));
      const other = await fetch(`${server.ready.web}/metrics`, headers(basic("admin", "päss word")));
      expect([answer.status, other.status]).toEqual([200, 401]);
      const { stdout } = await server.stop();
      expect(stdout).not.toContain("web login");
    }
  });

  it("is masked, and never both", async () => {
    const env = { WEB_UI_PASSWORD: "very secret", METRICS_TOKEN: "also-very-secret-indeed" };
    const { stdout } = await audioReceiver(["config", "--json"], { cwd: "/tmp", env });
    expect(stdout).not.toContain('secret"');
    expect(stdout).not.toContain("secret-indeed");
    expect(JSON.parse(stdout)).toContainEqual({
      key: "webPassword",
      value: "***",
      source: "environment WEB_UI_PASSWORD",
    });
    const short = await audioReceiver(["config"], { cwd: "/tmp", env: { METRICS_TOKEN: "my-short-one" } });
    expect([short.code, short.stderr]).toEqual([
      2,
      "audio-receiver: metricsToken (environment METRICS_TOKEN): what is given is not allowed; allowed is 16 … 256 printable ASCII letters without spaces\n",
    ]);
    const hash = `scrypt:15:8:1:${"A".repeat(22)}:${"A".repeat(43)}`;
    const both = await audioReceiver(["serve"], { cwd: "/tmp", env: { ...env, WEB_UI_PASSWORD_HASH: hash } });
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("are both given: leave one out")]);
  });

  it("is not hashed when it is empty", async () => {
    const { code, stderr } = await audioReceiver(["hash-password"], { cwd: "/tmp", input: "\n" });
    expect([code, stderr]).toEqual([2, "audio-receiver: the password is empty: nothing was hashed\n"]);
  });
});

describe("a flood of wrong logins", () => {
  it("takes nothing from the streams", async () => {
    await using server = await TestReceiver.start({
      webPassword: undefined,
      webPasswordHash: await hashPassword("right"),
      wsSegmentSeconds: 1,
    });
    await using stream = await GoodStream.start(server.ws("/kitchen"), 1);
    const statuses: number[] = [];
    for (let round = 0; round < 20; round++) {
      const many = Array.from({ length: 20 }, (_, i) =>
        fetch(server.web("/metrics"), headers(basic("admin", `${round} ${i}`))).then(({ status }) => status),
      );
      statuses.push(...(await Promise.all(many)));
    }
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(20);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    await stream.finish();
    const { status } = await server.streamClosed(1);
    expect([status.lostFrames, server.gaps]).toEqual([0, []]);
    await stream.expectRecorded(server.segmentsOf(1).map(({ path }) => path));
  });
});
