import type { Clock } from "./clock.js";
import type { FfmpegInput } from "./source/ffmpeg.js";
import type { PcmSource, RawFormat } from "./source/pcm.js";
import type { TcpTarget } from "./transport/tcp.js";

/** In the order in which a stream goes through them. */
export const STREAM_STATES = [
  "opening",
  "connecting",
  "streaming",
  "waiting",
  "reconnecting",
  "done",
] as const;

/** What one stream has done so far. */
export interface StreamProgress {
  readonly streamId: number;
  /** `waiting`: connected, but the server acknowledged nothing for 30 s. */
  readonly state: (typeof STREAM_STATES)[number];
  /** Seconds of audio handed to the connection. */
  readonly seconds: number;
  /** Seconds of audio in all; `undefined` if unknown (a loop, a pipe, a microphone). */
  readonly totalSeconds: number | undefined;
  readonly frames: number;
  /** Handshakes, frame headers and payloads; without WebSocket and TCP overhead. */
  readonly bytes: number;
  /** How often the connection was restored. */
  readonly reconnects: number;
  /** Seconds of audio that are kept because the server did not acknowledge them yet; 0 if it does not at all. */
  readonly unacknowledgedSeconds: number;
}

/** A connection that broke, and when it is tried again. */
export interface RetryNotice {
  readonly streamId: number;
  /** One line. */
  readonly reason: string;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
}

/** Something to know about a stream that goes on. */
export interface StreamNotice {
  readonly streamId: number;
  /** One line. */
  readonly message: string;
}

/**
 * What to stream and where to. Exactly one of `files`, `ffmpeg` and `source` says what; `url` (default
 * `ws://localhost:5096/ws`) or `tcp` says where to.
 */
export interface StreamAudioOptions {
  /** WAV files, played one after the other by every stream; `-` is standard input. */
  readonly files?: readonly string[];
  /** The files hold s16le PCM of this format without a header, not WAV. */
  readonly raw?: RawFormat;
  /** What ffmpeg is to read: other formats, URLs, microphones. Each stream runs its own ffmpeg. */
  readonly ffmpeg?: readonly FfmpegInput[];
  /** Audio of your own: called once per stream, and once more for each pass of a loop. */
  readonly source?: () => Promise<PcmSource>;
  /** WebSocket endpoint, `ws:` or `wss:`. */
  readonly url?: string;
  /** Send raw PCM over TCP instead. */
  readonly tcp?: TcpTarget;
  /** Device id; sanitised as the receiver does it and appended to the path of `url`. All streams carry it. */
  readonly hwid?: string;
  /** Sent as `Authorization: Bearer …` with the WebSocket upgrade, over TCP as a first line `token …`. */
  readonly token?: string;
  /** Default `adpcm`; over TCP always `pcm`. */
  readonly codec?: "adpcm" | "pcm";
  /** Which half of an ADPCM byte holds the earlier sample; default `low`. */
  readonly nibbleOrder?: "low" | "high";
  /** Streams at once, 1 to 10 000; default 1. */
  readonly streams?: number;
  /** Stream id of the first stream; the others count up. Default 1. */
  readonly streamIdBase?: number;
  /** Milliseconds of audio in a frame, above 0; default 20. */
  readonly frameMs?: number;
  /** Send every frame when its last sample would have been recorded; default: as fast as the server takes it. */
  readonly realtime?: boolean;
  /** Start again at the end, until `durationSeconds` or `signal`. */
  readonly loop?: boolean;
  /** Stop each stream after so many seconds of audio, to the sample. */
  readonly durationSeconds?: number;
  /** How long the first connection is tried; default 5. */
  readonly connectTimeoutSeconds?: number;
  /** How long a broken connection is tried to be restored; 0, the default: for ever. */
  readonly reconnectTimeoutSeconds?: number;
  /**
   * Over WebSocket, ask the server to acknowledge what it has on disk, and keep everything else for the next
   * connection. Default `true`; a server that cannot is streamed to as with `false`.
   */
  readonly acknowledge?: boolean;
  /**
   * Memory for frames of one stream that are not acknowledged yet, 65 536 to 1 073 741 824 bytes. A file waits when it
   * is full, a live input drops the oldest. Default 8 MiB; with more than 32 streams a share of 256 MiB, at least
   * 256 KiB.
   */
  readonly ackBufferBytes?: number;
  /** Stops all streams: their connections are closed cleanly and the summary says `stopped`. */
  readonly signal?: AbortSignal;
  /** Called about five times a second and once at the end. */
  readonly onProgress?: (streams: readonly StreamProgress[]) => void;
  /** Called when a connection broke, before each new attempt. */
  readonly onRetry?: (notice: RetryNotice) => void;
  /** Called when there is something to tell about a stream that goes on: it waits for the server's disk. */
  readonly onNotice?: (notice: StreamNotice) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** In [0, 1), for the backoff's jitter; default `Math.random`. */
  readonly random?: () => number;
}

