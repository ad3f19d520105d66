/** Moments in which a receiver is to die. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { HostileProxy, Seen } from "../../../upload/test/support/hostile-proxy.js";
import type { PipelineScene } from "./pipeline-scene.js";
import { pause } from "./waiting.js";

/** What a proxy before the store has to tell: set for the moment that waits. */
export interface StoreTap {
  onRequest: ((seen: Seen, proxy: HostileProxy) => void) | undefined;
}

export type Moment =
  | "at any time"
  | "ffmpeg runs"
  | "FLAC and WAV are there"
  | "an upload begins"
  | "an upload is verified"
  | "the local file is about to go"
  | "the catalogue is written"
  | "the search begins";

// A moment that does not come by then is none: the kill comes anyway.
const LONGEST_MS = 5000;
const LOOK_MS = 1;

type Look = () => boolean;

/**
 * Resolves when the moment has come, or will not come any more.
 * @param random 0 … 1: how long at any time is
 * @returns whether it came
 */
export async function momentComes(
  moment: Moment,
  scene: PipelineScene,
  tap: StoreTap,
  random: number,
): Promise<boolean> {
  if (moment === "the search begins") return pause(random * 800).then(() => true);
  if (moment === "at any time") return pause(200 + random * 1500).then(() => true);
  const { look, end } = watch(moment, scene, tap);
  try {
    const deadline = performance.now() + LONGEST_MS;
    while (!look()) {
      if (performance.now() > deadline) return false;
      await pause(LOOK_MS);
    }
    return true;
  } finally {
    end();
  }
}

function watch(moment: Moment, { dataDir }: PipelineScene, tap: StoreTap): { look: Look; end: () => void } {
  const nothing = () => undefined;
  if (moment === "ffmpeg runs")
    return { look: () => names(dataDir).some((name) => name.endsWith(".flac.part")), end: nothing };
  if (moment === "FLAC and WAV are there") return { look: () => bothThere(dataDir), end: nothing };
  if (moment === "the catalogue is written") {
    const before = walBytes(dataDir);
    return { look: () => walBytes(dataDir) !== before, end: nothing };
  }
  let hasCome = false;
  const wanted =
    { "an upload begins": "PUT 1", "an upload is verified": "HEAD 2" }[moment as string] ?? "HEAD 3";
  tap.onRequest = ({ method, url }, proxy) => {
    const same = proxy.seen.filter((other) => other.url === url && other.method === method).length;
    if (`${method} ${same}` === wanted) hasCome = true;
  };
  const end = () => {
    tap.onRequest = undefined;
  };
  return { look: () => hasCome, end };
}

function names(dataDir: string): string[] {
  try {
    return readdirSync(join(dataDir, "received"), { recursive: true }) as string[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // nothing recorded yet, or just gone
    throw error;
  }
}

function bothThere(dataDir: string): boolean {
  const all = new Set(names(dataDir));
  return [...all].some((name) => name.endsWith(".flac") && all.has(name.replace(/flac$/, "wav")));
}

function walBytes(dataDir: string): number {
  return statSync(join(dataDir, "catalogue.db-wal"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
