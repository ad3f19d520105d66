import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nextLife } from "./lives.mjs";
import { Server } from "./server.mjs";
import { verify } from "./verify.mjs";

/** @typedef {import("./lives.mjs").Life} Life */

/**
 * @typedef {object} SoakOptions
 * @property {string} directory of its own
 * @property {number} seconds for which new streams begin
 * @property {number} streams at once
 * @property {number} longestSeconds of one stream
 * @property {number} killEverySeconds `kill -9` of the receiver; 0 = never
 */

/** What one second looked like. @typedef {{ atMs: number, memory: number, handles: number, streams: number }} Sample */
/** @typedef {import("./server.mjs").LoopDelay & { atMs: number }} Delay */
/** @typedef {{ lives: number, seconds: number, bytes: number, silentBytes: number, faults: number }} Tally */

const SAMPLE_MS = 1000;
const DELAY_EVERY_SAMPLES = 5;
const SETTLE_MS = 5000;
const HANDLES_WITHIN_MS = 20_000;
const REFUSED_PAUSE_MS = 200;

/** Many devices that come and go, each held against its recording, and a receiver that is watched and killed. */
export class Soak {
  #options;
  #server;
  #idle;
  #startMs = performance.now();
  #nextId = 1;
  #random = generator(1);
  #over = false;
  /** Whether the receiver is being killed and started again. */
  #away = false;
  /** @type {Set<Life>} */
  #unverified = new Set();
  /**
   * Of whom nothing was there, and nothing had to be: a busy receiver, or one that was killed, may come to it later.
   * @type {Life[]}
   */
  #unheard = [];
  /** @type {Set<Life>} */
  #live = new Set();
  /** @type {Set<Promise<void>>} */
  #settling = new Set();
  /** @type {Sample[]} */
  samples = [];
  /** @type {Delay[]} */
  delays = [];
  /** @type {Map<string, Tally>} */
  tallies = new Map();
  /** @type {string[]} */
  faults = [];
  kills = 0;
  refused = 0;

  /**
   * @param {SoakOptions} options
   * @param {Server} server
   * @param {ReturnType<Server["usage"]>} idle what the server holds before anybody sends
   */
  constructor(options, server, idle) {
    this.#options = options;
    this.#server = server;
    this.#idle = idle;
  }

  /** @param {SoakOptions} options */
  static async run(options) {
    const server = await Server.start(options.directory);
    const soak = new Soak(options, server, await server.settled());
    const watching = soak.#watch();
    const killing = soak.#killNowAndThen();
    await Promise.all(Array.from({ length: options.streams }, () => soak.#slot()));
    await Promise.all(soak.#settling);
    soak.#over = true;
    await Promise.all([watching, killing]);
    await soak.#finish();
    return soak;
  }

  get idle() {
    return this.#idle;
  }

  #secondsSince() {
    return (performance.now() - this.#startMs) / 1000;
  }

  // One device after the other.
  async #slot() {
    while (this.#secondsSince() < this.#options.seconds) {
      const life = nextLife(this.#nextId++, this.#options.longestSeconds, this.#random);
      // Only a device on UDP does not notice by itself that nobody is there.
      while (this.#away && life.format.transport === "udp") await sleep(REFUSED_PAUSE_MS);
      this.#unverified.add(life);
      this.#live.add(life);
      try {
        await life.run(this.#server.addresses);
      } catch (error) {
        this.refused++; // the receiver is being restarted; anything else shows as missing audio
        this.lastRefusal = /** @type {Error} */ (error).message;
        await sleep(REFUSED_PAUSE_MS);
      }
      this.#live.delete(life);
      const settling = this.#settle(life);
      this.#settling.add(settling);
      void settling.then(() => this.#settling.delete(settling));
    }
  }

  // A connection may be gone some time before the receiver has read and written all of it.
  /** @param {Life} life */
  async #settle(life) {
    await sleep(SETTLE_MS);
    const outcome = await verify(this.#server.dataDir, life);
    if (outcome.bytes === 0 && outcome.fault === undefined) this.#unheard.push(life);
    else this.#judge(life, outcome);
    this.#unverified.delete(life);
  }

  /**
   * @param {Life} life
   * @param {Awaited<ReturnType<typeof verify>>} outcome
   */
  #judge(life, { bytes, fault }) {
    const tally = this.tallies.get(life.kind) ?? {
      lives: 0,
      seconds: 0,
      bytes: 0,
      silentBytes: 0,
      faults: 0,
    };
    this.tallies.set(life.kind, tally);
    const { channels, sampleRate } = life.format;
    tally.lives++;
    tally.bytes += bytes;
    tally.silentBytes += life.silentBytes;
    tally.seconds += bytes / (2 * channels * sampleRate);
    if (fault === undefined) return;
    tally.faults++;
    this.faults.push(`stream ${life.id} (${life.kind}, ${life.ending}, ${life.place.folder}): ${fault}`);
  }

  async #watch() {
    for (let n = 1; !this.#over; n++) {
      await sleep(SAMPLE_MS);
      const server = this.#server;
      const atMs = performance.now() - this.#startMs;
      const usage = server.usage();
      if (usage === undefined) continue;
      this.samples.push({ atMs, streams: this.#live.size, ...usage });
      if (n % DELAY_EVERY_SAMPLES !== 0) continue;
      const delay = await server.loopDelay();
      if (delay !== undefined) this.delays.push({ atMs, ...delay });
    }
  }

  async #killNowAndThen() {
    const { killEverySeconds, seconds, directory } = this.#options;
    if (killEverySeconds === 0) return;
    for (let at = killEverySeconds; at < seconds; at += killEverySeconds) {
      while (this.#secondsSince() < at && !this.#over) await sleep(50);
      if (this.#over) return;
      const { addresses } = this.#server;
      const killedMs = performance.now();
      const tellAll = () => {
        for (const life of this.#unverified) life.receiverKilled(killedMs);
      };
      this.#away = true;
      tellAll();
      await this.#server.kill();
      tellAll(); // some may have come in the meantime
      this.#server = await Server.start(directory, addresses);
      this.#away = false;
      this.kills++;
    }
  }

  async #finish() {
    const server = this.#server;
    const baseline = () => (server.usage()?.handles ?? 0) <= (this.#idle?.handles ?? 0);
    for (const end = Date.now() + HANDLES_WITHIN_MS; !baseline() && Date.now() < end; ) await sleep(200);
    this.atRest = server.usage();
    this.exitCode = await server.stop();
    for (const life of this.#unheard) this.#judge(life, await verify(server.dataDir, life));
    const left = leftovers(server.dataDir);
    if (left.length > 0) this.faults.push(`files that nobody sent: ${left.slice(0, 5).join(" ")}`);
    this.faults.push(
      ...server
        .complaints()
        .slice(0, 5)
        .map((line) => `in the log: ${line}`),
    );
  }
}

/**
 * Recordings and quarantined files that no device claimed.
 * @param {string} dataDir
 */
function leftovers(dataDir) {
  const folders = ["audio", "received", "quarantine"].filter((name) => existsSync(path.join(dataDir, name)));
  return folders.flatMap((folder) =>
    readdirSync(path.join(dataDir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
}

/** @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
