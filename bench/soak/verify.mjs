import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { piecesOf } from "./sound.mjs";

/** @typedef {import("./lives.mjs").Life} Life */

const WAV_HEADER_BYTES = 44;
const FINISHED_WITHIN_MS = 30_000;

/**
 * Holds every sample that a life left on disk against what it sent, then removes its files. A connection may be
 * closed some time before its last segment is complete: what is missing is waited for.
 * @param {string} dataDir
 * @param {Life} life
 * @returns {Promise<{ bytes: number, fault: string | undefined }>}
 */
export async function verify(dataDir, life) {
  const directory = path.join(dataDir, life.place.folder);
  for (const end = Date.now() + FINISHED_WITHIN_MS; ; await sleep(100)) {
    const names = filesOf(directory, life);
    const outcome = compare(life, directory, names);
    if (outcome.fault === undefined) for (const name of names) rmSync(path.join(directory, name));
    if (outcome.fault === undefined || outcome.final || Date.now() > end) return outcome;
  }
}

/**
 * @param {string} directory
 * @param {Life} life
 */
function filesOf(directory, { place: { start } }) {
  const all = existsSync(directory) ? readdirSync(directory) : [];
  return all.filter((name) => name.startsWith(start));
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
 * @param {string} directory
 * @param {readonly string[]} names
 * @returns {{ bytes: number, fault: string | undefined, final?: boolean }} `final`: waiting makes it no better
 */
function compare(life, directory, names) {
  const unfinished = names.filter((name) => name.endsWith(".part"));
  if (unfinished.length > 0) return { bytes: 0, fault: `still in progress: ${unfinished.join(" ")}` };
  const wavs = names.filter((name) => name.endsWith(".wav")).sort(naturally);
  const recorded = Buffer.concat(wavs.map((name) => audioOf(path.join(directory, name))));
  const { sentPieces, surePieces, abandoned } = life;
  const { bytes, pieces } = matching(life, recorded);
  if (bytes < recorded.length) return { bytes, fault: `differs from byte ${bytes} on`, final: true };
  if (pieces > sentPieces)
    return { bytes, fault: `${pieces} pieces recorded, ${sentPieces} sent`, final: true };
  if (abandoned) return { bytes, fault: `the receiver hung up after ${sentPieces} pieces`, final: true };
  if (pieces >= surePieces) return { bytes, fault: undefined };
  return { bytes, fault: `${pieces} pieces recorded, ${surePieces} must be there of ${sentPieces} sent` };
}

/**
 * How much of a recording, from its front, is what was sent: whole pieces, and the bytes that they and the part of
 * one more make.
 * @param {Life} life
 * @param {Buffer} recorded
 */
function matching(life, recorded) {
  let bytes = 0;
  let pieces = 0;
  life.silentBytes = 0;
  for (const { audio } of piecesOf(life.id, life.format)) {
    const part = recorded.subarray(bytes, bytes + audio.length);
    if (part.length === 0) break;
    const silent = life.format.transport === "udp" && part.every((byte) => byte === 0);
    if (!silent && !part.equals(audio.subarray(0, part.length))) break;
    if (silent) life.silentBytes += part.length;
    bytes += part.length;
    if (part.length === audio.length) pieces++;
  }
  return { bytes, pieces };
}
