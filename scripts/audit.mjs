// Known holes in the dependencies: a step of `npm test`, and of its own: node scripts/audit.mjs [--lock FILE]
//
// What the registry knows counts (`npm audit`). A registry without advisories (a mirror, no network) is no reason
// to pass in silence: then package-lock.json is held against advisories.json, the holes known to this repository.
// What ships fails from `moderate` on, what only builds and tests from `high` on. A hole that an entry of
// advisories.json accepts, with its reason, is printed and does not fail.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const SEVERITIES = ["info", "low", "moderate", "high", "critical"];
const LIMITS = { shipped: "moderate", development: "high" };
const REGISTRY_LIMIT_MS = 90_000;

const { values } = parseArgs({ options: { lock: { type: "string" } } });
const lockFile = resolve(values.lock ?? join(import.meta.dirname, "..", "package-lock.json"));
const { packages } = JSON.parse(readFileSync(lockFile, "utf8"));
const advisories = JSON.parse(readFileSync(join(import.meta.dirname, "advisories.json"), "utf8"));

/** What the registry says about the lock file; undefined when it says nothing. */
function askRegistry() {
  const { stdout } = spawnSync("npm", ["audit", "--json", "--package-lock-only", "--fetch-retries=0"], {
    cwd: dirname(lockFile),
    encoding: "utf8",
    timeout: REGISTRY_LIMIT_MS,
    maxBuffer: 2 ** 26,
  });
  try {
    return JSON.parse(stdout).vulnerabilities;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined; // npm could not even start
    throw error;
  }
}

/** A report's entries: one hole per advisory and installed copy. Entries that only depend on a hole are left out. */
function holesOf(vulnerabilities) {
  return Object.values(vulnerabilities).flatMap(({ nodes, via }) =>
    via
      .filter((cause) => typeof cause === "object")
      .flatMap(({ url, title, severity }) =>
        nodes.map((path) => ({ path, id: url.slice(url.lastIndexOf("/") + 1), title, severity })),
      ),
  );
}

/** Holes of the lock file that advisories.json knows. */
function knownHoles() {
  return Object.keys(packages).flatMap((path) => {
    const own = advisories.filter(({ package: name }) => name === nameOf(path));
    return own
      .filter(({ ranges }) => contains(ranges, packages[path].version))
      .map((hole) => ({ ...hole, path }));
  });
}

function nameOf(path) {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

function contains(ranges, version) {
  return ranges.some(
    ({ from = "0.0.0", below }) => compare(version, from) >= 0 && compare(version, below) < 0,
  );
}

// A pre-release of the version that repairs a hole counts as the version itself.
function compare(a, b) {
  const numbers = (version) => version.split(/[-+]/, 1)[0].split(".").map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((number, i) => number !== right[i]);
  return at < 0 ? 0 : left[at] - right[at];
}

function isTooBad({ path, severity }) {
  const limit = packages[path]?.dev ? LIMITS.development : LIMITS.shipped;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(limit);
}

function acceptanceOf({ path, id }) {
  return advisories.find((known) => known.id === id && known.package === nameOf(path))?.accepted;
}

function describe({ path, id, title, severity }) {
  const { version, dev } = packages[path] ?? {};
  return `${nameOf(path)} ${version} (${dev ? "development" : "shipped"}): ${severity}: ${title}: ${id}`;
}

const report = askRegistry();
if (report === undefined) {
  console.log(
    `the registry gives no advisories: held against the ${advisories.length} of scripts/advisories.json`,
  );
}
const holes = report === undefined ? knownHoles() : holesOf(report);
const bad = holes.filter((hole) => isTooBad(hole) && acceptanceOf(hole) === undefined);
for (const hole of holes) {
  const accepted = acceptanceOf(hole);
  const verdict = bad.includes(hole) ? "HOLE" : accepted ? `accepted (${accepted})` : "below the limit";
  console.log(`${verdict}: ${describe(hole)}`);
}
console.log(`known holes: ${holes.length}, not acceptable: ${bad.length}`);
process.exitCode = bad.length === 0 ? 0 : 1;
