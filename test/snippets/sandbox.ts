/** Where one document's blocks run: a temporary folder, ports of its own, programs left in the background. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { transform } from "esbuild";
import { type Block, ROOT } from "./blocks.js";

/** The ports that documents write, and the variable that moves the receiver's default (none for UDP: it is off). */
const PORTS = { "5096": "WS_PORT", "9000": "TCP_PORT", "9001": "", "8080": "WEB_UI_PORT" };
const RUN_LIMIT_MS = 45_000;
const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 12_000; // the receiver promises to stop within 10 s of SIGTERM

interface Program {
  child: ChildProcess;
  where: string;
  output: string;
}

type Ports = ReadonlyMap<string, number>;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function movePorts(text: string, ports: Ports): string {
  const moved = text.replace(/\b(5096|9000|9001|8080)\b/g, (port) => String(ports.get(port)));
  // audio-stream goes to port 5096 by itself: tell it the moved one, unless the command names a target
  const commands = /\bnpx audio-stream\b(?!(?:\\\n|.)*--(?:url|tcp)\b)/g;
  return moved.replace(commands, `$& --url ws://127.0.0.1:${ports.get("5096")}/ws`);
}

// npm takes longer to find a program (0.3 s of a core) than most of ours to do their work, hundreds of times.
const SHORTER_NPX = `#!/bin/sh
program="node_modules/.bin/$1"
[ -x "$program" ] || exec "$NPX" "$@"
shift
exec "$program" "$@"
`;

/** A reader's environment: nothing of npm's or vitest's that would change what the programs do. */
function readersEnvironment(ports: Ports): NodeJS.ProcessEnv {
  const ours = /^(npm_|VITEST|NODE_|TEST$|DEV$|PROD$|MODE$)/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const moved = Object.entries(PORTS).map(([port, name]) => [name, String(ports.get(port))]);
  return {
    NO_COLOR: "1",
    HOST: "127.0.0.1",
    ...Object.fromEntries([...kept, ...moved.filter(([name]) => name)]),
  };
}

/** True when the program has ended, within the limit. */
async function ended({ child }: Program, limitMs: number): Promise<boolean> {
  const exited = () => child.exitCode !== null || child.signalCode !== null;
  for (const limit = performance.now() + limitMs; !exited() && performance.now() < limit; ) await sleep(20);
  return exited();
}

/** Signals a program and whatever it started: each has a process group of its own. */
function signalGroup({ child }: Program, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-child.pid!, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // ESRCH: nothing of the group is left
  }
}

function failure({ child, where, output }: Program, what: string): Error {
  return new Error(`${where} ${what} (exit ${child.exitCode ?? child.signalCode})\n${output}`);
}

export class Sandbox {
  readonly #folder = mkdtempSync(join(tmpdir(), "audio-snippets-"));
  readonly #background: Program[] = [];
  readonly #ports: Ports;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(ports: Ports, throughNpm: boolean) {
    this.#env = readersEnvironment(ports);
    this.#ports = ports;
    if (!throughNpm) this.#shortenNpx();
    for (const name of ["node_modules", "examples", "scripts"]) {
      symlinkSync(join(ROOT, name), join(this.#folder, name));
    }
  }

  /** @param throughNpm `npx` is npm's own, and not a shorter one that runs the same programs */
  static async open({ throughNpm }: { readonly throughNpm: boolean }): Promise<Sandbox> {
    const ports = Object.keys(PORTS).map(async (port) => [port, await freePort()] as const);
    return new Sandbox(new Map(await Promise.all(ports)), throughNpm);
  }

  /** Runs a block to its end, or until it is ready in the background; rejects with all that it printed. */
  async run(block: Block): Promise<void> {
    const program = this.#spawn(await this.#commandFor(block), `line ${block.line}`);
    if (block.mode.kind === "background") return this.#awaitReady(program, block.mode.ready);
    const finished = await ended(program, RUN_LIMIT_MS);
    signalGroup(program, "SIGKILL");
    if (!finished) throw failure(program, `still ran after ${RUN_LIMIT_MS / 1000} s`);
    if (program.child.exitCode !== 0) throw failure(program, "failed");
  }

  /** Ends what is still running, the last first; rejects if one of them had failed or does not stop. */
  async close(): Promise<void> {
    const failures: Error[] = [];
    for (const program of this.#background.reverse()) {
      if (program.child.exitCode) failures.push(failure(program, "failed in the background"));
      signalGroup(program, "SIGTERM");
      if (!(await ended(program, STOP_LIMIT_MS))) failures.push(failure(program, "did not stop"));
      signalGroup(program, "SIGKILL");
    }
    rmSync(this.#folder, { recursive: true, force: true });
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n"));
  }

  async #awaitReady(program: Program, ready: string): Promise<void> {
    this.#background.push(program);
    const limit = performance.now() + READY_LIMIT_MS;
    while (!program.output.includes(ready)) {
      if (await ended(program, 20)) throw failure(program, "ended instead of staying in the background");
      if (performance.now() > limit) throw failure(program, `did not print "${ready}"`);
    }
  }

  #spawn([command, ...args]: string[], where: string): Program {
    const child = spawn(command, args, {
      cwd: this.#folder,
      env: this.#env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const program: Program = { child, where, output: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        program.output += text;
      });
    }
    return program;
  }

  #shortenNpx(): void {
    const folder = join(this.#folder, ".npx");
    mkdirSync(folder);
    writeFileSync(join(folder, "npx"), SHORTER_NPX, { mode: 0o755 });
    const there = (this.#env.PATH ?? "").split(delimiter).map((path) => join(path, "npx"));
    this.#env.NPX = there.find((path) => existsSync(path)) ?? "npx";
    this.#env.PATH = [folder, this.#env.PATH].join(delimiter);
  }

  async #commandFor({ language, line, text }: Block): Promise<string[]> {
    const moved = movePorts(text, this.#ports);
    if (language === "sh") return ["bash", "-exo", "pipefail", "-c", moved];
    const { code } = await transform(moved, { loader: language, format: "esm", target: "node20" });
    const file = join(this.#folder, `line-${line}.mjs`);
    writeFileSync(file, code);
    return [process.execPath, file];
  }
}
