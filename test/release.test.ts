/** A release of a small workspace: what is refused, what a rehearsal leaves as it was, what reaches the registry. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

const SCRIPT = join(import.meta.dirname, "..", "scripts", "release.mjs");

const manifest = (name: string, more: object = {}) => ({
  name,
  version: "0.1.0",
  license: "MIT",
  type: "module",
  exports: { ".": { default: "./dist/index.js" } },
  files: ["dist"],
  ...more,
});
const asking = { dependencies: { "@audio/low": "0.1.0" } };

const FILES: Record<string, string | object> = {
  ".gitignore": "dist\n",
  ".changeset/config.json": { changelog: false, fixed: [["@audio/*"]], access: "public", baseBranch: "main" },
  ".changeset/step.md": '---\n"@audio/low": minor\n---\n\nLouder.\n',
  "CHANGELOG.md": "# Changes\n\n## Unreleased\n\n- Louder.\n\n## 0.1.0\n\nThe first.\n",
  "package.json": {
    name: "small",
    private: true,
    workspaces: ["packages/*"],
    scripts: { build: "node --version" },
  },
  "package-lock.json": {
    name: "small",
    lockfileVersion: 3,
    packages: {
      "": { name: "small", workspaces: ["packages/*"] },
      "packages/high": { name: "@audio/high", version: "0.1.0", ...asking },
      "packages/low": { name: "@audio/low", version: "0.1.0" },
      "node_modules/@audio/high": { resolved: "packages/high", link: true },
      "node_modules/@audio/low": { resolved: "packages/low", link: true },
    },
  },
  "examples/loud/package.json": { name: "loud", private: true, ...asking },
  "packages/high/package.json": manifest("@audio/high", asking),
  "packages/high/dist/index.js": 'export * from "@audio/low";\n',
  "packages/low/package.json": manifest("@audio/low"),
  "packages/low/dist/index.js": "export const low = 1;\n",
};

let root: string;
const read = (path: string) => readFileSync(join(root, path), "utf8");
const write = (path: string, content: string | object) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
};

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

function commit(): void {
  git("add", "--all");
  git("commit", "--quiet", "--message", "as it is");
}

async function release(...flags: string[]) {
  const child = spawn(process.execPath, [SCRIPT, ...flags], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: code as number | null, output, errors };
}

/** A registry that knows no package and takes every one. */
const asked: { method: string; url: string; body: unknown }[] = [];
const registry = createServer(async (request, response) => {
  const body = await text(request);
  asked.push({
    method: request.method!,
    url: request.url!,
    body: body === "" ? undefined : JSON.parse(body),
  });
  response.writeHead(request.method === "PUT" ? 201 : 404, { "content-type": "application/json" }).end("{}");
});
beforeAll(async () => {
  registry.listen(0, "127.0.0.1");
  await once(registry, "listening");
});
afterAll(() => registry.close());

beforeEach(() => {
  asked.length = 0;
  root = mkdtempSync(join(tmpdir(), "audio-release-test-"));
  for (const [path, content] of Object.entries(FILES)) write(path, content);
  const address = `127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  write(".npmrc", `registry=http://${address}\n//${address}:_authToken=secret\n`);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Tester");
  git("config", "user.email", "tester@example.org");
  commit();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("refuses what is not committed, not told of, or of no known size", async () => {
  write("notes.txt", "not yet");
  expect(await release("--dry-run")).toMatchObject({ code: 1, errors: expect.stringContaining("notes.txt") });
  rmSync(join(root, "notes.txt"));

  write("CHANGELOG.md", "# Changes\n\n## Unreleased\n\n## 0.1.0\n\nThe first.\n");
  commit();
  expect(await release("--dry-run")).toMatchObject({ code: 1, errors: expect.stringContaining("step.md") });

  rmSync(join(root, ".changeset/step.md"));
  commit();
  expect(await release("--dry-run")).toMatchObject({
    code: 0,
    output: expect.stringContaining("nothing to"),
  });

  write("CHANGELOG.md", FILES["CHANGELOG.md"]);
  commit();
  expect(await release("--dry-run")).toMatchObject({
    code: 1,
    errors: expect.stringContaining("npx changeset"),
  });
});

it("rehearses all of it, asks no registry and changes nothing", async () => {
  const before = git("rev-parse", "HEAD");
  const { code, output, errors } = await release("--dry-run");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  expect(output).toBe("0.2.0 could be released: @audio/high, @audio/low\n");
  expect(git("status", "--porcelain")).toBe("");
  expect(git("rev-parse", "HEAD")).toBe(before);
  expect(asked).toEqual([]);

  write("packages/low/package.json", manifest("@audio/low", { bin: { low: "./dist/index.js" } }));
  const corrected = await release("--dry-run", "--dirty");
  expect(corrected).toMatchObject({ code: 1, errors: expect.stringContaining("bin[low]") });
});

it("gives every package one version, tells it everywhere, and publishes", async () => {
  expect(await release()).toMatchObject({ code: 0, output: expect.stringContaining("0.2.0 is released") });

  const published = asked.filter(({ method }) => method === "PUT").sort((a, b) => (a.url < b.url ? -1 : 1));
  expect(published.map(({ url }) => url)).toEqual(["/@audio%2fhigh", "/@audio%2flow"]);
  expect(published[0].body).toMatchObject({
    versions: { "0.2.0": { dependencies: { "@audio/low": "0.2.0" } } },
  });
  expect(git("status", "--porcelain")).toBe("");
  expect(git("describe", "--tags")).toBe("v0.2.0");
  expect(read("CHANGELOG.md")).toMatch(
    /## Unreleased\n\n## 0\.2\.0, \d{4}-\d\d-\d\d\n\n- Louder\.\n\n## 0\.1\.0\n/,
  );
  const examples = JSON.parse(read("examples/loud/package.json"));
  expect(examples.dependencies).toEqual({ "@audio/low": "0.2.0" });
  const lock = JSON.parse(read("package-lock.json"));
  expect(lock.packages["packages/high"]).toMatchObject({
    version: "0.2.0",
    dependencies: { "@audio/low": "0.2.0" },
  });
});
