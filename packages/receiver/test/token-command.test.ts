import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./support/test-receiver.js";
import { addToken, token, tokensFile } from "./support/tokens.js";

describe.concurrent("audio-receiver token", () => {
  it("add shows a token once and keeps its hash, for this user only", async () => {
    await using folder = await temporaryFolder();
    const { code, stdout, stderr } = await token(folder.path, "add", "kitchen");
    expect([code, stderr]).toEqual([0, ""]);
    const [shown] = stdout.split("\n");
    expect(shown).toMatch(/^art_[\w-]{43}$/);
    const file = await readFile(tokensFile(folder.path), "utf8");
    expect(file).not.toContain(shown);
    expect(file).not.toContain(shown.slice(4));
    expect((await stat(tokensFile(folder.path))).mode & 0o777).toBe(0o600);
    expect((await token(folder.path, "list")).stdout).toMatch(
      /^[0-9a-f]{8} {2}kitchen {2}any device {2}\d{4}-.*Z\n$/,
    );
  });

  it("--device binds it to a hwid, and names it", async () => {
    await using folder = await temporaryFolder();
    const bound = await addToken(folder.path, "--device", "AA:BB:CC");
    expect(bound).toMatchObject({ name: "AA_BB_CC", device: "AA_BB_CC" });
    const named = await addToken(folder.path, "spare", "--device", "AA:BB:CC");
    expect(named).toMatchObject({ name: "spare", device: "AA_BB_CC" });
    const { stdout } = await token(folder.path, "list", "--json");
    expect(JSON.parse(stdout)).toMatchObject([{ name: "AA_BB_CC" }, { name: "spare" }]);
    expect(stdout).not.toMatch(/art_|sha256/);
  });

  it("add, many at once: none is lost", async () => {
    await using folder = await temporaryFolder();
    const names = Array.from({ length: 8 }, (_, i) => `device-${i}`);
    await Promise.all(names.map((name) => addToken(folder.path, name)));
    const { stdout } = await token(folder.path, "list", "--json");
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name).sort()).toEqual(names);
  });

  it("revoke takes a name, an id, or the token itself", async () => {
    await using folder = await temporaryFolder();
    const [a, b, c] = [
      await addToken(folder.path, "a"),
      await addToken(folder.path, "b"),
      await addToken(folder.path),
    ];
    for (const name of [a.name, b.id, c.token])
      expect((await token(folder.path, "revoke", name)).code).toBe(0);
    expect(await token(folder.path, "list")).toMatchObject({
      code: 0,
      stdout: "no tokens: audio-receiver token add NAME\n",
    });
    const again = await token(folder.path, "revoke", c.token, "--json");
    expect(again.code).toBe(2);
    expect(again.stdout + again.stderr).not.toContain(c.token);
  });

  it.each([
    [["add", "a/b"], 'name "a/b" is not allowed'],
    [["add", "0123abcd"], 'name "0123abcd" is not allowed'],
    [["add", `art_${"x".repeat(43)}`], 'name "art_***" is not allowed'],
    [["add", "--device", "/"], '--device: "/" is not allowed'],
    [["revoke", "nobody"], 'no token is called "nobody": there is none'],
  ])("%j: one line, exit 2", async (words, message) => {
    await using folder = await temporaryFolder();
    const { code, stdout, stderr } = await token(folder.path, ...words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("the same name twice: exit 2", async () => {
    await using folder = await temporaryFolder();
    await addToken(folder.path, "kitchen");
    const { code, stderr } = await token(folder.path, "add", "kitchen");
    expect([code, stderr]).toEqual([2, expect.stringContaining("a token called kitchen exists already")]);
  });

  it("leaves a file that it cannot read as it is: exit 1", async () => {
    await using folder = await temporaryFolder();
    await writeFile(tokensFile(folder.path), "not ours");
    for (const words of [["add", "a"], ["list"], ["revoke", "a"]]) {
      const { code, stderr } = await token(folder.path, ...words);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining("tokens.json cannot be used: it is no JSON"),
      ]);
    }
    expect(await readFile(tokensFile(folder.path), "utf8")).toBe("not ours");
  });

  it("--tokens-file puts it elsewhere", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "etc", "devices.json");
    await addToken(folder.path, "a", "--tokens-file", file);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ version: 1, tokens: [{ name: "a" }] });
  });
});
