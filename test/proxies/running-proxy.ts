import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until, within } from "../../packages/receiver/test/support/waiting.js";

// Debian's proxies lie where only root's PATH looks.
const PATH = `${process.env.PATH}:/usr/sbin`;
// Debian's nobody: a proxy that is started by root would change its user by itself, or keep it.
const NOBODY = 65_534;
// Below those that the kernel gives away by itself.
const PORTS = { first: 20_000, count: 10_000 };
const MOST_ATTEMPTS = 5;

/** What a proxy is started with; its files are in `folder`, which is its own. */
export interface ProxyCommand {
  readonly command: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It takes connections here when it is ready. */
  readonly port: number;
}

/** A proxy as a process of its own, without rights. Ends with its scope. */
export class RunningProxy implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    private readonly child: ChildProcess,
    private readonly said: () => string,
  ) {}

  /**
   * @param write writes the configuration into a folder, and says how to start with it
   * @param portCount free ports that it needs; one that is taken meanwhile costs a second attempt
   */
  static async start(
    portCount: number,
    write: (folder: string, ports: readonly number[]) => ProxyCommand,
  ): Promise<RunningProxy> {
    for (let attempt = 1; ; attempt++) {
      const folder = mkdtempSync(join(tmpdir(), "audio-proxy-"));
      const { port, ...command } = write(folder, somePorts(portCount));
      const proxy = RunningProxy.#spawn(folder, command);
      await until("the proxy", async () => proxy.#hasEnded || (await takesConnections(port)));
      if (!proxy.#hasEnded) return proxy;
      const said = proxy.said();
      await proxy[Symbol.asyncDispose]();
      if (!/in use/i.test(said) || attempt === MOST_ATTEMPTS)
        throw new Error(`${command.command} does not start: ${said}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await within(15_000, "end of the proxy", ended);
    }
    rmSync(this.folder, { recursive: true });
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  static #spawn(folder: string, { command, words, env }: Omit<ProxyCommand, "port">): RunningProxy {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) for (const path of allBelow(folder)) chownSync(path, NOBODY, NOBODY);
    const child = spawn(command, words, {
      cwd: folder,
      env: { PATH, HOME: folder, TMPDIR: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    return new RunningProxy(folder, child, () => said);
  }
}

function allBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return [folder, ...entries.map((entry) => join(folder, entry))];
}

function somePorts(count: number): number[] {
  const first = PORTS.first + Math.floor(Math.random() * (PORTS.count - count));
  return Array.from({ length: count }, (_, i) => first + i);
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}
