import type { Archive } from "@audio/archive";
import type { LoginCounts } from "../../access/web-login.js";
import type { Gate } from "../../ingest/gate.js";
import type { Listener } from "../../ingest/listener.js";
import type { Lobby } from "../../ingest/lobby.js";
import { VERSION } from "../../software.js";
import type { StreamStatus } from "../../stream-status.js";
import type { Readiness } from "../health.js";
import type { EventCounts } from "./event-counts.js";
import { counter, type Family, gauge, histogram, labelled } from "./family.js";
import { Tally } from "./tally.js";

/** Everything that a receiver's own metrics are read from. */
export interface ReceiverSources {
  readonly archive: Archive;
  readonly gate: Gate;
  readonly lobby: Lobby;
  readonly logins: LoginCounts;
  readonly counts: EventCounts;
  /** Those that are open, by name. */
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly readiness: () => Readiness;
  /** Those that hold now. */
  readonly limits: { readonly now: { readonly backlogBytes: number; readonly minFreeBytes: number } };
}

const TROUBLES = ["disk-full", "disk-unavailable", "disk-stalled", "stopping"];

/** How the receiver itself is. */
export function stateFamilies({ readiness, counts }: ReceiverSources): Family[] {
  const { reasons, status } = readiness();
  const troubles = Object.fromEntries(TROUBLES.map((reason) => [reason, reasons.includes(reason) ? 1 : 0]));
  const until = counts.certificateUntil?.getTime();
  return [
    gauge("info", "1; the version as a label", [{ labels: { version: VERSION }, value: 1 }]),
    gauge("ready", "1 when recordings can begin, as /readyz says", status === "ok" ? 1 : 0),
    gauge("trouble", "1 for each reason for which no recording can begin", labelled("reason", troubles)),
    gauge("gap_ledger_failing", "1 while the gap ledger cannot be written", counts.isLedgerFailing ? 1 : 0),
    gauge(
      "certificate_expiry_timestamp_seconds",
      "Unix time of the last moment of the TLS certificate in use",
      until === undefined ? undefined : until / 1000,
    ),
  ];
}

/** Streams, and what came in over them. */
export function streamFamilies({ counts, gate }: ReceiverSources, live: readonly StreamStatus[]): Family[] {
  const now = new Tally("source", "codec");
  for (const { source, codec } of counts.kinds) now.add(0, source, codec);
  for (const { stream, codec } of live) now.add(1, stream.source, codec);
  const sums = counts.ended.with(live);
  return [
    gauge("streams_live", "Streams being recorded now", now.samples),
    gauge("devices_live", "Devices with a name that are connected now", gate.devices),
    counter("streams_opened_total", "Streams that began", counts.opened.samples),
    counter("streams_closed_total", "Streams that ended, by cause", counts.closed.samples),
    counter("streams_resumed_total", "Acknowledged streams that went on after a break", counts.resumed),
    counter("frames_total", "Frames and datagrams accepted; raw PCM has none", sums.frames.samples),
    counter("received_bytes_total", "Bytes of audio accepted, as they were sent", sums.bytes.samples),
    counter("audio_seconds_total", "Audio accepted, gaps filled with silence included", sums.seconds.samples),
    counter("lost_frames_total", "Frames that never came", sums.lostFrames.samples),
    counter(
      "repeated_frames_total",
      "Frames that came again or too late, and were dropped",
      sums.repeatedFrames.samples,
    ),
    counter("gaps_total", "Ranges of audio that are missing, by cause", counts.gaps.samples),
    counter("gap_seconds_total", "Audio that is missing, by cause", counts.gapSeconds.samples),
  ];
}

/** Who came in, and who did not. */
export function doorFamilies({ counts, gate, lobby, listeners, logins }: ReceiverSources): Family[] {
  const open = Array.from(listeners, ([name, listener]) => [name, listener.connections] as const);
  const refused = gate.refused;
  return [
    gauge(
      "connections",
      "Connections open, or UDP senders known, by listener",
      labelled("listener", Object.fromEntries(open)),
    ),
    gauge("connections_waiting", "Connections that have not said yet what they want", lobby.waiting),
    counter(
      "gate_refused_total",
      "Senders turned away at the door, by reason: no good token, not allowed, too many wrong tokens, not now",
      labelled("reason", {
        token: refused[401],
        forbidden: refused[403],
        attempts: refused[429],
        unavailable: refused[503],
      }),
    ),
    counter(
      "peers_refused_total",
      "Peers turned away or cut off for breaking a rule, by listener, as the log tells them",
      counts.refused.samples,
    ),
    counter(
      "web_logins_total",
      "Requests to the web port with a login: right, wrong, or not looked at (slowed)",
      labelled("result", { ...logins }),
    ),
  ];
}

/** Files, and the disk that takes them. */
export function diskFamilies(sources: ReceiverSources): Family[] {
  const { counts, archive, limits } = sources;
  const { disk, timings } = archive;
  return [
    counter("segments_completed_total", "Segments finished under their names", counts.completed.samples),
    counter("segments_failed_total", "Segments that could not be finished", counts.failed.samples),
    counter("recorded_bytes_total", "Bytes of finished segments, by form", counts.recordedBytes.samples),
    counter("recorded_seconds_total", "Audio in finished segments", counts.recordedSeconds),
    counter(
      "files_recovered_total",
      "Files of an interrupted run, by what became of them",
      counts.recovered.samples,
    ),
    gauge("disk_free_bytes", "Free space of the data directory's file system", disk.freeBytes),
    gauge("disk_size_bytes", "Size of the data directory's file system", disk.totalBytes),
    gauge("disk_min_free_bytes", "Free space below which recording stops", limits.now.minFreeBytes),
    gauge("disk_free_files", "Files that the file system has room for, where it has a limit", disk.freeFiles),
    gauge("backlog_bytes", "Audio that waits for the disk", archive.backlogBytes),
    gauge("backlog_limit_bytes", "Audio that may wait for the disk", limits.now.backlogBytes),
    counter("disk_written_bytes_total", "Bytes that the operating system took", timings.writtenBytes),
    histogram("disk_write_duration_seconds", "Time of one write, about a second of a stream", timings.writes),
    histogram("disk_sync_duration_seconds", "Time of bringing one file or folder to the disk", timings.syncs),
    histogram(
      "journal_commit_duration_seconds",
      "Time of one commit of the journal, which acknowledged senders wait for",
      timings.commits,
    ),
  ];
}
