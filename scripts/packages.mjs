// The packages that are published, and their tarballs.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every package of the checkout at `root`: its folder, relative to it, and its package.json. */
export function publishedPackages(root) {
  return readdirSync(join(root, "packages")).map((name) => {
    const folder = join("packages", name);
    return { folder, manifest: JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) };
  });
}

/** The files that a package's `exports` name, whatever the condition. */
export function exportedFiles(exported) {
  return typeof exported === "string" ? [exported] : Object.values(exported ?? {}).flatMap(exportedFiles);
}

/** Throws unless everything that the packages export is there. */
export function assertBuilt(root) {
  const missing = publishedPackages(root).flatMap(({ folder, manifest }) =>
    exportedFiles(manifest.exports)
      .map((file) => join(folder, file))
      .filter((file) => !existsSync(join(root, file))),
  );
  if (missing.length > 0) throw new Error(`not built: ${missing.join(", ")} missing. Run: npm run build`);
}

/**
 * Packs every package into the folder `destination`, which must be there.
 *
 * @returns the paths of the tarballs, in the order of `publishedPackages`
 */
export function packPackages(root, destination) {
  assertBuilt(root);
  const packages = publishedPackages(root);
  const workspaces = packages.map(({ folder }) => `--workspace=${folder}`);
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", destination, ...workspaces];
  const { status, error, stdout, stderr } = spawnSync("npm", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm pack failed: ${error?.message ?? stderr + stdout}`);
  return packages.map(({ manifest: { name, version } }) =>
    join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`),
  );
}
