/** Facts about the repository that hold by habit, kept by a test. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const MAX_LINES = 300;

/** The packages that run anywhere, and all that each may import. */
const PURE: Record<string, string[]> = {
  protocol: [],
  segments: [],
  levels: [],
  "ima-adpcm": [],
  wav: ["@audio/ima-adpcm"],
};

interface Manifest {
  name: string;
  description?: string;
  license?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const readManifest = (folder: string) => JSON.parse(read(join(folder, "package.json"))) as Manifest;

/** Source files below a folder of the repository, whatever is installed or built left out. */
function sourceFiles(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  const left = new Set(["node_modules", "dist", "coverage"]);
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return left.has(entry.name) ? [] : sourceFiles(path);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
  });
}

/** The packages a file imports, without subpaths; Node's own modules all as "node:". */
function importedPackages(path: string): string[] {
  const names = ts.preProcessFile(read(path), true, true).importedFiles.map(({ fileName }) => fileName);
  return names
    .filter((name) => !name.startsWith("."))
    .map((name) => {
      if (name.startsWith("node:") || builtinModules.includes(name)) return "node:";
      return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
    });
}

function undeclaredImports(files: string[], declared: Iterable<string>): string[] {
  const known = new Set(declared);
  return files.flatMap((path) => {
    const undeclared = importedPackages(path).filter((name) => !known.has(name));
    return undeclared.map((name) => `${path} imports ${name}`);
  });
}

const packageFolders = readdirSync(join(ROOT, "packages")).map((name) => join("packages", name));
const workspaces = [...packageFolders, "bench"].map((folder) => ({ folder, manifest: readManifest(folder) }));
const rootManifest = readManifest(".");

function runtimeDependencies({ name, dependencies, optionalDependencies }: Manifest): string[] {
  return ["node:", name, ...Object.keys({ ...dependencies, ...optionalDependencies })];
}

describe.each(workspaces)("$manifest.name", ({ folder, manifest }) => {
  it("has a README, a description and a licence", () => {
    expect(existsSync(join(ROOT, folder, "README.md"))).toBe(true);
    expect(manifest.description).toMatch(/\w/);
    expect(manifest.license).toBe("MIT");
  });

  it("declares what it imports", () => {
    const isBundled = manifest.scripts?.build?.startsWith("vite"); // what it imports goes into its files
    const shipped = ["src", "bin"].flatMap((part) => (isBundled ? [] : sourceFiles(join(folder, part))));
    const others = sourceFiles(folder).filter((path) => !shipped.includes(path));
    const runtime = runtimeDependencies(manifest);
    const development = { ...manifest.devDependencies, ...rootManifest.devDependencies };
    expect(undeclaredImports(shipped, runtime)).toEqual([]);
    expect(undeclaredImports(others, [...runtime, ...Object.keys(development)])).toEqual([]);
  });
});

it.each(packageFolders)("%s says how to install and use it, and what it exports", (folder) => {
  const headings = Array.from(read(join(folder, "README.md")).matchAll(/^## (.+)$/gm), ([, text]) => text);
  expect(headings).toEqual(expect.arrayContaining(["Install", "Use", "API"]));
});

it.each(packageFolders)("%s ships the licence: npm takes it from that folder alone", (folder) => {
  expect(read(join(folder, "LICENSE"))).toBe(read("LICENSE"));
});

it("declares what the tests, scripts and examples of the root import", () => {
  const files = ["test", "scripts", "examples", "."].flatMap((folder) =>
    folder === "." ? readdirSync(ROOT).filter((name) => /\.[cm]?[jt]s$/.test(name)) : sourceFiles(folder),
  );
  const names = workspaces.map(({ manifest }) => manifest.name);
  const declared = Object.keys(rootManifest.devDependencies ?? {});
  expect(undeclaredImports(files, ["node:", ...names, ...declared])).toEqual([]);
});

describe.each(Object.entries(PURE))("%s is pure", (name, allowed) => {
  const folder = join("packages", name);
  it("imports nothing but what it may", () => {
    expect(undeclaredImports(sourceFiles(join(folder, "src")), allowed)).toEqual([]);
  });

  it("declares no more either", () => {
    expect(Object.keys(readManifest(folder).dependencies ?? {})).toEqual(allowed);
  });
});

it(`has no source file over ${MAX_LINES} lines`, () => {
  const lengths = sourceFiles(".").map((path) => ({ path, lines: read(path).trimEnd().split("\n").length }));
  expect(lengths.length).toBeGreaterThan(0);
  expect(lengths.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
});

/** The string literal types of a file: in an errors.ts these are the codes of its error class. */
function literalTypes(path: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) found.push(node.literal.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022));
  return found;
}

describe("error codes", () => {
  const files = packageFolders.map((folder) => join(folder, "src", "errors.ts"));
  const present = files.filter((path) => existsSync(join(ROOT, path)));

  it("live in errors.ts, next to their class", () => {
    const definesCode = (path: string) => {
      const text = read(path);
      return /\bclass \w+ extends \w*Error\b/.test(text) && /\breadonly code\b/.test(text);
    };
    const sources = packageFolders.flatMap((folder) => sourceFiles(join(folder, "src")));
    expect(sources.filter(definesCode).sort()).toEqual(present.sort());
  });

  it.each(present)("of %s stand in docs/errors.md", (path) => {
    const codes = literalTypes(path);
    const documentation = read("docs/errors.md");
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !documentation.includes(`\`${code}\``))).toEqual([]);
  });
});

describe("package-lock.json", () => {
  interface Locked {
    resolved?: string;
    optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };

  it("holds no address that a package was downloaded from", () => {
    const resolved = Object.values(packages).flatMap((entry) => entry.resolved ?? []);
    expect(resolved.filter((address) => address.includes(":"))).toEqual([]);
  });

  it("holds other platforms' binaries (if not: scripts/lock-other-platforms.mjs)", () => {
    const locked = new Set(
      Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)),
    );
    const optional = Object.values(packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    expect(optional.filter((name) => !locked.has(name))).toEqual([]);
  });
});
