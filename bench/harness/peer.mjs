import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds, residentMemory } from "./usage.mjs";

const START_SECONDS = 20;
const STOP_SECONDS = 30;

/**
 * Anything that can stand where the receiver stands.
 * @typedef {object} Peer
 * @property {string} name
 * @property {(place: Place) => readonly string[]} command
 * @property {string} [missing] why this machine cannot run it
 * @property {Record<string, string>} [env]
 * @property {Record<string, number | boolean>} [load] options of the load, for this peer only
 */

/**
 * Where one run of a peer keeps its things.
 * @typedef {{ directory: string, dataDir: string, readyFile: string }} Place
 */

/** A peer's process, listening. */
export class RunningPeer {
  #child;
  #place;
  /** @type {Promise<Record<string, number>> | undefined} */
  #stopped;

  /**
   * @param {import("node:child_process").ChildProcess} child
   * @param {Place} place
   * @param {{ ws?: string | null, tcp?: string | null }} addresses
   */
  constructor(child, place, addresses) {
    this.#child = child;
    this.#place = place;
    this.directory = place.directory;
    this.ws = addresses.ws ?? "";
    this.tcp = `tcp://${addresses.tcp}`;
    this.pid = /** @type {number} */ (child.pid);
    this.idleMemory = residentMemory(this.pid).now;
  }

  /** Waits until the peer has nothing left to do (writing, renaming), at most 10 s. */
  async settle() {
    const CALM_SECONDS = 0.01;
    for (let tries = 0, before = cpuSeconds(this.pid); tries < 40; tries++) {
      await sleep(250);
      const now = cpuSeconds(this.pid);
      if (now - before < CALM_SECONDS) return;
      before = now;
    }
  }

  /** Ends the process and removes what it wrote; tells how many bytes its recordings had, by suffix. */
  stop() {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop() {
    await endProcess(this.#child);
    const bytes = recordedBytes(this.#place.dataDir);
    rmSync(this.#place.directory, { recursive: true, force: true });
    return bytes;
  }
}

/**
 * Starts a peer in a fresh folder under `base` and waits until it listens.
 * @param {Peer} peer
 * @param {string} base
 */
export async function startPeer(peer, base) {
  const directory = path.join(base, peer.name.replaceAll(/\W+/g, "-"));
  const place = {
    directory,
    dataDir: path.join(directory, "recordings"),
    readyFile: path.join(directory, "ready.json"),
  };
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(place.dataDir, { recursive: true });
  const [program, ...args] = peer.command(place);
  const log = openSync(path.join(directory, "log"), "w");
  // Nothing of the caller's environment but this: the receiver takes settings from variables and from files
  // in the working directory.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...peer.env };
  const child = spawn(program, args, { cwd: directory, env, stdio: ["ignore", log, log] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  await waitForFile(child, place, peer.name);
  return new RunningPeer(child, place, JSON.parse(readFileSync(place.readyFile, "utf8")));
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {Place} place
 * @param {string} name
 */
async function waitForFile(child, place, name) {
  let failure = "";
  child.once("error", (error) => (failure = error.message));
  child.once("exit", (code, signal) => (failure = `it ended with ${signal ?? code}`));
  for (const end = Date.now() + START_SECONDS * 1000; !existsSync(place.readyFile); await sleep(20)) {
    if (Date.now() > end) failure = `not listening after ${START_SECONDS} s`;
    if (!failure) continue;
    await endProcess(child);
    const log = readFileSync(path.join(place.directory, "log"), "utf8").trim().slice(-1000);
    throw new Error(`${name} did not start: ${failure}\n${log}`);
  }
}

/** @param {import("node:child_process").ChildProcess} child */
async function endProcess(child) {
  const ended = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (!ended()) child.kill("SIGTERM");
  for (const end = Date.now() + STOP_SECONDS * 1000; !ended(); await sleep(20)) {
    if (Date.now() > end) child.kill("SIGKILL");
  }
}

/**
 * Bytes of all files under `directory`, by suffix: { ".bin": …, ".wav": … }.
 * @param {string} directory
 */
function recordedBytes(directory) {
  /** @type {Record<string, number>} */
  const bytes = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const file = statSync(path.join(directory, name));
    if (file.isFile()) bytes[path.extname(name)] = (bytes[path.extname(name)] ?? 0) + file.size;
  }
  return bytes;
}
