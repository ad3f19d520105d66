import type { User } from "@audio/api";
import type { TimeZone } from "@audio/segments";
import type { FastifyInstance } from "fastify";
import { bytesInWords } from "../commands/in-words.js";
import { nameOf } from "./device-name.js";
import type { SegmentSources } from "./known-segments.js";
import { type KnownSegment, liveSegments, withLive } from "./live-segments.js";
import { dateAt } from "./local-days.js";
import { maySee } from "./visibility.js";
import { type Asked, inTurn, visibleDevices } from "./visible-devices.js";

export interface TotalSources extends SegmentSources {
  readonly zone: TimeZone;
}

const LATEST_FILES = 5;

/** `/api/stats` and `/api/latest`, as programs have asked for them from the beginning. */
export function addTotals(app: FastifyInstance, sources: TotalSources): void {
  app.get("/api/stats", ({ user }) => statsFor(user, sources));
  app.get("/api/latest", ({ user }) => latestFor(user, sources));
}

/** Sums over all that a user may know of: files in the data directory, `.bin` not counted. */
async function statsFor(user: User, sources: TotalSources) {
  const { reader, zone } = sources;
  const live = completeFor(user, sources);
  const asked = await visibleDevices(reader, user, undefined);
  const devices = user.devices === null ? undefined : asked.map(({ device }) => device ?? null);
  const stems = live.map(({ stem }) => stem);
  const totals = await reader.totals({ devices, timezone: zone.name, stems });
  const known = new Set(totals.known);
  const files = live.filter(({ stem }) => !known.has(stem)).flatMap(filesOf);
  const dates = new Set([
    ...totals.dates.map((us) => dateAt(us, zone)),
    ...files.map(({ date }) => date(zone)),
  ]);
  const size = files.reduce((sum, file) => sum + file.size, totals.localBytes);
  return {
    total_dates: dates.size,
    total_files: totals.localFiles + files.length,
    total_size: size,
    total_size_formatted: bytesInWords(size),
    remote_files: totals.remoteFiles,
    remote_size: totals.remoteBytes,
    remote_size_formatted: bytesInWords(totals.remoteBytes),
  };
}

/** The last files of the newest date; `[]` when there is none. */
async function latestFor(user: User, sources: TotalSources) {
  const { zone, reader } = sources;
  const live = completeFor(user, sources);
  const devices = await visibleDevices(reader, user, undefined);
  const files = withLive(await latestSegments(sources, devices), live).flatMap(filesOf);
  const date = files.at(-1)?.date(zone);
  if (date === undefined) return [];
  const last = files.filter((file) => file.date(zone) === date).slice(-LATEST_FILES);
  return { date, files: last.map(({ name, size }) => ({ name, size })) };
}

// Segments that are in the bucket alone have no file here: those before them may.
async function latestSegments({ reader }: TotalSources, devices: readonly Asked[]) {
  const lists = await inTurn(devices, (device) =>
    reader.segments({ ...device, isLocal: true, descending: true, limit: LATEST_FILES }),
  );
  return lists.flat();
}

function completeFor(user: User, sources: SegmentSources) {
  return liveSegments(sources).filter(
    ({ isRecording, device }) => !isRecording && maySee(user, nameOf(device)),
  );
}

function filesOf({ stem, startUs, forms }: Pick<KnownSegment, "stem" | "startUs" | "forms">) {
  const base = stem.slice(stem.lastIndexOf("/") + 1);
  return forms
    .filter(({ form, local }) => local && form !== "bin")
    .map(({ form, bytes }) => ({
      name: `${base}.${form}`,
      size: bytes,
      date: (zone: TimeZone) => dateAt(startUs, zone),
    }));
}
