// A release: `npm run release -- --dry-run` shows it, in a copy that is then removed; `npm run release` makes the commit
// and its tag, and publishes. Both refuse what must not be released.
//
//   --dry-run   no registry is asked, and nothing changes here
//   --dirty     with --dry-run: with what is not committed yet
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { assertBuilt, publishedPackages } from "./packages.mjs";
import { released, unreleased } from "./release/changelog.mjs";
import { raiseExamples, raiseLock, raiseVersions, waitingChangesets } from "./release/versions.mjs";

// Where nothing listens: what should not be asked cannot answer.
const NO_REGISTRY = ["--registry=http://127.0.0.1:1/", "--fetch-retries=0"];

function run(root, command, ...args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr + stdout}`);
  return { stdout, stderr };
}

/** Why this must not be released; undefined if it may. */
function refusal(root, dirty) {
  const changed = dirty ? "" : run(root, "git", "status", "--porcelain").stdout;
  if (changed !== "") return `not committed:\n${changed}`;
  const lines = unreleased(readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  if (lines === undefined) return 'CHANGELOG.md has no heading "## Unreleased"';
  const changesets = waitingChangesets(root);
  if (lines !== "" && changesets.length === 0)
    return "CHANGELOG.md tells of changes, but no changeset says how large a step they are: npx changeset";
  if (lines === "" && changesets.length > 0)
    return `CHANGELOG.md has nothing under "Unreleased", but there is .changeset/${changesets[0]}`;
  return undefined;
}

/** Everything that is, or would be, in git, and what was built. */
function copyOf(root) {
  const copy = mkdtempSync(join(tmpdir(), "audio-release-"));
  const { stdout } = run(root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  const built = publishedPackages(root).map(({ folder }) => join(folder, "dist"));
  for (const path of [...stdout.split("\0"), ...built]) {
    if (path === "" || !existsSync(join(root, path))) continue; // deleted, and not committed
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  return copy;
}

/** Versions, changelog and lock file; the new version. */
function raise(root) {
  raiseVersions(root);
  const [{ manifest }, ...others] = publishedPackages(root);
  const { version } = manifest;
  const odd = others.find((other) => other.manifest.version !== version);
  if (odd) throw new Error(`${odd.manifest.name} would be ${odd.manifest.version}, the others ${version}`);
  raiseExamples(root, version);
  raiseLock(root);
  const changelog = join(root, "CHANGELOG.md");
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(changelog, released(readFileSync(changelog, "utf8"), version, today));
  return version;
}

function publish(root, ...options) {
  const workspaces = publishedPackages(root).map(({ folder }) => `--workspace=${folder}`);
  const { stderr } = run(
    root,
    "npm",
    "publish",
    "--loglevel=warn",
    "--ignore-scripts",
    ...options,
    ...workspaces,
  );
  // npm publishes another package.json than ours then, with a bin less, for instance
  if (!stderr.includes("auto-corrected")) return;
  const told = stderr
    .split("\n")
    .filter((line) => line.startsWith("npm warn publish") && !line.includes("logged in"));
  throw new Error(`npm would publish something else:\n${told.join("\n")}`);
}

function rehearse(root) {
  const copy = copyOf(root);
  try {
    const version = raise(copy);
    assertBuilt(copy);
    publish(copy, "--dry-run", ...NO_REGISTRY);
    const names = publishedPackages(copy).map(({ manifest }) => manifest.name);
    console.log(`${version} could be released: ${names.join(", ")}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function release(root) {
  const version = raise(root);
  run(root, "npm", "run", "build");
  run(root, "git", "commit", "--all", "--message", `release: ${version}`);
  run(root, "git", "tag", `v${version}`);
  publish(root);
  console.log(`${version} is released. To tell others: git push --follow-tags`);
}

function main() {
  const options = { "dry-run": { type: "boolean" }, dirty: { type: "boolean" } };
  const { values } = parseArgs({ options });
  if (values.dirty && !values["dry-run"]) throw new Error("--dirty goes with --dry-run only");
  const root = process.cwd();
  const reason = refusal(root, values.dirty);
  if (reason) throw new Error(`no release: ${reason}`);
  if (waitingChangesets(root).length === 0) {
    console.log("nothing to release since the last version");
    return;
  }
  rehearse(root);
  if (!values["dry-run"]) release(root);
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
