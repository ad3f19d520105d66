/** The audit of the dependencies: a known hole fails, whether the registry knows it or only this repository. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const SCRIPT = join(import.meta.dirname, "..", "scripts", "audit.mjs");
const NO_REGISTRY = "http://127.0.0.1:1/";

const root = mkdtempSync(join(tmpdir(), "audio-audit-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
}

/** A project with these dependencies, locked; the path of its lock file. */
function project(dependencies: Record<string, Locked>): string {
  const folder = mkdtempSync(join(root, "project-"));
  const named = (dev: boolean) =>
    Object.fromEntries(
      Object.entries(dependencies)
        .filter(([, entry]) => (entry.dev ?? false) === dev)
        .map(([name, { version }]) => [name, version]),
    );
  const manifest = {
    name: "audited",
    version: "1.0.0",
    dependencies: named(false),
    devDependencies: named(true),
  };
  const installed = Object.entries(dependencies).map(([name, entry]) => [`node_modules/${name}`, entry]);
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    packages: { "": manifest, ...Object.fromEntries(installed) },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  return join(folder, "package-lock.json");
}

async function audit(lock: string, registry = NO_REGISTRY): Promise<{ code: number; lines: string[] }> {
  const env = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_cache: join(root, "cache"),
  };
  const child = spawn(process.execPath, [SCRIPT, "--lock", lock], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  return { code, lines: output.trim().split("\n") };
}

/** A registry that knows one hole of `ws`, with the severity given. */
async function registryWith(severity: string): Promise<{ url: string } & AsyncDisposable> {
  const advisory = {
    id: 1,
    url: "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
    title: "a hole of today",
    severity,
    vulnerable_versions: "<99.0.0",
  };
  const versions = { "8.23.0": { name: "ws", version: "8.23.0" } };
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json");
    const isAudit = request.url?.endsWith("/security/advisories/bulk");
    response.end(JSON.stringify(isAudit ? { ws: [advisory] } : { name: "ws", versions }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: close };
}

describe.concurrent("without a registry that knows", () => {
  const SAYS_SO = expect.stringMatching(/^the registry gives no advisories: held against the \d+ of scripts/);

  it("a known hole in what ships fails, and says where", async () => {
    const { code, lines } = await audit(project({ ws: { version: "8.17.0" } }));
    expect(code).toBe(1);
    expect(lines[0]).toEqual(SAYS_SO);
    expect(lines).toContainEqual(
      expect.stringMatching(/^HOLE: ws 8\.17\.0 \(shipped\): high: .*: GHSA-3h5v-/),
    );
    expect(lines.at(-1)).toBe("known holes: 3, not acceptable: 3");
  });

  it("one that builds and tests fails from high on", async () => {
    const nanoid = { nanoid: { version: "3.3.7", dev: true } };
    expect(await audit(project(nanoid))).toMatchObject({
      code: 0,
      lines: [
        SAYS_SO,
        expect.stringMatching(/^below the limit: nanoid 3\.3\.7 \(development\): moderate/),
        "known holes: 1, not acceptable: 0",
      ],
    });
    const vitest = { vitest: { version: "4.0.18", dev: true } };
    expect((await audit(project(vitest))).code).toBe(1);
  });

  it("versions on both sides of a range pass, and so does a hole accepted with its reason", async () => {
    const fine = { ws: { version: "8.21.0" }, yaml: { version: "1.10.2" }, minimist: { version: "0.2.4" } };
    const picomatch = { version: "4.0.7", dev: true };
    const { code, lines } = await audit(project({ ...fine, picomatch }));
    expect([code, lines[1]]).toEqual([
      0,
      expect.stringMatching(/^accepted \(development only: .*picomatch 4\.0\.7/),
    ]);
    expect(lines).toHaveLength(3);
  });
});

describe.concurrent("a registry that knows", () => {
  it("has the last word", async () => {
    await using registry = await registryWith("moderate");
    const { code, lines } = await audit(project({ ws: { version: "8.23.0" } }), registry.url);
    expect(code).toBe(1);
    expect(lines).toEqual([
      "HOLE: ws 8.23.0 (shipped): moderate: a hole of today: GHSA-aaaa-bbbb-cccc",
      "known holes: 1, not acceptable: 1",
    ]);
  });

  it("does not fail for what only builds, below high", async () => {
    await using registry = await registryWith("moderate");
    const { code, lines } = await audit(project({ ws: { version: "8.23.0", dev: true } }), registry.url);
    expect([code, lines[0]]).toEqual([0, expect.stringMatching(/^below the limit: ws 8\.23\.0/)]);
  });
});
