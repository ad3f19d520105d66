import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SHIM = fileURLToPath(new URL("../../bin/audio-stream.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Starts the built `audio-stream` as a process of its own, as a shell would. */
export function startCommand(words: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningCommand {
  const child = spawn(process.execPath, [SHIM, ...words], { env: { ...process.env, ...environment } });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const outcome = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, outcome };
}

/** Runs the built `audio-stream` to its end. */
export async function runCommand(words: readonly string[], input?: Uint8Array): Promise<Outcome> {
  const { child, outcome } = startCommand(words);
  child.stdin?.on("error", () => child.stdin?.destroy());
  child.stdin?.end(input);
  return outcome;
}
