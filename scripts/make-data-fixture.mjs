// Makes test/fixtures/data-VERSION: a data directory as this version leaves it when it is killed, and what every later one
// must find in it. Run once for each release, and never again for the same: docs/upgrade.md. The password and the token in
// it open nothing but this fixture.
//
//   npm run build && node scripts/make-data-fixture.mjs [FOLDER]
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openCatalogue } from "@audio/archive";
import { formatFrame, formatHandshake } from "@audio/protocol";
import { formatWavHeader, parseWavHeader } from "@audio/wav";

const ROOT = join(import.meta.dirname, "..");
const RECEIVER = join(ROOT, "packages/receiver/bin/audio-receiver.js");
const STREAMER = join(ROOT, "packages/streamer/bin/audio-stream.js");
const { version } = JSON.parse(readFileSync(join(ROOT, "packages/receiver/package.json"), "utf8"));
const target = process.argv[2] ?? join(ROOT, "test/fixtures", `data-${version}`);

const SAMPLE_RATE = 8000; // small files
const FRAME_SAMPLES = 160;
const CLOSED_PORT = "http://127.0.0.1:9"; // what is to be told or uploaded waits
const SETTINGS = `
timezone: Europe/Vienna
wsSegmentSeconds: 1
tcpSegmentSeconds: 1
sampleRate: ${SAMPLE_RATE}
compress: none
devices: { "127.0.0.1": { name: porch } }
hooks:
  - { name: told, on: [segment:complete], url: "${CLOSED_PORT}/told" }
S3: { Enabled: true, Bucket: recordings, Region: eu-central-1, ServiceUrl: "${CLOSED_PORT}" }
`;

/** Interleaved s16le: a tone that wanders, with a little noise; other samples for every seed. */
function sound(seconds, seed) {
  const bytes = Buffer.alloc(seconds * SAMPLE_RATE * 2);
  let noise = seed;
  for (let i = 0; i < bytes.length / 2; i++) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const tone = Math.sin((i * (200 + 40 * seed + i / 400) * 2 * Math.PI) / SAMPLE_RATE);
    bytes.writeInt16LE(Math.round(tone * 8000 + ((noise >> 16) % 100)), i * 2);
  }
  return bytes;
}

const children = [];
const work = mkdtempSync(join(tmpdir(), "audio-data-fixture-"));
const dataDir = join(work, "data");
const env = {
  PATH: process.env.PATH,
  HOME: work,
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
};
const command = (...words) =>
  execFileSync(process.execPath, [RECEIVER, ...words], { cwd: work, env, encoding: "utf8" });

async function until(what, condition) {
  for (const end = Date.now() + 30_000; Date.now() < end; await pause(100)) {
    const found = await condition();
    if (found) return found;
  }
  throw new Error(`waited 30 s in vain: ${what}`);
}

function startReceiver() {
  const ready = join(work, `ready.json`);
  const ports = [
    "--host",
    "127.0.0.1",
    "--ws-port",
    "0",
    "--tcp-port",
    "0",
    "--web-port",
    "0",
    "--min-free-mb",
    "0",
  ];
  const words = [RECEIVER, "serve", "--log-format", "json", ...ports, "--ready-file", ready];
  const child = spawn(process.execPath, words, { cwd: work, env });
  children.push(child);
  let log = "";
  child.stdout.on("data", (text) => {
    log += text;
  });
  child.stderr.pipe(process.stderr);
  const started = until("a receiver", () => existsSync(ready) && JSON.parse(readFileSync(ready, "utf8")));
  return { child, started, log: () => log };
}

function stream(name, seconds, seed, ...words) {
  const file = join(work, `${name}.wav`);
  const audio = sound(seconds, seed);
  const format = { sampleRate: SAMPLE_RATE, channels: 1, bitsPerSample: 16 };
  writeFileSync(file, Buffer.concat([formatWavHeader(format, audio.length), audio]));
  return spawn(process.execPath, [STREAMER, "--wav", file, ...words], { cwd: work, env, stdio: "ignore" });
}

const ended = (child) => new Promise((resolve) => child.on("exit", resolve));

/** Raw bytes over TCP; a sender without a name if they begin with a handshake. */
function send(address, bytes) {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => socket.end(bytes));
    socket.on("error", reject).on("close", resolve).resume();
  });
}

/** A second of frames, one of which never comes. */
function lossyFrames() {
  const audio = sound(1, 3);
  const hello = {
    streamId: 9,
    sampleRate: SAMPLE_RATE,
    channels: 1,
    codec: "pcm16",
    frameSamples: FRAME_SAMPLES,
  };
  const frames = Array.from({ length: audio.length / FRAME_SAMPLES / 2 }, (_, i) =>
    formatFrame("pcm16", i, audio.subarray(i * FRAME_SAMPLES * 2, (i + 1) * FRAME_SAMPLES * 2)),
  );
  return Buffer.concat([
    formatHandshake({ ...hello, timestampMs: 0n }),
    ...frames.filter((_, i) => i !== 20),
  ]);
}

