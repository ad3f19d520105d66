// Streams for minutes or hours against a real receiver that is watched, and compares every sample. See ../README.md.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { report, verdicts } from "./report.mjs";
import { Soak } from "./soak.mjs";

const USAGE = `npm run soak -- [options]

  --minutes N     how long new streams begin (default: 1)
  --streams N     devices at once (default: 20)
  --longest N     seconds of the longest stream (default: 15)
  --kill-every N  seconds between two "kill -9" of the receiver (default: 0, never)
  --keep          keep the data directory when something was wrong
`;

function parseCommandLine() {
  const text = /** @type {const} */ ({ type: "string" });
  const { values } = parseArgs({
    options: {
      minutes: { ...text, default: "1" },
      streams: { ...text, default: "20" },
      longest: { ...text, default: "15" },
      "kill-every": { ...text, default: "0" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

/**
 * @param {string} option
 * @param {string} text
 * @param {number} least
 */
function numberFrom(option, text, least) {
  if (Number(text) >= least && text.trim() !== "") return Number(text);
  throw new Error(`--${option} must be a number from ${least}, not "${text}"`);
}

async function main() {
  const { minutes, streams, longest, "kill-every": killEvery, keep, help } = parseCommandLine();
  if (help) return process.stdout.write(USAGE);
  const directory = mkdtempSync(path.join(os.tmpdir(), "audio-soak-"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  let wrong = true;
  process.once("exit", () => (wrong && keep) || rmSync(directory, { recursive: true, force: true }));
  const soak = await Soak.run({
    directory,
    seconds: 60 * numberFrom("minutes", minutes, 0.01),
    streams: numberFrom("streams", streams, 1),
    longestSeconds: numberFrom("longest", longest, 1),
    killEverySeconds: numberFrom("kill-every", killEvery, 0),
  });
  process.stdout.write(report(soak));
  const broken = verdicts(soak).filter(({ holds }) => !holds);
  wrong = broken.length > 0;
  if (wrong && keep) process.stderr.write(`the data directory is ${directory}\n`);
  process.exitCode = wrong ? 1 : 0;
}

main().catch((error) => {
  process.stderr.write(`soak: ${error.message}\n`);
  process.exitCode = 1;
});
