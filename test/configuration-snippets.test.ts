/** Every YAML block of the documents is a configuration that the receiver takes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findDocuments, ROOT } from "./snippets/blocks.js";

const RECEIVER = join(ROOT, "packages/receiver/bin/audio-receiver.js");
const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };

const configurations = findDocuments().flatMap(({ path }) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  return Array.from(
    text.matchAll(/^```yaml\n([\s\S]*?)^```/gm),
    ([, yaml], i) => [path, i + 1, yaml] as const,
  );
});

it("there are some", () => expect(configurations.length).toBeGreaterThan(1));

it.each(configurations)("%s: configuration %i is accepted", (_path, _n, yaml) => {
  const cwd = mkdtempSync(join(tmpdir(), "audio-snippets-"));
  try {
    writeFileSync(join(cwd, "audio-receiver.config.yaml"), yaml);
    const env = { PATH: process.env.PATH, ...KEYS };
    const { status, stderr } = spawnSync(process.execPath, [RECEIVER, "config"], {
      cwd,
      env,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});