const catalogued = () =>
  command("ls", "--json", "--limit", "1000")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

async function record({ ws, tcp }) {
  const code = await ended(
    stream("kitchen", 3, 1, "--url", `${ws}/kitchen`, "--codec", "adpcm", "--stream-id-base", "7"),
  );
  if (code !== 0) throw new Error(`audio-stream ended with ${code}`);
  await send(tcp, sound(2, 2));
  await send(tcp, lossyFrames());
  await until("everything in the catalogue", () => {
    const all = catalogued();
    return all.length === 6 && all.every(({ levels }) => levels !== null && levels !== undefined);
  });
}

async function describe({ web }, log) {
  const password = /[a-z0-9]{5}(?:-[a-z0-9]{5}){3}/.exec(log)?.[0];
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  const ask = async (method, path, body) => {
    const headers = { authorization, "content-type": "application/json" };
    const answer = await fetch(new URL(`/api/v1${path}`, web), {
      method,
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const [first] = catalogued().filter(({ device }) => device === "kitchen");
  const stretch = { device: "kitchen", fromUs: first.startUs, toUs: first.startUs + 500_000 };
  const pin = await ask("POST", "/pins", { ...stretch, note: "the door, for good" });
  const note = await ask("POST", "/notes", { ...stretch, text: "somebody laughs – ♪" });
  const card = await ask("PATCH", "/devices/kitchen", { label: "Kitchen, by the window" });
  return { password, pin, note, label: card.label };
}

/** Of the receiver that runs: one segment counts as stored, as if it had been compared there. */
function storeOne() {
  const catalogue = openCatalogue(dataDir);
  const [segment] = catalogue.segments.list({ device: null });
  const wav = segment.forms.find(({ form }) => form === "wav");
  const copy = { bucket: "recordings", key: `${segment.stem}.wav`, verifiedUs: segment.endUs };
  catalogue.transaction(() => catalogue.segments.setRemote(segment.id, "wav", wav.bytes, copy));
  catalogue.close();
  return segment.stem;
}

function queues() {
  const catalogue = openCatalogue(dataDir, { readOnly: true });
  const lengths = catalogue.jobs.lengths();
  catalogue.close();
  return Object.fromEntries(lengths.map(({ step, waiting }) => [step, waiting]));
}

/** Kills it in the middle of an acknowledged stream. */
async function crash({ ws }, receiver) {
  const sender = stream(
    "cellar",
    20,
    4,
    "--url",
    `${ws}/cellar`,
    "--codec",
    "pcm",
    "--realtime",
    "--stream-id-base",
    "8",
  );
  const folder = join(dataDir, "received/cellar");
  await until("a finished segment and one in progress", () => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.some((name) => name.endsWith(".wav")) && names.some((name) => name.endsWith(".wav.part"));
  });
  await pause(500);
  receiver.kill("SIGKILL");
  await ended(receiver);
  sender.kill("SIGKILL");
}

/** Samples of a device as this version plays them, after it has put everything right. */
function recordedOf(folder, device) {
  const out = join(work, `${device}.export.wav`);
  const of = ["--data-dir", folder, "--device", device, "--from", "-1d", "--to", "2100-01-01"];
  command("export", ...of, "--format", "wav", "--gaps", "cut", "--out", out);
  const file = readFileSync(out);
  const { dataOffset, dataBytes } = parseWavHeader(file);
  const audio = file.subarray(dataOffset, dataOffset + dataBytes);
  return { samples: audio.length / 2, sha256: createHash("sha256").update(audio).digest("hex") };
}

function expected(described) {
  const copy = join(work, "recovered");
  const isFile = (path) => !lstatSync(path).isSocket(); // no part of the data, and cannot be copied
  cpSync(dataDir, copy, { recursive: true, filter: isFile });
  const waiting = queues();
  command("recover", copy);
  command("reindex", "--data-dir", copy, "--no-bucket");
  const devices = Object.fromEntries(
    ["kitchen", "porch", "cellar"].map((name) => [name, recordedOf(copy, name)]),
  );
  const gaps = command("gaps", "--json", "--data-dir", copy)
    .split("\n")
    .filter((line) => line !== "").length;
  return { version, ...described, devices, gaps, waiting };
}

async function make() {
  if (existsSync(target)) throw new Error(`${target} is there: what was released does not change`);
  writeFileSync(join(work, "audio-receiver.config.yaml"), SETTINGS);
  const { child, started, log } = startReceiver();
  const ready = await started;
  await record(ready);
  const described = await describe(ready, log());
  const { token } = JSON.parse(command("token", "add", "anybody", "--json"));
  command("compress", "--compress-min-seconds", "0", "--device", "porch");
  const stored = storeOne();
  await crash(ready, child);
  const facts = expected({ ...described, token, stored });
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["--exclude=*.sock", "-czf", join(target, "data.tar.gz"), "-C", work, "data"]);
  writeFileSync(join(target, "expected.json"), `${JSON.stringify(facts, null, 2)}\n`);
  process.stdout.write(`${relative(ROOT, target)} written\n`);
}

try {
  await make();
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
}
