// Writes the binaries of other platforms into package-lock.json, which npm leaves out when the registry that the
// lock was made with does not have them (a mirror may not). `npm ci` refuses a lock without them, on any platform.
//
//   npm install SOMETHING && node scripts/lock-other-platforms.mjs && npm install
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOCK_FILE = join(import.meta.dirname, "..", "package-lock.json");

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openbsd", "openharmony", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"];

/** What a package's name says about where it runs, in npm's terms (process.platform, process.arch). */
function platformOf(name) {
  const spelled = name.replace("windows", "win32").replace(/-64$/, "-x64"); // as turbo writes them
  const first = (words) => words.filter((word) => spelled.includes(word)).slice(0, 1);
  return {
    cpu: first(PROCESSORS),
    os: first(SYSTEMS),
    libc: spelled.includes("musl") ? ["musl"] : undefined,
  };
}

/** True when a package at `path` finds `name`: in its own node_modules or one further up. */
function isLocked(packages, path, name) {
  const owner = path === "" ? "" : `${path}/`;
  if (packages[`${owner}node_modules/${name}`]) return true;
  if (path === "") return false;
  const parent = path.lastIndexOf("/node_modules/");
  return isLocked(packages, parent < 0 ? "" : path.slice(0, parent), name);
}

const lock = JSON.parse(readFileSync(LOCK_FILE, "utf8"));
let added = 0;
for (const [path, { dev, optionalDependencies }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
    if (isLocked(lock.packages, path, name)) continue;
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), dev, optional: true };
    added++;
  }
}
writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages added to package-lock.json`);
