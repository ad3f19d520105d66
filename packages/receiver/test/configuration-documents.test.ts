/** Every configuration in the documents is one that the receiver takes, and that editors find right. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { findDocuments, ROOT } from "../../../test/snippets/blocks.js";
import { loadConfig } from "../src/config/load.js";

const BLOCK = /^```yaml\n([\s\S]*?)^```/gm;
const FILE = /^cat > audio-receiver\.config\.(?:yaml|json) <<'END'\n([\s\S]*?)^END$/gm;
const schema = JSON.parse(readFileSync(join(ROOT, "packages/receiver/config.schema.json"), "utf8")) as object;
const validate = new Ajv({ allowUnionTypes: true }).compile(schema);

const configurations = findDocuments().flatMap(({ path }) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const found = [...text.matchAll(BLOCK), ...text.matchAll(FILE)];
  return found.map(([, yaml], i) => [path, i + 1, yaml] as const);
});

it("there are some", () => expect(configurations.length).toBeGreaterThan(5));

it.each(configurations)("%s: configuration %i is accepted", (_path, _n, yaml) => {
  const folder = mkdtempSync(join(tmpdir(), "audio-snippets-"));
  try {
    writeFileSync(join(folder, "audio-receiver.config.yaml"), yaml);
    expect(loadConfig({ flags: {}, env: {}, folder, file: undefined }).length).toBeGreaterThan(80);
    expect([validate(parse(yaml)), validate.errors]).toEqual([true, null]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
