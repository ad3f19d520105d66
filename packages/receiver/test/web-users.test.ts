/** Several users of the web port: who they are, what they may, and what they may see. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashPassword, parsePasswordHash } from "../src/access/password-hash.js";
import { WebLogin, type WebUser } from "../src/access/web-login.js";
import { handshake } from "./support/audio.js";
import { audioReceiver } from "./support/command.js";
import { StreamClient } from "./support/stream-client.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const HASH = await hashPassword("listen");
const GUEST = { name: "guest", passwordHash: HASH, devices: ["kitchen", "barn-*"] };

function userOf(name: string, secret: WebUser["secret"]): WebUser {
  return { user: { name, role: "listener", devices: null }, secret };
}

describe.concurrent("a login among several", () => {
  it("is by the own password alone, and says who it is", async () => {
    const users = [userOf("admin", "right"), userOf("ida", parsePasswordHash(HASH))];
    const login = new WebLogin({ users, metricsToken: undefined });
    const nameOf = async (name: string, password: string) =>
      (await login.enter("10.0.0.1", basic(name, password), "all")).user?.name;
    for (let round = 0; round < 2; round++) {
      expect(await nameOf("admin", "right")).toBe("admin");
      expect(await nameOf("admin", "listen")).toBeUndefined();
      expect(await nameOf("ida", "right")).toBeUndefined();
      expect(await nameOf("ida", "listen")).toBe("ida");
    }
  });

  // Checks stand in a queue of eight; what is known to be wrong at once needs none.
  it("that is wrong is checked whoever it is said to be, until every right one is known", async () => {
    const users = [userOf("plain", "right"), userOf("known", parsePasswordHash(HASH))];
    users.push(userOf("other", parsePasswordHash(await hashPassword("else"))));
    const login = new WebLogin({ users, metricsToken: undefined });
    const isLetIn = async (name: string, password: string) =>
      (await login.enter("10.0.0.1", basic(name, password), "all")).user !== undefined;
    const tries = async (name: string, network: number) => {
      const wrong = Array.from({ length: 10 }, (_, i) =>
        login.enter(`10.${network}.0.${i}`, basic(name, `${i}`), "all"),
      );
      return (await Promise.all(wrong)).filter(({ refusal }) => refusal?.status === 429).length;
    };
    expect(await isLetIn("known", "listen")).toBe(true);
    for (const [network, name] of ["plain", "known", "nobody"].entries())
      expect([name, await tries(name, network)]).toEqual([name, 2]);
    expect(await isLetIn("other", "else")).toBe(true);
    for (const [network, name] of ["plain", "known", "other", "nobody"].entries())
      expect([name, await tries(name, 10 + network)]).toEqual([name, 0]);
  });
});

describe.concurrent("a listener", () => {
  it("sees the own devices alone, and changes nothing", async () => {
    await using server = await TestReceiver.start({
      webUsers: [GUEST],
      metricsToken: "a-token-of-some-letters",
    });
    const clients = await Promise.all(
      ["kitchen", "barn-1", "secret"].map((name) => StreamClient.connect(server.ws(`/${name}`))),
    );
    for (const [streamId, client] of clients.entries()) client.send(handshake({ streamId }));
    await until("the streams", () => server.opened.length === 3);
    const headers = { authorization: basic("guest", "listen"), "content-type": "application/json" };
    const ask = (path: string, init: RequestInit = {}) => server.look(`/api/v1${path}`, { headers, ...init });
    const { user } = await (await ask("/server")).json();
    expect(user).toEqual({ name: "guest", role: "listener", devices: ["kitchen", "barn-*"] });
    const { devices } = await (await ask("/now")).json();
    expect(devices.map(({ device }: { device: string }) => device)).toEqual(["barn-1", "kitchen"]);
    expect(devices[0].streams[0].peer).toBeNull();
    const pin = JSON.stringify({ device: "kitchen", fromUs: 1, toUs: 2 });
    const refused = await ask("/pins", { method: "POST", body: pin });
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: "guest may see and hear, and change nothing (role listener)" },
    ]);
    expect((await ask("/pins")).status).toBe(200);
    expect((await server.look("/", { headers })).status).toBe(200);
    expect((await server.look("/metrics", { headers })).status).toBe(403);
    const token = { authorization: "Bearer a-token-of-some-letters" };
    expect((await server.look("/metrics", { headers: token })).status).toBe(200);
    const admin = { ...headers, authorization: basic("admin", WEB_PASSWORD) };
    expect((await ask("/pins", { method: "POST", body: pin, headers: admin })).status).toBe(200);
    for (const client of clients) client[Symbol.dispose]();
  });
});

describe.concurrent("users in the configuration", () => {
  it.each<[string, unknown]>([
    ["users are a list: begin each with a dash", {}],
    ["number 1: must be name: …, passwordHash: …", ["ida"]],
    ["number 1: name must be up to 64 letters without a colon", [{ ...GUEST, name: "a:b" }]],
    ["number 1: passwordHash must be what audio-receiver", [{ name: "ida", passwordHash: "hunter2" }]],
    ["number 1: passwordHash must be", [{ name: "ida" }]],
    ["number 1: role must be admin or listener", [{ ...GUEST, role: "root" }]],
    ["number 1: devices must be a list of up to", [{ ...GUEST, devices: [] }]],
    ["number 1: devices must be a list of", [{ ...GUEST, devices: ["a*b"] }]],
    ['number 1: "password" is not known; known are name, passwordHash', [{ ...GUEST, password: "hunter2" }]],
    ["number 2: another user is called guest", [GUEST, GUEST]],
    ["webUsers: admin is webUsername already", [{ ...GUEST, name: "admin" }]],
  ])("%s", async (message, webUsers) => {
    const started = TestReceiver.start({ webUsers } as object);
    const error = await started.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toContain(message);
    expect(error?.message).not.toMatch(/hunter2|scrypt:\d/);
  });

  it("come from the file, and are shown without their hashes", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "audio-receiver.config.yaml"), JSON.stringify({ webUsers: [GUEST] }));
    const { code, stdout } = await audioReceiver(["config", "--json"], { cwd: folder.path });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual({
      key: "webUsers",
      value: [{ name: "guest", role: "listener", devices: ["kitchen", "barn-*"], passwordHash: "***" }],
      source: "file audio-receiver.config.yaml",
    });
  });
});
