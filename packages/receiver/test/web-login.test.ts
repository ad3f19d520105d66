import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { networkOf } from "../src/access/address-list.js";
import {
  hashPassword,
  isPassword,
  type PasswordHash,
  parsePasswordHash,
} from "../src/access/password-hash.js";
import { WebLogin, type WebUser } from "../src/access/web-login.js";
import { webPasswordIn } from "../src/access/web-password.js";
import { basic, temporaryFolder } from "./support/test-receiver.js";

const ADMIN = { name: "admin", role: "admin", devices: null } as const;
const adminBy = (secret: WebUser["secret"]): { users: WebUser[]; metricsToken: undefined } => ({
  users: [{ user: ADMIN, secret }],
  metricsToken: undefined,
});
const PLAIN = adminBy("right");
const statusOf = async (login: WebLogin, address: string, authorization?: string) =>
  (await login.enter(address, authorization, "all")).refusal?.status;

describe.concurrent("the hash of a password", () => {
  it("is another one each time, and knows its password", async () => {
    const texts = [await hashPassword("grün:1"), await hashPassword("grün:1")];
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts) {
      const hash = parsePasswordHash(`${text}\n`)!;
      expect(hash).toMatchObject({ logN: 15, r: 8, p: 1 });
      expect(await isPassword("gru\u0308n:1", hash)).toBe(true); // the same letters, composed otherwise
      expect(await isPassword("grün:2", hash)).toBe(false);
    }
  });

  it.each([
    "",
    "password",
    "scrypt:15:8:1:c2FsdA:a2V5",
    `scrypt:30:8:1:${"A".repeat(22)}:${"A".repeat(43)}`,
    `scrypt:10:8:1:${"A".repeat(22)}:${"A".repeat(43)}`,
    `scrypt:15:99:1:${"A".repeat(22)}:${"A".repeat(43)}`,
  ])("%j is none that would be computed", (text) => {
    expect(parsePasswordHash(text)).toBeUndefined();
  });
});

describe.concurrent("a login", () => {
  it("wants name and password, and takes nothing else", async () => {
    const login = new WebLogin(PLAIN);
    expect(await statusOf(login, "10.0.0.1", basic("admin", "right"))).toBeUndefined();
    const others = [undefined, "", "Basic", "Basic %%%", "Digest x", basic("admin", ""), "Basic YWRtaW4="];
    for (const header of [...others, basic("Admin", "right"), basic("", "right"), "Bearer right"])
      expect([header, await statusOf(login, "10.0.0.1", header)]).toEqual([header, 401]);
  });

  it("without any password lets nobody in", async () => {
    const login = new WebLogin(adminBy(undefined));
    for (const password of ["", "undefined", "right"])
      expect(await statusOf(login, "10.0.0.1", basic("admin", password))).toBe(401);
  });

  it("that is wrong again and again is not looked at, even when it is right at last", async () => {
    let nowMs = 0;
    const login = new WebLogin({ ...PLAIN, nowMs: () => nowMs });
    for (let i = 0; i < 10; i++) expect(await statusOf(login, "10.0.0.1", basic("admin", `${i}`))).toBe(401);
    expect(await statusOf(login, "10.0.0.1", basic("admin", "11"))).toBe(429);
    expect(await statusOf(login, "10.0.0.1", basic("admin", "right"))).toBe(429);
    expect(await statusOf(login, "10.0.0.2", basic("admin", "right"))).toBeUndefined();
    nowMs = 2000;
    expect(await statusOf(login, "10.0.0.1", basic("admin", "12"))).toBe(401);
    expect(await statusOf(login, "10.0.0.1", basic("admin", "13"))).toBe(429);
    expect(login.counts).toEqual({ right: 1, wrong: 11, slowed: 3 });
  });

  it("is slowed for a whole IPv6 network", async () => {
    const login = new WebLogin({ ...PLAIN, nowMs: () => 0 });
    for (let i = 0; i < 10; i++) await statusOf(login, `2001:db8::${i}`, basic("admin", `${i}`));
    expect(await statusOf(login, "2001:db8::99", basic("admin", "right"))).toBe(429);
    expect(await statusOf(login, "2001:db8:0:1::99", basic("admin", "right"))).toBeUndefined();
  });
});