/** The options with every default filled in. */
export interface Settings extends StreamAudioOptions {
  readonly codec: "adpcm" | "pcm";
  readonly streams: number;
  readonly streamIdBase: number;
  readonly frameMs: number;
  readonly connectTimeoutSeconds: number;
  readonly reconnectTimeoutSeconds: number;
  readonly acknowledge: boolean;
  readonly ackBufferBytes: number;
}

/** Where a receiver on this machine listens. */
export const DEFAULT_URL = "ws://localhost:5096/ws";

/** More would need more ports than a machine has left for one destination. */
export const MAX_STREAMS = 10_000;

const MAX_STREAM_ID = 0xffff_ffff;

/** A batch of frames is 64 KiB. */
const MIN_ACK_BUFFER_BYTES = 65_536;
const MAX_ACK_BUFFER_BYTES = 2 ** 30;

/**
 * 8 MiB are 36 s of 48 kHz stereo PCM and minutes of 16 kHz mono. A server acknowledges at least twice a second, so
 * they also carry a file at 16 MiB/s: 1900 times real time in ADPCM of 16 kHz.
 */
const ACK_BUFFER_BYTES = 8 * 2 ** 20;
const ALL_ACK_BUFFERS_BYTES = 256 * 2 ** 20;
const SMALLEST_ACK_SHARE_BYTES = 256 * 2 ** 10;

/**
 * Fills in the defaults and checks what would otherwise fail late or silently.
 *
 * @throws TypeError if options contradict each other; RangeError if a number is out of range
 */
export function withDefaults(options: StreamAudioOptions): Settings {
  checkCombination(options);
  const { streams = 1 } = options;
  const settings: Settings = {
    ...options,
    codec: options.codec ?? (options.tcp ? "pcm" : "adpcm"),
    streams,
    streamIdBase: options.streamIdBase ?? 1,
    frameMs: options.frameMs ?? 20,
    connectTimeoutSeconds: options.connectTimeoutSeconds ?? 5,
    reconnectTimeoutSeconds: options.reconnectTimeoutSeconds ?? 0,
    acknowledge: options.acknowledge ?? options.tcp === undefined,
    ackBufferBytes: options.ackBufferBytes ?? defaultAckBufferBytes(streams),
  };
  checkNumbers(settings);
  return settings;
}

function defaultAckBufferBytes(streams: number): number {
  const share = Math.max(SMALLEST_ACK_SHARE_BYTES, Math.floor(ALL_ACK_BUFFERS_BYTES / streams));
  return Math.min(ACK_BUFFER_BYTES, share);
}

function checkCombination({
  files,
  ffmpeg,
  source,
  tcp,
  url,
  codec,
  acknowledge,
  streams = 1,
  loop,
}: StreamAudioOptions): void {
  const inputs = [files, ffmpeg, source].filter((input) => input !== undefined);
  if (inputs.length !== 1) throw new TypeError("give exactly one of files, ffmpeg and source");
  if (files?.length === 0 || ffmpeg?.length === 0) throw new TypeError("files or ffmpeg is an empty list");
  if (tcp && (url !== undefined || codec === "adpcm" || acknowledge)) {
    throw new TypeError("tcp carries raw PCM: it cannot go with url, codec adpcm or acknowledge");
  }
  if (files?.includes("-") && (streams > 1 || loop || files.indexOf("-") !== files.lastIndexOf("-"))) {
    throw new TypeError("standard input can be read once: not by several streams and not in a loop");
  }
}

function checkNumbers(settings: Settings): void {
  const { streams, streamIdBase, frameMs, durationSeconds = 1 } = settings;
  checkRange("streams", streams, 1, MAX_STREAMS, true);
  checkRange("streamIdBase", streamIdBase, 0, MAX_STREAM_ID + 1 - streams, true);
  checkRange("frameMs", frameMs, Number.MIN_VALUE, Number.MAX_VALUE);
  checkRange("durationSeconds", durationSeconds, Number.MIN_VALUE, Number.MAX_VALUE);
  checkRange("connectTimeoutSeconds", settings.connectTimeoutSeconds, Number.MIN_VALUE, Number.MAX_VALUE);
  checkRange("reconnectTimeoutSeconds", settings.reconnectTimeoutSeconds, 0, Number.MAX_VALUE);
  checkRange("ackBufferBytes", settings.ackBufferBytes, MIN_ACK_BUFFER_BYTES, MAX_ACK_BUFFER_BYTES, true);
}

function checkRange(name: string, value: number, min: number, max: number, whole = false): void {
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return;
  const low = min === Number.MIN_VALUE ? "above 0" : `at least ${min}`;
  const high = max === Number.MAX_VALUE ? "" : `, at most ${max}`;
  throw new RangeError(`${name} is ${value}; allowed: ${whole ? "a whole number " : ""}${low}${high}`);
}
