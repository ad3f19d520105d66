import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { openCatalogue } from "@audio/archive";
import { markdownTable, percentile } from "../harness/table.mjs";

/** @typedef {import("@audio/archive").Catalogue} Catalogue */

const DEVICES = 100;
const SEGMENT_US = 10_000_000;
const START_US = Date.UTC(2026, 10, 1) * 1000;
const HOUR_US = 3_600_000_000;
/** As many as the keeper takes in at a time. */
const BATCH = 500;
const QUERIES = 500;

/** @param {number} n */
const deviceName = (n) => `device-${String(n).padStart(3, "0")}`;

/**
 * Segment number n of a day on which all devices record at once: 10 s each, WAV and `.bin`, measured.
 * @param {number} n
 */
function segment(n) {
  const device = deviceName(n % DEVICES);
  const startUs = START_US + Math.floor(n / DEVICES) * SEGMENT_US + (n % DEVICES) * 1000;
  const stamp = new Date(startUs / 1000).toISOString().replaceAll(/[-:]/g, "").slice(0, 15).replace("T", "_");
  const track = new Uint8Array(130).fill(n);
  const levels = {
    peakDbfs: -6 - (n % 40),
    rmsDbfs: -20 - (n % 300) / 10,
    clippedSamples: 0,
    flatSeconds: 0,
    track,
  };
  const facts = {
    stem: `received/${device}/stream_1_${device}_${stamp}`,
    source: /** @type {const} */ ("websocket"),
    device,
    streamId: 1,
    sampleRate: 16_000,
    channels: 1,
    bitsPerSample: 16,
    startUs,
    samples: 160_000,
    gaps: [],
    levels,
  };
  const forms = /** @type {const} */ ([
    { form: "wav", bytes: 320_800 },
    { form: "bin", bytes: 88_000 },
  ]);
  return { facts, forms };
}

/**
 * Fills a catalogue in order of time, as it fills while devices record.
 * @param {string} directory
 * @param {number} segments
 * @returns segments a second
 */
function fill(directory, segments) {
  const catalogue = openCatalogue(directory);
  const startedMs = performance.now();
  for (let n = 0; n < segments; n += BATCH) {
    catalogue.transaction(() => {
      for (let i = n; i < Math.min(segments, n + BATCH); i++) {
        const { facts, forms } = segment(i);
        catalogue.segments.put(facts, forms);
      }
    });
  }
  const seconds = (performance.now() - startedMs) / 1000;
  catalogue.close();
  return segments / seconds;
}

/**
 * What is asked, each with random devices and times.
 * @param {number} segments
 */
function questions(segments) {
  const lastUs = START_US + (segments / DEVICES) * SEGMENT_US;
  const device = () => deviceName(Math.floor(Math.random() * DEVICES));
  /** @param {number} lengthUs */
  const time = (lengthUs) => START_US + Math.random() * Math.max(0, lastUs - START_US - lengthUs);
  /** @param {number} lengthUs */
  const range = (lengthUs) => {
    const fromUs = time(lengthUs);
    return { device: device(), fromUs, toUs: fromUs + lengthUs, limit: 100_000 };
  };
  /** @type {Record<string, (catalogue: Catalogue) => unknown>} */
  const all = {
    "an hour of a device (360 segments)": ({ segments }) => segments.list(range(HOUR_US)),
    "a day of a device (8 640 segments)": ({ segments }) => segments.list(range(24 * HOUR_US)),
    "a day of a device in pages, the first 100": ({ segments }) =>
      segments.list({ ...range(24 * HOUR_US), limit: 100 }),
    "the levels of an hour of a device": ({ segments }) => segments.tracks(range(HOUR_US)),
    "last segment of one device": ({ segments }) =>
      segments.list({ device: device(), descending: true, limit: 1 }),
    "last segment of each of the 100 devices": ({ segments }) => {
      for (let n = 0; n < DEVICES; n++) segments.list({ device: deviceName(n), descending: true, limit: 1 });
    },
    "the segment behind another of its device": ({ segments }) =>
      segments.list({ device: device(), after: { startUs: time(0), id: 0 }, limit: 1 }),
    "the segment before it": ({ segments }) =>
      segments.list({ device: device(), toUs: time(0), descending: true, limit: 1 }),
    "files and bytes, all forms": ({ devices }) => devices.usage(),
    "a segment by its path": ({ segments }) =>
      segments.byStem(segment(Math.floor(Math.random() * 1e5)).facts.stem),
  };
  return all;
}

/**
 * Milliseconds on the clock, half of them and 99 of 100 no longer than; and of CPU, on average.
 * @param {() => unknown} work
 * @param {number} times
 */
function milliseconds(work, times) {
  const cpuBefore = process.cpuUsage();
  const taken = Array.from({ length: times }, () => {
    const startedMs = performance.now();
    work();
    return performance.now() - startedMs;
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  return [percentile(taken, 0.5), percentile(taken, 0.99), (user + system) / 1000 / times];
}

/**
 * The catalogue with a million segments.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function catalogue(options) {
  const segments = options.quick ? 100_000 : 1_000_000;
  const directory = await mkdtemp(path.join(options.directory, "catalogue-"));
  const rate = fill(directory, segments);
  const megabytes = statSync(path.join(directory, "catalogue.db")).size / 1e6;
  const [opened] = milliseconds(() => openCatalogue(directory).close(), 20);
  const open = openCatalogue(directory);
  const rows = Object.entries(questions(segments)).map(([name, ask]) => [
    name,
    ...milliseconds(() => ask(open), name.startsWith("a day") ? QUERIES / 5 : QUERIES),
  ]);
  const name = "everything that `stats` tells of one device";
  rows.push([name, ...milliseconds(() => open.statistics.of(deviceName(1)), 20)]);
  open.close();
  await rm(directory, { recursive: true });
  const million = segments.toLocaleString("en").replaceAll(",", " ");
  return (
    `### Catalogue: ${million} segments of ${DEVICES} devices, with levels, in one thread\n\n` +
    `${markdownTable(["", "p50 ms", "p99 ms", "CPU ms"], rows)}\n\n` +
    `Filled at ${Math.round(rate)} segments a second, ${BATCH} at a time; ${Math.round(megabytes)} MB; ` +
    `opened and closed in ${opened.toFixed(1)} ms.\n`
  );
}
