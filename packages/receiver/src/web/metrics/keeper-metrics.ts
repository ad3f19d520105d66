import type { KeeperStatus, QueueStatus } from "@audio/keeper";
import { counter, type Family, gauge, labelled, type Sample } from "./family.js";
import { Tally } from "./tally.js";

export interface KeeperSources {
  /** Whether there is a keeper at all. */
  readonly isThere: boolean;
  /** What it says; undefined when it did not answer in time. */
  readonly status: KeeperStatus | undefined;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** The work after finished segments. Counters begin at 0 whenever the keeper's thread begins anew. */
export function keeperFamilies({ isThere, status, nowMs }: KeeperSources): Family[] {
  const answering = status === undefined ? 0 : 1;
  return [
    gauge("keeper_up", "1 when the keeper answers", isThere ? answering : undefined),
    ...queueFamilies(status?.queues ?? [], nowMs),
    ...compressionFamilies(status?.compression),
    ...uploadFamilies(status?.upload),
    ...archiveFamilies(status),
    ...retentionFamilies(status?.retention),
  ];
}

function queueFamilies(queues: readonly QueueStatus[], nowMs: number): Family[] {
  const by = (of: (queue: QueueStatus) => number): Sample[] =>
    queues.map((queue) => ({ labels: { step: queue.step }, value: of(queue) }));
  const age = ({ oldestMs }: QueueStatus) => (oldestMs === null ? 0 : Math.max(0, nowMs - oldestMs) / 1000);
  return [
    gauge(
      "jobs_waiting",
      "Work that is to be done, by step",
      by(({ waiting }) => waiting),
    ),
    gauge("jobs_oldest_seconds", "Age of the oldest of it; 0 when none waits", by(age)),
    gauge(
      "jobs_running",
      "Work being done now",
      by(({ running }) => running),
    ),
    gauge(
      "jobs_failing",
      "Waiting work that has failed before",
      by(({ failing }) => failing),
    ),
    gauge(
      "jobs_given_up",
      "Work that was given up, and is kept",
      by(({ givenUp }) => givenUp),
    ),
    gauge(
      "jobs_paused",
      "1 while a whole step waits for what is none of its work's fault: an outage, a wrong secret",
      by(({ isWaiting }) => (isWaiting ? 1 : 0)),
    ),
    counter(
      "jobs_completed_total",
      "Work done",
      by(({ completed }) => completed),
    ),
    counter(
      "job_failures_total",
      "Attempts that failed",
      by(({ failures }) => failures),
    ),
  ];
}

function compressionFamilies(totals: KeeperStatus["compression"]): Family[] {
  const files = totals && labelled("result", { compressed: totals.compressed, failed: totals.failed });
  return [
    counter("compression_files_total", "Files compressed, and files that stayed as they were", files),
    counter("compression_input_bytes_total", "Bytes of files compressed, before", totals?.bytesBefore),
    counter("compression_output_bytes_total", "Bytes of files compressed, after", totals?.bytesAfter),
    counter("compression_audio_seconds_total", "Audio in files compressed", totals?.audioSeconds),
    counter(
      "compression_busy_seconds_total",
      "Time it took, of all files one after the other",
      totals?.wallSeconds,
    ),
  ];
}

function uploadFamilies(totals: KeeperStatus["upload"]): Family[] {
  return [
    counter("upload_objects_total", "Objects uploaded and verified", totals?.objects),
    counter("upload_bytes_total", "Bytes uploaded and verified", totals?.bytes),
    counter(
      "upload_errors_total",
      "Attempts to upload that failed, by code",
      totals && labelled("code", totals.errors),
    ),
    gauge(
      "upload_failing",
      "1 when the last attempt to upload failed",
      totals && (totals.lastError === undefined ? 0 : 1),
    ),
  ];
}

function archiveFamilies(status: KeeperStatus | undefined): Family[] {
  const usage = status?.catalogue.usage ?? [];
  const places = (local: "localFiles" | "localBytes", remote: "remoteFiles" | "remoteBytes"): Sample[] =>
    usage.flatMap((form) => [
      { labels: { form: form.form, place: "local" }, value: form[local] },
      { labels: { form: form.form, place: "remote" }, value: form[remote] },
    ]);
  const state = status?.search.state;
  return [
    gauge(
      "archive_files",
      "Files and objects of the archive, by form and place",
      places("localFiles", "remoteFiles"),
    ),
    gauge("archive_bytes", "Their size", places("localBytes", "remoteBytes")),
    gauge(
      "catalogue_complete",
      "1 when the catalogue agrees with the files; before that nothing is deleted",
      state && (state === "complete" ? 1 : 0),
    ),
  ];
}

const REASONS = ["age", "device-size", "total-size", "free-space", "by-hand"];
const LIMITS = ["device-size", "total-size", "free-space"];

function retentionFamilies(retention: KeeperStatus["retention"] | undefined): Family[] {
  const missing = new Tally("limit").expect(LIMITS);
  for (const { reason, bytes } of retention?.shortages ?? []) missing.add(bytes, reason);
  const [segments, bytes] = [new Tally("reason").expect(REASONS), new Tally("reason").expect(REASONS)];
  for (const deleted of retention?.deletions ?? []) {
    segments.add(deleted.segments, deleted.reason);
    bytes.add(deleted.bytes, deleted.reason);
  }
  const hours = retention?.hoursLeft;
  return [
    gauge(
      "archive_growth_bytes_per_second",
      "Rate at which recordings grow, over some minutes",
      retention?.bytesPerSecond,
    ),
    gauge(
      "disk_full_seconds",
      "Time until recording stops for lack of space at that rate, were nothing deleted",
      hours === undefined ? undefined : hours * 3600,
    ),
    counter(
      "retention_deleted_segments_total",
      "Segments that were deleted, by retention or by hand",
      retention && segments.samples,
    ),
    counter("retention_deleted_bytes_total", "Bytes of their files", retention && bytes.samples),
    gauge(
      "retention_shortage_bytes",
      "By how much a limit of retention is missed, because nothing more may be deleted",
      retention && missing.samples,
    ),
  ];
}
