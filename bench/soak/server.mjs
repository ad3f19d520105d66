import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { residentMemory } from "../harness/usage.mjs";

/** @typedef {{ ws: string, tcp: string, udp: string }} Addresses */
/** @typedef {{ p50: number, p99: number, max: number }} LoopDelay milliseconds */

const RECEIVER = fileURLToPath(new URL("../../packages/receiver/bin/audio-receiver.js", import.meta.url));
const PROBE = fileURLToPath(new URL("../harness/event-loop-delay.mjs", import.meta.url));
/** Nothing more is opened after so long without a change. */
const SETTLED_MS = 2000;
const START_MS = 60_000;
const STOP_MS = 30_000;

/** The receiver under soak: its command, restarted on the same ports and data directory when it was killed. */
export class Server {
  #child;
  #delayFile;

  /**
   * @param {string} directory
   * @param {import("node:child_process").ChildProcess} child
   * @param {Addresses} addresses
   * @param {string} delayFile
   */
  constructor(directory, child, addresses, delayFile) {
    this.directory = directory;
    this.dataDir = path.join(directory, "data");
    this.addresses = addresses;
    this.#child = child;
    this.#delayFile = delayFile;
  }

  /**
   * @param {string} directory its working directory; `data` in it is the data directory
   * @param {Addresses} [before] to listen where the one before did
   */
  static async start(directory, before) {
    const readyFile = path.join(directory, "ready.json");
    const delayFile = path.join(directory, "event-loop-delay.json");
    rmSync(readyFile, { force: true });
    const port = (/** @type {string | undefined} */ address) =>
      /:(\d+)(?:\/|$)/.exec(address ?? ":0")?.[1] ?? "0";
    const flags = [
      ...[
        "--host",
        "127.0.0.1",
        "--ws-port",
        port(before?.ws.slice("ws:".length)),
        "--tcp-port",
        port(before?.tcp),
        "--udp-port",
        port(before?.udp),
      ],
      ...["--no-web", "--min-free-mb", "0", "--log-format", "json", "--ready-file", readyFile],
      ...["--ws-segment-seconds", "3", "--tcp-segment-seconds", "3", "--tcp-idle-seconds", "5"],
      ...["--path-pcm", "audio/{device}/{date}_{HH}{mm}{ss}"],
    ];
    const log = openSync(path.join(directory, "log"), "a");
    const child = spawn(process.execPath, ["--import", PROBE, RECEIVER, "serve", ...flags], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, EVENT_LOOP_DELAY_FILE: delayFile },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    for (const end = Date.now() + START_MS; !existsSync(readyFile); await sleep(20)) {
      if (child.exitCode !== null || Date.now() > end)
        throw new Error(`the receiver did not start: see ${directory}/log`);
    }
    const { ws, tcp, udp } = JSON.parse(readFileSync(readyFile, "utf8"));
    return new Server(directory, child, { ws, tcp, udp }, delayFile);
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid);
  }

  /** Whether the process is there. */
  get running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it holds at the moment; undefined when it is being killed. */
  usage() {
    if (!this.running) return undefined;
    const { now: memory } = residentMemory(this.pid);
    if (Number.isNaN(memory)) return undefined; // a process that ends has none any more
    return { memory, handles: readdirSync(`/proc/${this.pid}/fd`).length };
  }

  /** What it holds once everything it starts with is there: its ports are open before the keeper's thread and catalogue are. */
  async settled() {
    let usage = this.usage();
    for (let since = Date.now(), end = since + START_MS; Date.now() < end; await sleep(100)) {
      const now = this.usage();
      if (now?.handles !== usage?.handles) since = Date.now();
      usage = now;
      if (Date.now() - since > SETTLED_MS && existsSync(path.join(this.dataDir, "catalogue.db"))) break;
    }
    return usage;
  }

  /**
   * The event loop's delay since the last call; undefined if it does not answer in time.
   * @returns {Promise<LoopDelay | undefined>}
   */
  async loopDelay() {
    rmSync(this.#delayFile, { force: true });
    this.#child.kill("SIGUSR2");
    for (const end = Date.now() + 5000; Date.now() < end; await sleep(10)) {
      if (existsSync(this.#delayFile)) return JSON.parse(readFileSync(this.#delayFile, "utf8"));
    }
    return undefined;
  }

  /** `kill -9` */
  async kill() {
    this.#child.kill("SIGKILL");
    if (this.running) await once(this.#child, "exit");
  }

  /** Stops it as an administrator would; the exit code. */
  async stop() {
    const exited = once(this.#child, "exit");
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    this.#child.kill("SIGTERM");
    const [code] = await exited;
    clearTimeout(patience);
    return code;
  }

  /** Lines of its log that no receiver should ever write. */
  complaints() {
    const lines = readFileSync(path.join(this.directory, "log"), "utf8").split("\n");
    return lines.filter(
      (line) => /internal error|^\s+at |Error:|Warning:/.test(line) || (line !== "" && !line.startsWith("{")),
    );
  }
}
