/**
 * Every ts, js and sh block is run: those of README.md, docs/, and each package's and example's README.md.
 *
 * What follows the language on the fence says how (at most one of these, to the end of the line):
 *
 *   (nothing)           run to its end; it must exit 0 within 45 s
 *   background          started, and left running until the document ends; what follows is run against it.
 *                       The next block starts when it has printed "recording to", as the receiver does
 *   background=TEXT     the same, but TEXT is what it must print
 *   no-run=REASON       not run, for the reason given: "no-run=installs packages"
 *
 * The blocks of a document run in order in one temporary folder, which holds the repository's node_modules
 * (so the built packages, `npx audio-receiver`, `npx audio-stream`), examples and scripts. npm itself, which takes
 * longer than most of them, runs the programs of README.md alone. ts and js blocks
 * are whole programs, and the ts blocks must satisfy tsc as well; sh blocks run under `bash -e -o pipefail`.
 * Ports 5096, 9000, 9001 and 8080 become free ones wherever they stand, as does the default of
 * `npx audio-stream`. Put output into a `text` block: it is not compared.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findDocuments, ROOT } from "./snippets/blocks.js";
import { Sandbox } from "./snippets/sandbox.js";

const documents = findDocuments();
const runnable = documents.map(({ path, blocks }) => ({
  path,
  blocks: blocks.filter(({ mode }) => mode.kind !== "no-run"),
}));

it("finds blocks to run", () => {
  expect(runnable.flatMap(({ blocks }) => blocks).length).toBeGreaterThan(0);
});

it.each(documents)("$path says how each block is run", ({ mistakes }) => {
  expect(mistakes).toEqual([]);
});

it("has ts blocks that satisfy the compiler", () => {
  const folder = mkdtempSync(join(tmpdir(), "audio-snippet-types-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const { path, blocks } of runnable) {
    for (const { language, line, text } of blocks) {
      if (language === "ts")
        writeFileSync(join(folder, `${path.replaceAll("/", "-")}-line-${line}.mts`), text);
    }
  }
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: "ES2022",
    module: "NodeNext",
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: ["node"] } }),
  );
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe("");
});

// Documents side by side, the blocks of each in their order: half of the time they wait for audio to pass.
describe.concurrent.each(runnable.filter(({ blocks }) => blocks.length > 0))("$path", ({ path, blocks }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await Sandbox.open({ throughNpm: path === "README.md" });
  });
  afterAll(() => sandbox.close());

  it.sequential.each(blocks)("line $line: $language", (block) => sandbox.run(block));
});
