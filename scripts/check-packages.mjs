// What publint and "are the types wrong" say of every package, of the tarballs that would be published.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packPackages, publishedPackages } from "./packages.mjs";

/** The packages are ES modules, with `exports`: TypeScript's older ways to resolve do not know these. */
const OTHER_WAYS = ["node10", "node16-cjs"];

async function wrongTypes(tarball) {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!analysis.types) return []; // pages and nothing to import
  const problems = analysis.problems.filter(({ resolutionKind }) => !OTHER_WAYS.includes(resolutionKind));
  return problems.map(({ trace, ...problem }) => `types: ${JSON.stringify(problem)}`);
}

async function lint(tarball, manifest) {
  const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
  const { messages } = await publint({ pack: { tarball: bytes }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, manifest)}`);
}

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "audio-packages-"));
try {
  const tarballs = packPackages(root, folder);
  for (const [index, { manifest }] of publishedPackages(root).entries()) {
    const tarball = readFileSync(tarballs[index]);
    const faults = [...(await lint(tarball, manifest)), ...(await wrongTypes(tarball))];
    for (const fault of faults) console.error(`${manifest.name}: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  }
  console.log(`${tarballs.length} packages looked at`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
