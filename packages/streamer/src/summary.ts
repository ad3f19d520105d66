/** What one stream sent. */
export interface StreamSummary {
  readonly streamId: number;
  /** In Hz; 0 if the stream was stopped before its input was open. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel. */
  readonly samples: number;
  /** Seconds of audio. */
  readonly seconds: number;
  readonly frames: number;
  /** Handshakes, frame headers and payloads, those sent again too; without WebSocket and TCP overhead. */
  readonly bytes: number;
  /** How often the connection was restored. */
  readonly reconnects: number;
  /** Frames of a live input that the server has not: passed over, or dropped from a full buffer. */
  readonly framesSkipped: number;
  /** True if the server told what it has on disk. */
  readonly acknowledged: boolean;
  /** Frames that the server has on disk; 0 if it does not acknowledge. */
  readonly framesAcknowledged: number;
}

/** What all streams sent. */
export interface Summary {
  /** How many. */
  readonly streams: number;
  /** Seconds of audio of all streams together. */
  readonly seconds: number;
  readonly frames: number;
  /** Frames that the server has on disk; 0 if it does not acknowledge. */
  readonly framesAcknowledged: number;
  /** True if the server told of every stream what it has on disk. */
  readonly acknowledged: boolean;
  /** Handshakes, frame headers and payloads, those sent again too; without WebSocket and TCP overhead. */
  readonly bytes: number;
  /** From the first connection's first byte until the last connection was closed. */
  readonly wallSeconds: number;
  /** `seconds / wallSeconds`: 1 for one stream at real-time pace. */
  readonly realtimeFactor: number;
  /** True if `signal` stopped the streams before their end. */
  readonly stopped: boolean;
  readonly perStream: readonly StreamSummary[];
}

/** Adds the streams up. */
export function summarize(
  perStream: readonly StreamSummary[],
  elapsedSeconds: number,
  stopped: boolean,
): Summary {
  const sum = (field: "seconds" | "frames" | "framesAcknowledged" | "bytes") =>
    perStream.reduce((total, stream) => total + stream[field], 0);
  const seconds = sum("seconds");
  const wallSeconds = Math.round(elapsedSeconds * 1e6) / 1e6;
  return {
    streams: perStream.length,
    seconds,
    frames: sum("frames"),
    framesAcknowledged: sum("framesAcknowledged"),
    acknowledged: perStream.every(({ acknowledged }) => acknowledged),
    bytes: sum("bytes"),
    wallSeconds,
    realtimeFactor: wallSeconds > 0 ? seconds / wallSeconds : 0,
    stopped,
    perStream,
  };
}

/** `8 streams, 80.0 s of audio, 4000 frames, 656.4 kB in 0.21 s: 381 times real time, all acknowledged` */
export function formatSummary(summary: Summary): string {
  const { streams, seconds, frames, bytes, wallSeconds, realtimeFactor } = summary;
  const reconnects = summary.perStream.reduce((total, stream) => total + stream.reconnects, 0);
  return [
    summary.stopped ? "stopped: " : "",
    `${count(streams, "stream")}, ${seconds.toFixed(1)} s of audio, ${count(frames, "frame")}, ${formatBytes(bytes)}`,
    ` in ${wallSeconds.toFixed(2)} s: ${formatFactor(realtimeFactor)} times real time`,
    reconnects > 0 ? `, ${count(reconnects, "reconnect")}` : "",
    formatAcknowledged(summary),
  ].join("");
}

function formatAcknowledged({ acknowledged, frames, framesAcknowledged }: Summary): string {
  if (!acknowledged) return "";
  return framesAcknowledged === frames ? ", all acknowledged" : `, ${framesAcknowledged} acknowledged`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function formatFactor(factor: number): string {
  return factor >= 100 ? factor.toFixed(0) : factor.toFixed(2);
}

/** Decimal units: `999 B`, `1.2 kB`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`;
}
