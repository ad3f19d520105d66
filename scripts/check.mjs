// `npm run check`: whatever can be said of the repository without running it, as many parts at a time as there are
// processors. What a part prints is shown if it fails. `npm run check -- PART…` for some of them.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** The longest first; one that reads what others write comes after them. */
const PARTS = [
  { name: "build", command: ["turbo", "run", "build", "--output-logs=errors-only"] },
  { name: "types", command: ["tsc", "--build"] },
  { name: "lint", command: ["biome", "check", "."] },
  { name: "unused", command: ["knip", "--no-progress"] },
  { name: "packages", command: ["node", "scripts/check-packages.mjs"], after: ["types", "build"] },
  { name: "spelling", command: ["cspell", "--no-progress"] },
  {
    name: "documents",
    command: ["vitest", "run", "test/documents.test.ts", "test/hygiene.test.ts"],
    after: ["types", "build"],
  },
];

const root = join(import.meta.dirname, "..");
const PATH = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;

/** Runs a part to its end. */
function run({ name, command: [program, ...args] }) {
  const begun = performance.now();
  const env = { ...process.env, PATH, TURBO_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    const end = (passed) => resolve({ name, passed, output, seconds: (performance.now() - begun) / 1000 });
    child.once("close", (code) => end(code === 0));
    child.once("error", (error) => {
      output += `${program}: ${error.message}\n`;
      end(false);
    });
  });
}

let free = Math.max(2, availableParallelism());
const queue = [];

/** Does the work when a processor is free for it. */
async function inTurn(work) {
  if (free > 0) free--;
  else await new Promise((resolve) => queue.push(resolve));
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next) next();
    else free++;
  }
}

function runAll(parts) {
  const results = new Map();
  const outcomeOf = async (part) => {
    const before = await Promise.all((part.after ?? []).map((name) => results.get(name)));
    const failed = before.find((result) => result?.passed === false);
    if (failed) return { name: part.name, passed: false, note: `not run: ${failed.name} failed` };
    const result = await inTurn(() => run(part));
    if (!result.passed) console.error(`\n== ${part.name} FAILED\n${result.output}`);
    return result;
  };
  for (const part of parts) results.set(part.name, outcomeOf(part));
  return Promise.all(results.values());
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`no part ${unknown.join(", ")}: there are ${PARTS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const begun = performance.now();
const results = await runAll(PARTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
console.log();
for (const { name, passed, seconds, note } of results) {
  console.log(
    `${name.padEnd(10)} ${passed ? "ok    " : "FAILED"} ${note ?? `${seconds.toFixed(1).padStart(6)} s`}`,
  );
}
const failures = results.filter(({ passed }) => !passed).length;
const summary = failures === 0 ? "all well" : `${failures} of ${results.length} failed`;
console.log(`${summary}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
process.exitCode = failures === 0 ? 0 : 1;
