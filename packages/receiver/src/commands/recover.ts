import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { lockDataDir, type RecoveredFile, recoverDataDir } from "@audio/archive";
import type { Command } from "commander";
import { valuesOf } from "../config/load.js";
import { ReceiverError } from "../errors.js";
import { addSettingOptions, effectiveConfig } from "./setting-options.js";

const ABOUT = "finish the .part files that a crash left behind (serve does this at every start)";

export function addRecoverCommand(program: Command): void {
  const command = program.command("recover [dir]").description(ABOUT);
  addSettingOptions(command);
  command.option("--json", "one object per file, and a summary, as JSON");
  command.action(async (dir: string | undefined) => {
    const dataDir = resolve(dir ?? valuesOf(effectiveConfig(command)).dataDir);
    const files = await recoverAll(dataDir);
    process.stdout.write(
      command.opts().json ? `${JSON.stringify({ dataDir, files }, null, 2)}\n` : report(dataDir, files),
    );
    if (files.some(({ outcome }) => outcome === "quarantined" || outcome === "left")) process.exitCode = 1;
  });
}

async function recoverAll(dataDir: string): Promise<RecoveredFile[]> {
  if (!existsSync(dataDir))
    throw new ReceiverError("invalid-setting", `data directory ${dataDir} does not exist`);
  const unlock = await lockDataDir(dataDir);
  try {
    const files: RecoveredFile[] = [];
    await recoverDataDir(dataDir, (file) => files.push(file));
    return files;
  } finally {
    await unlock();
  }
}

function report(dataDir: string, files: readonly RecoveredFile[]): string {
  if (files.length === 0) return `nothing to recover in ${dataDir}\n`;
  return files.map((file) => `${line(file)}\n`).join("");
}

function line({ outcome, part, path, bytes, cutBytes, reason }: RecoveredFile): string {
  if (outcome === "recovered") return `recovered    ${path} (${bytes} bytes, ${cutBytes} torn bytes cut off)`;
  if (outcome === "empty") return `empty        ${part} (held no audio, removed)`;
  if (outcome === "left") return `left         ${part} (could not be finished: ${reason})`;
  return `quarantined  ${part} → ${path}: ${reason}`;
}
