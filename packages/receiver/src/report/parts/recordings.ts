import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { CATALOGUE_FILE, type Catalogue, openCatalogue, queryGaps } from "@audio/archive";
import { bytesInWords } from "../../commands/in-words.js";
import { shownDuration } from "../../shown-time.js";
import type { Facts } from "../part.js";
import type { Subject } from "../subject.js";

// Of more devices than this only the sums say something.
const MOST_DEVICES = 50;
const GAP_DAYS = 7;
const DAY_US = 86_400e6;

/** The disk of the data directory, and what stands there that is no recording. */
export async function askDisk({ dataDir }: Subject): Promise<Facts> {
  const { type, bsize, blocks, bavail, files, ffree } = await statfs(dataDir);
  const sizeOf = async (name: string) =>
    stat(join(dataDir, name)).then(
      ({ size }) => bytesInWords(size),
      (error: NodeJS.ErrnoException) => error.code ?? "?",
    );
  const quarantine = await readdir(join(dataDir, "quarantine")).catch(() => []);
  return {
    "data directory": dataDir,
    "file system": `0x${type.toString(16)}`,
    free: `${bytesInWords(bavail * bsize)} of ${bytesInWords(blocks * bsize)}`,
    "free files": files === 0 ? "not counted" : `${ffree} of ${files}`,
    "catalogue.db": await sizeOf(CATALOGUE_FILE),
    "catalogue.db-wal": await sizeOf(`${CATALOGUE_FILE}-wal`),
    "files in quarantine": quarantine.length,
  };
}

/** What there is of each device. */
export function askRecordings({ dataDir, names }: Subject): Facts[] {
  const devices = withCatalogue(dataDir, (catalogue) => catalogue.devices.summaries());
  for (const { device } of devices) if (device !== undefined) names.device.add(device);
  const all = devices.map(({ device = "(no name)", segments, firstUs, lastUs, usage }) => ({
    device,
    segments,
    first: new Date(firstUs / 1000).toISOString(),
    last: new Date(lastUs / 1000).toISOString(),
    local: bytesInWords(usage.reduce((sum, { localBytes }) => sum + localBytes, 0)),
    remote: bytesInWords(usage.reduce((sum, { remoteBytes }) => sum + remoteBytes, 0)),
  }));
  const segments = all.reduce((sum, one) => sum + one.segments, 0);
  const left = all.length - MOST_DEVICES;
  const more = left > 0 ? ` (${left} more)` : "";
  return [
    ...all.slice(0, MOST_DEVICES),
    { device: `all ${all.length}${more}`, segments, first: "", last: "", local: "", remote: "" },
  ];
}

/** What waits to be measured, compressed, uploaded, told. */
export function askQueues({ dataDir }: Subject): Facts[] {
  const lengths = withCatalogue(dataDir, (catalogue) => catalogue.jobs.lengths());
  return lengths.map(({ step, waiting, failing, givenUp, oldestMs }) => ({
    step,
    waiting,
    failing,
    "given up": givenUp,
    oldest: oldestMs === null ? "" : new Date(oldestMs).toISOString(),
  }));
}

/** Of the last seven days, by cause. */
export async function askGaps({ dataDir }: Subject, signal: AbortSignal): Promise<Facts[]> {
  const sums = new Map<string, { gaps: number; us: number; devices: Set<string | undefined> }>();
  for await (const gap of queryGaps(dataDir, { fromUs: Date.now() * 1000 - GAP_DAYS * DAY_US })) {
    if (signal.aborted) break;
    const sum = sums.get(gap.cause) ?? { gaps: 0, us: 0, devices: new Set() };
    sums.set(gap.cause, {
      gaps: sum.gaps + gap.gaps,
      us: sum.us + gap.lengthUs,
      devices: sum.devices.add(gap.device),
    });
  }
  return Array.from(sums, ([cause, { gaps, us, devices }]) => ({
    cause,
    gaps,
    missing: shownDuration(us),
    devices: devices.size,
  }));
}

function withCatalogue<T>(dataDir: string, look: (catalogue: Catalogue) => T): T {
  const catalogue = openCatalogue(dataDir, { readOnly: true });
  try {
    return look(catalogue);
  } finally {
    catalogue.close();
  }
}
