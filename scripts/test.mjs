// `npm test`: system tools, holes in dependencies, the checks, a rehearsed release, every test; the last line is
// `N passed, N failed`. Plain Node, so that what goes wrong before the first test is said clearly.
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { readReport } from "./test-report.mjs";

/** What the tests start, the Debian package it is in, and the variable that names it if it lies elsewhere. */
const TOOLS = [
  { command: "ffmpeg", debianPackage: "ffmpeg" },
  { command: "ffprobe", debianPackage: "ffmpeg" },
  { command: "cc", debianPackage: "gcc libc6-dev" },
  { command: "radosgw", debianPackage: "radosgw" },
  { command: "ceph-mon", debianPackage: "ceph-mon" },
  { command: "ceph-osd", debianPackage: "ceph-osd" },
  { command: "ceph", debianPackage: "ceph-common" },
  { command: "python3", debianPackage: "python3" },
  { command: "rsync", debianPackage: "rsync" },
  { command: "systemd-analyze", debianPackage: "systemd" },
  { command: "logrotate", debianPackage: "logrotate" },
  { command: "nginx", debianPackage: "nginx libnginx-mod-stream" },
  { command: "caddy", debianPackage: "caddy" },
  { command: "shellcheck", debianPackage: "shellcheck" },
  { command: "chromium", debianPackage: "chromium", pathVariable: "CHROMIUM_PATH" },
];

/** npm scripts and their flags; what `npm run check` asks of the documents is among the tests. */
const STEPS = [
  ["audit"],
  ["check", "--", "build", "types", "lint", "unused", "packages", "spelling"],
  ["release", "--", "--dry-run", "--dirty"],
];
const STEP_LIMIT_MS = 11 * 60_000; // a step takes seconds, the tests 8 minutes: beyond this one hangs

process.chdir(join(import.meta.dirname, ".."));
process.env.TURBO_TELEMETRY_DISABLED = "1";

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isThere({ command, pathVariable }) {
  const named = pathVariable && process.env[pathVariable];
  if (named) return isExecutable(named);
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"]; // servers: in root's PATH only
  return folders.some((folder) => isExecutable(join(folder, command)));
}

function run(command, args) {
  const result = spawnSync(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: STEP_LIMIT_MS,
  });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status === 0;
}

/** What to put before a command that installs: nothing for root; undefined where sudo would ask for a password. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" });
  return sudo.status === 0 ? ["sudo", "-n"] : undefined;
}

/** True when every tool is there, installed just now if need be. */
function provideTools() {
  const missing = TOOLS.filter((tool) => !isThere(tool));
  if (missing.length === 0) return true;
  const packages = [...new Set(missing.flatMap((tool) => tool.debianPackage.split(" ")))];
  const names = missing.map((tool) => tool.command).join(", ");
  const prefix = rootPrefix();
  if (prefix) {
    console.log(`installing what the tests need: ${packages.join(" ")} (for ${names})`);
    const aptGet = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
    const install = [...aptGet, "install", "-y", "--no-install-recommends", ...packages];
    for (const [command, ...args] of [[...aptGet, "update"], install]) run(command, args);
    if (TOOLS.every(isThere)) return true;
  }
  console.error(`The tests need ${names}. Run: sudo apt-get install -y ${packages.join(" ")}`);
  return false;
}

function timed(name, work) {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const result = work();
  console.log(`== ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

function runStep([name, ...flags]) {
  const passed = timed(name, () => run("npm", ["run", "--silent", name, ...flags]));
  if (!passed) console.error(`== ${name} FAILED`);
  return passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "audio-receiver-tests-"));
  const reportFile = join(folder, "report.json");
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--allowOnly=false", "--reporter=default"];
  const reporter = ["--reporter=json", `--outputFile.json=${reportFile}`];
  try {
    const succeeded = timed("tests", () => run(process.execPath, [...vitest, ...reporter]));
    const report = JSON.parse(readFileSync(reportFile, "utf8"));
    const { passed, failed, skipped, retried } = readReport(report, process.cwd());
    if (skipped > 0) console.log(`(${skipped} skipped)`);
    // vitest also fails for what belongs to no test, as an unhandled rejection; no test at all is a failure too
    const unnamed = failed === 0 && (!succeeded || passed === 0) ? 1 : 0;
    return { passed, failed: failed + unnamed, retried };
  } catch (error) {
    console.error(`no test report: ${error.message}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runEverything() {
  if (!provideTools()) return [{ passed: 0, failed: 1 }];
  return [...STEPS.map(runStep), runTests()];
}

const results = runEverything();
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
const retried = results.flatMap((result) => result.retried ?? []);
console.log(`\n${[`needed a second attempt: ${retried.length}`, ...retried].join("\n  ")}`);
console.log(`\n${passed} passed, ${failed} failed`);
