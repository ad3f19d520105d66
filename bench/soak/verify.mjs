import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { piecesOf } from "./sound.mjs";

/** @typedef {import("./lives.mjs").Life} Life */

const WAV_HEADER_BYTES = 44;
const FINISHED_WITHIN_MS = 60_000;

/**
 * Holds every sample that a life left on disk against what it sent, then removes its files.
 * @param {string} dataDir
 * @param {Life} life
 * @returns {Promise<{ bytes: number, fault: string | undefined }>}
 */
export async function verify(dataDir, life) {
  const names = await finishedFiles(dataDir, life);
  const { folder } = life.place;
  if (typeof names === "string") return { bytes: 0, fault: names };
  const wavs = names.filter((name) => name.endsWith(".wav")).sort(naturally);
  const outcome = compare(
    life,
    wavs.map((name) => audioOf(path.join(dataDir, folder, name))),
  );
  if (outcome.fault === undefined) for (const name of names) rmSync(path.join(dataDir, folder, name));
  return outcome;
}

/**
 * Names of a life's files, once none is in progress; or what is wrong.
 * @param {string} dataDir
 * @param {Life} life
 */
async function finishedFiles(dataDir, { place: { folder, start } }) {
  const directory = path.join(dataDir, folder);
  for (const end = Date.now() + FINISHED_WITHIN_MS; ; await sleep(100)) {
    const all = existsSync(directory) ? readdirSync(directory) : [];
    const own = all.filter((name) => name.startsWith(start));
    if (!own.some((name) => name.endsWith(".part"))) return own;
    if (Date.now() > end) return `still in progress after ${FINISHED_WITHIN_MS / 1000} s: ${own.join(" ")}`;
  }
}

/**
 * `a.wav`, `a_2.wav`, … `a_10.wav`
 * @param {string} a
 * @param {string} b
 */
function naturally(a, b) {
  const plain = (/** @type {string} */ name) => name.slice(0, -".wav".length);
  return plain(a).localeCompare(plain(b), "en", { numeric: true });
}

/** @param {string} file */
function audioOf(file) {
  const wav = readFileSync(file);
  return wav.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + wav.readUInt32LE(40));
}

/**
 * @param {Life} life
 * @param {readonly Buffer[]} segments
 */
function compare(life, segments) {
  const recorded = Buffer.concat(segments);
  let at = 0;
  let pieces = 0;
  for (const { audio } of piecesOf(life.id, life.format)) {
    if (at >= recorded.length) break;
    const part = recorded.subarray(at, at + audio.length);
    if (!part.equals(audio.subarray(0, part.length)))
      return { bytes: at, fault: `differs within bytes ${at} … ${at + part.length}` };
    at += part.length;
    if (part.length === audio.length) pieces++;
  }
  if (life.abandoned) return { bytes: at, fault: `the receiver hung up after ${life.sentPieces} pieces` };
  if (pieces > life.sentPieces)
    return { bytes: at, fault: `${pieces} pieces recorded, ${life.sentPieces} sent` };
  if (pieces < life.surePieces)
    return {
      bytes: at,
      fault: `${pieces} pieces recorded, ${life.surePieces} must be there of ${life.sentPieces} sent`,
    };
  return { bytes: at, fault: undefined };
}
