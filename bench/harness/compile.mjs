import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const NATIVE_DIR = fileURLToPath(new URL("../native/", import.meta.url));

/**
 * Compiles native/<name>.c with the system's C compiler (`CC`, else `cc`) at -O2.
 * @param {string} name
 * @param {string} outputDir
 * @returns {string | undefined} the program's path; undefined when this machine has no C compiler
 */
export function compileNative(name, outputDir) {
  const program = path.join(outputDir, name);
  const source = path.join(NATIVE_DIR, `${name}.c`);
  const compiler = process.env.CC || "cc";
  const { error, status, stderr } = spawnSync(compiler, ["-O2", "-Wall", "-o", program, source], {
    encoding: "utf8",
  });
  if (error) return undefined;
  if (status !== 0) throw new Error(`${compiler} cannot compile ${source}:\n${stderr}`);
  return program;
}