describe.concurrent("a login by the hash of a password", () => {
  it("is checked once, however often it comes, and then remembered", async () => {
    const login = new WebLogin(adminBy(parsePasswordHash(await hashPassword("right"))));
    const many = Array.from({ length: 50 }, () => statusOf(login, "10.0.0.1", basic("admin", "right")));
    expect(new Set(await Promise.all(many))).toEqual(new Set([undefined]));
    const begunMs = process.cpuUsage();
    for (let i = 0; i < 1000; i++)
      expect(await statusOf(login, "10.0.0.1", basic("admin", "right"))).toBeUndefined();
    const { user } = process.cpuUsage(begunMs);
    expect(user / 1000).toBeLessThan(50_000); // 1000 checks would be 100 s
    expect(await statusOf(login, "10.0.0.1", basic("root", "right"))).toBe(401);
  });

  it("is wrong with another name, also before the right one is known", async () => {
    const login = new WebLogin(adminBy(parsePasswordHash(await hashPassword("right"))));
    expect(await statusOf(login, "10.0.0.1", basic("root", "right"))).toBe(401);
  });

  it("waits behind a few at most; more are sent away at once", async () => {
    const login = new WebLogin(adminBy(parsePasswordHash(await hashPassword("right"))));
    const many = Array.from({ length: 100 }, (_, i) =>
      statusOf(login, `10.0.0.${i % 20}`, basic("admin", `wrong ${i}`)),
    );
    const statuses = await Promise.all(many);
    expect(statuses.filter((status) => status === 401)).toHaveLength(8);
    expect(statuses.filter((status) => status === 429)).toHaveLength(92);
    expect(await statusOf(login, "10.0.1.1", basic("admin", "right"))).toBeUndefined();
  });
});

describe.concurrent("the token for metrics", () => {
  it("opens the metrics and nothing else, also where wrong ones came from", async () => {
    const login = new WebLogin({ ...PLAIN, metricsToken: "0123456789abcdef" });
    const refuse = async (scope: "all" | "metrics", token: string) =>
      (await login.enter("10.0.0.1", `Bearer ${token}`, scope)).refusal;
    expect(await refuse("metrics", "0123456789abcdef")).toBeUndefined();
    expect(await refuse("all", "0123456789abcdef")).toMatchObject({ status: 401 });
    for (let i = 0; i < 20; i++) await refuse("metrics", `0123456789abcde${i}`);
    expect(await refuse("metrics", "0123456789abcdeg")).toMatchObject({ status: 429 });
    expect(await refuse("metrics", "0123456789abcdef")).toBeUndefined();
  });

  it("is none where none is set", async () => {
    const login = new WebLogin(PLAIN);
    const { refusal } = await login.enter("10.0.0.1", "Bearer undefined", "metrics");
    expect(refusal).toMatchObject({ status: 401 });
  });
});

describe.concurrent("the password of a data directory", () => {
  it("is made once, and kept as a hash that only its user may read", async () => {
    await using folder = await temporaryFolder();
    const first = await webPasswordIn(folder.path);
    const { password, fault } = (first as { generated: { password: string; fault?: string } }).generated;
    expect([password, fault]).toEqual([expect.stringMatching(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/), undefined]);
    const path = join(folder.path, "web-password");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).not.toContain(password);
    const second = await webPasswordIn(folder.path);
    expect(second).not.toHaveProperty("generated");
    expect(await isPassword(password, second.hash!)).toBe(true);
  });

  it("opens nothing, and is not made anew, when its file is damaged", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "web-password"), "");
    expect(await webPasswordIn(folder.path)).toMatchObject({
      hash: undefined,
      fault: "it holds no hash of a password",
    });
    expect(await readFile(join(folder.path, "web-password"), "utf8")).toBe("");
  });

  it("holds for one run when it cannot be kept", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "web-password.new")); // where it would be written
    const found = await webPasswordIn(folder.path);
    expect(found).toMatchObject({ generated: { fault: expect.stringContaining("EISDIR") } });
    const { generated, hash } = found as { generated: { password: string }; hash: PasswordHash };
    expect(await isPassword(generated.password, hash)).toBe(true);
  });
});

describe.concurrent("one party's network", () => {
  it.each([
    ["10.0.0.7", "10.0.0.7"],
    ["::ffff:10.0.0.7", "10.0.0.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:1:2:3::", "2001:db8:1:2::/64"],
    ["unknown", "unknown"],
  ])("%s is %s", (address, network) => expect(networkOf(address)).toBe(network));
});
