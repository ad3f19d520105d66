// Measures the receiver and its codec beside others, in one run on one machine. See README.md.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { acknowledgedFlatOut, acknowledgedRealTime } from "./suites/acknowledged.mjs";
import { catalogue } from "./suites/catalogue.mjs";
import { codec } from "./suites/codec.mjs";
import { delay } from "./suites/delay.mjs";
import { levels } from "./suites/levels.mjs";
import { memory } from "./suites/memory.mjs";
import { retention } from "./suites/retention.mjs";
import { tcp } from "./suites/tcp.mjs";
import { websocketFlatOut } from "./suites/websocket-flat-out.mjs";
import { websocketRealTime } from "./suites/websocket-real-time.mjs";

const SUITES = {
  codec: [codec],
  levels: [levels],
  websocket: [websocketFlatOut, websocketRealTime],
  acknowledged: [acknowledgedRealTime, acknowledgedFlatOut],
  tcp: [tcp],
  memory: [memory],
  delay: [delay],
  catalogue: [catalogue],
  retention: [retention],
};
const NAMES = /** @type {(keyof typeof SUITES)[]} */ (Object.keys(SUITES));

const USAGE = `npm run bench -- [${NAMES.join("|")}]… [options]      default: all

  --quick         one round and less load, for a first look
  --rounds N      rounds, interleaved (default: 3; with --quick 1)
  --seconds N     steady seconds of the real-time runs
  --only A,B      only contenders whose name holds A or B
`;

function parseCommandLine() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown) throw new Error(`there is no suite "${unknown}", only ${NAMES.join(", ")}`);
  return {
    ...values,
    names: positionals.length ? NAMES.filter((name) => positionals.includes(name)) : NAMES,
  };
}

/**
 * @param {string} option
 * @param {string | undefined} text
 */
function positiveNumber(option, text) {
  if (text === undefined) return undefined;
  if (!(Number(text) > 0)) throw new Error(`--${option} must be a number above 0, not "${text}"`);
  return Number(text);
}

function machine() {
  const cpus = os.cpus();
  return `${cpus.length} × ${cpus[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}

/** A folder that is gone when this process is, however it ends. */
function scratchDirectory() {
  const directory = mkdtempSync(path.join(os.tmpdir(), "audio-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  return directory;
}

async function main() {
  const { names, quick, rounds, seconds, only, help } = parseCommandLine();
  if (help) return process.stdout.write(USAGE);
  const options = {
    quick,
    rounds: positiveNumber("rounds", rounds) ?? (quick ? 1 : 3),
    seconds: positiveNumber("seconds", seconds),
    directory: scratchDirectory(),
    only: only?.split(","),
  };
  process.stdout.write(`Machine: ${machine()}\n`);
  for (const suite of names.flatMap((name) => SUITES[name])) {
    process.stderr.write(`${suite.name}\n`);
    process.stdout.write(`\n${await suite(options)}`);
  }
}

main().catch((error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
});
