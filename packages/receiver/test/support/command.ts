import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until, within } from "./waiting.js";

/** The program, as it is started. */
export const RECEIVER = fileURLToPath(new URL("../../bin/audio-receiver.js", import.meta.url));
const STREAMER = fileURLToPath(new URL("../../../streamer/bin/audio-stream.js", import.meta.url));
// A start loads the whole program; on a machine that is busy with other tests that takes its time.
const LONGEST_START_MS = 30_000;

export interface Outcome {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Working folder; settings files are looked for there. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input; nothing otherwise. */
  readonly input?: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

// No variable of whoever runs the tests may change a setting.
function start(program: string, words: readonly string[], { cwd, env, input }: CommandOptions): Started {
  if (!existsSync(join(program, "../../dist/cli.js")))
    throw new Error(`${program} is not built: npm run build`);
  const { PATH, HOME, TMPDIR = "/tmp" } = process.env;
  const child = spawn(process.execPath, [program, ...words], { cwd, env: { PATH, HOME, TMPDIR, ...env } });
  child.stdin.end(input);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const outcome = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, outcome };
}

/** Runs `audio-receiver` to its end. */
export function audioReceiver(words: readonly string[], options: CommandOptions): Promise<Outcome> {
  return start(RECEIVER, words, options).outcome;
}

/** Runs `audio-receiver`, to be watched or ended by its caller. */
export function startCommand(words: readonly string[], options: CommandOptions): Started {
  return start(RECEIVER, words, options);
}

/** Runs `audio-stream` to its end. */
export function audioStream(words: readonly string[], options: CommandOptions): Promise<Outcome> {
  return start(STREAMER, words, options).outcome;
}

/** What `--ready-file` says. */
export interface Ready {
  readonly pid: number;
  readonly ws: string | null;
  readonly tcp: string | null;
  readonly udp: string | null;
  readonly web: string | null;
}

export interface ServerOptions extends CommandOptions {
  /** Default `serve`. */
  readonly command?: string;
  readonly flags?: readonly string[];
}

/** A receiver as a process of its own, on free ports. Ends with its scope, by force if need be. */
export class ServerProcess implements AsyncDisposable {
  private constructor(
    readonly ready: Ready,
    readonly child: ChildProcess,
    readonly outcome: Promise<Outcome>,
  ) {}

  /** Starts it, and waits for the ready file. `cwd/data` is its data directory unless `flags` say otherwise. */
  static async start({ command = "serve", flags = [], ...options }: ServerOptions): Promise<ServerProcess> {
    const readyFile = join(options.cwd, `ready-${process.hrtime.bigint()}.json`);
    const ports = ["--ws-port", "0", "--tcp-port", "0", "--web-port", "0", "--host", "127.0.0.1"];
    const common = [...ports, "--min-free-mb", "0", "--log-format", "json", "--ready-file", readyFile];
    const { child, outcome } = start(RECEIVER, [command, ...common, ...flags], options);
    let ended: Outcome | undefined;
    void outcome.then((result) => {
      ended = result;
    });
    const there = () => existsSync(readyFile) || ended !== undefined;
    await until("the ready file", there, LONGEST_START_MS);
    if (ended !== undefined) throw new Error(`no start: exit ${ended.code}: ${ended.stderr}${ended.stdout}`);
    return new ServerProcess(JSON.parse(await readFile(readyFile, "utf8")) as Ready, child, outcome);
  }

  /** Signals it and waits for its end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Outcome> {
    this.child.kill(signal);
    return within(15_000, `end after ${signal}`, this.outcome);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.outcome;
  }
}

/** Log lines, as objects. */
export function logLines(stdout: string): Record<string, unknown>[] {
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
