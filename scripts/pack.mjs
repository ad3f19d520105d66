// `npm run pack -- FOLDER`: the tarballs of every package, as `npm install` takes them.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { packPackages } from "./packages.mjs";

const folder = process.argv[2];
if (folder === undefined) {
  console.error("npm run pack -- FOLDER: where do the tarballs go?");
  process.exitCode = 2;
} else {
  const destination = resolve(folder);
  mkdirSync(destination, { recursive: true });
  const tarballs = packPackages(join(import.meta.dirname, ".."), destination);
  console.log(tarballs.join("\n"));
}
