// Writes what documents say of the code: docs/cli.md and docs/http.md from the built packages, the README's list of
// pages from docs/README.md.
//
//   npm run build && node scripts/generate-reference-docs.mjs    # writes
//   node scripts/generate-reference-docs.mjs --check             # only says whether it would change something
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "./reference/command-line.mjs";
import { listOfPages } from "./reference/contents.mjs";
import { httpInterface } from "./reference/http-interface.mjs";
import { between, marks } from "./reference/marked-text.mjs";
import { ROOT } from "./reference/root.mjs";

const PARTS = [
  ["docs/cli.md", marks("commands"), commandLine],
  ["docs/http.md", marks("addresses"), httpInterface],
  ["README.md", marks("pages"), listOfPages],
];

for (const [document, place, write] of PARTS) {
  const path = join(ROOT, document);
  const found = readFileSync(path, "utf8");
  const wanted = between(found, place, await write());
  if (wanted === found) {
    console.log(`${document} is up to date`);
  } else if (process.argv.includes("--check")) {
    console.error(`${document} is out of date: npm run build && node scripts/generate-reference-docs.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`${document} written`);
  }
}
