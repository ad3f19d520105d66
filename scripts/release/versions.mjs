// Where the version stands: every package.json, what they ask of one another, and the lock file.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const CHANGESET = createRequire(import.meta.url).resolve("@changesets/cli/bin.js");
const ASKING = ["dependencies", "devDependencies"];

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/** The changesets that wait for a release, by the names of their files. */
export function waitingChangesets(root) {
  const folder = join(root, ".changeset");
  return readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
}

/** Gives every package of the workspace at `root` its next version, as the changesets say, and uses these up. */
export function raiseVersions(root) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHANGESET, "version"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`changeset version failed: ${stderr}${stdout}`);
}

/** The examples are no part of the workspace, but ask for its packages. */
export function raiseExamples(root, version) {
  const examples = join(root, "examples");
  if (!existsSync(examples)) return;
  for (const name of readdirSync(examples)) {
    const path = join(examples, name, "package.json");
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/("@audio\/[\w-]+": )"[^"]+"/g, `$1"${version}"`));
  }
}

/** The lock file says again what the package.json files say: npm itself would ask the registry. */
export function raiseLock(root) {
  const path = join(root, "package-lock.json");
  const lock = readJson(path);
  for (const [folder, locked] of Object.entries(lock.packages)) {
    if (folder === "" || folder.includes("node_modules/")) continue;
    const manifest = readJson(join(root, folder, "package.json"));
    locked.version = manifest.version;
    for (const kind of ASKING) if (manifest[kind]) locked[kind] = manifest[kind];
  }
  writeJson(path, lock);
}
