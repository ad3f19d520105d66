/** An empty folder into which the packages are installed as anyone would: packed, by npm, without install scripts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { packPackages } from "../../scripts/packages.mjs";

const ROOT = join(import.meta.dirname, "..", "..");

interface Locked {
  readonly link?: boolean;
}

/**
 * The lock file's foreign packages. npm takes of them what the tarballs ask for, in these versions, and out of its cache,
 * which `npm ci` has filled: no question to a registry. What a package forgets to ask for is not installed.
 */
function lockedStrangers(): Record<string, Locked> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const entries = Object.entries(packages);
  return Object.fromEntries(
    entries.filter(([path, { link }]) => path.startsWith("node_modules/") && link !== true),
  );
}

/** Nothing of npm's, vitest's or this repository's that would change what the programs do. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH = "", HOME, TMPDIR } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { PATH: folders.join(delimiter), HOME, TMPDIR, NO_COLOR: "1" };
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export class EmptyFolder {
  readonly path = mkdtempSync(join(tmpdir(), "audio-packed-"));
  readonly #env = plainEnvironment();

  /** Packs every package and installs the tarballs. */
  async install(): Promise<void> {
    const packed = join(this.path, "packed");
    mkdirSync(packed);
    const tarballs = packPackages(ROOT, packed);
    writeFileSync(this.file("package.json"), JSON.stringify({ name: "empty", private: true }));
    const lock = {
      name: "empty",
      lockfileVersion: 3,
      packages: { "": { name: "empty" }, ...lockedStrangers() },
    };
    writeFileSync(this.file("package-lock.json"), JSON.stringify(lock));
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--silent"];
    const outcome = await this.run("npm", ["install", "--ignore-scripts", ...quiet, ...tarballs]);
    if (outcome.code !== 0) throw new Error(`npm install: ${JSON.stringify(outcome)}`);
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  start(command: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const options = { cwd: this.path, env: { ...this.#env, ...env } };
    return spawn(command, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Runs a command to its end. */
  async run(command: string, words: readonly string[]): Promise<Ended> {
    return ended(this.start(command, words));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What a program printed, and how it ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const output = textOf(child.stdout!);
  const errors = textOf(child.stderr!);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: await output, errors: await errors };
}
