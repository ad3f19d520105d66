import { setMaxListeners } from "node:events";
import { type Clock, systemClock } from "./clock.js";
import { Stopped, StreamError, type StreamErrorCode } from "./errors.js";
import { frameSamplesFor } from "./frames.js";
import { DEFAULT_URL, type Settings, type StreamAudioOptions, withDefaults } from "./options.js";
import { Pacer } from "./pacing.js";
import { runSession, type SessionOptions } from "./session.js";
import { type Inputs, prepareInputs } from "./source/inputs.js";
import type { PcmSource } from "./source/pcm.js";
import { openPlaylist } from "./source/playlist.js";
import { StreamStatus } from "./status.js";
import { type Summary, summarize } from "./summary.js";
import type { Transport } from "./transport/connection.js";
import { tcpTransport } from "./transport/tcp.js";
import { webSocketTransport, withHwid } from "./transport/websocket.js";

const PROGRESS_INTERVAL_MS = 200;

/**
 * Streams audio to a receiver and resolves when everything was sent and every connection was closed cleanly, or when
 * `signal` stopped it. One stream that fails ends all.
 *
 * @throws StreamError (see its `code`); TypeError or RangeError on options that contradict each other or are out of range
 */
export async function streamAudio(options: StreamAudioOptions): Promise<Summary> {
  const settings = withDefaults(options);
  const inputs = await prepareInputs(settings);
  const statuses = Array.from({ length: settings.streams }, (_, index) => {
    return new StreamStatus(settings.streamIdBase + index, totalSeconds(settings, inputs));
  });
  const report = () => settings.onProgress?.(statuses.map((status) => status.progress()));
  const reporting = settings.onProgress && setInterval(report, PROGRESS_INTERVAL_MS);
  try {
    const stopped = await runAll(settings, inputs, statuses);
    return summarize(
      statuses.map((status) => status.summary()),
      wallSeconds(statuses, settings.clock ?? systemClock),
      stopped,
    );
  } finally {
    clearInterval(reporting);
    report();
  }
}

/** Resolves with whether `settings.signal` stopped the streams. */
async function runAll(
  settings: Settings,
  inputs: Inputs,
  statuses: readonly StreamStatus[],
): Promise<boolean> {
  const { clock = systemClock, signal } = settings;
  const transport = transportOf(settings);
  const pacer = settings.realtime ? new Pacer(clock) : undefined;
  const run = new AbortController();
  setMaxListeners(0, run.signal);
  const stop = () => run.abort();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const common = { ...sessionOptions(settings, inputs), transport, clock, pacer, signal: run.signal };
  const failures: unknown[] = [];
  const sessions = statuses.map(async (status) => {
    try {
      await runSession({ ...common, ...noticesOf(settings, status) }, status);
    } catch (error) {
      failures.push(named(error, status, statuses.length));
      stop();
    }
  });
  await Promise.all(sessions);
  signal?.removeEventListener("abort", stop);
  pacer?.close();
  const failure = failures.find((error) => !(error instanceof Stopped));
  if (failure !== undefined) throw failure;
  return failures.length > 0;
}

function sessionOptions(settings: Settings, inputs: Inputs) {
  return {
    codec: settings.codec === "adpcm" ? ("ima-adpcm" as const) : ("pcm16" as const),
    nibbleOrder: settings.nibbleOrder,
    framed: settings.tcp === undefined,
    frameSamples: (source: PcmSource) => frameSamplesOf(source, settings),
    open: () => openPlaylist(inputs.items, settings),
    random: settings.random ?? Math.random,
    acknowledge: settings.acknowledge,
    ackBufferBytes: settings.ackBufferBytes,
    connectTimeoutMs: settings.connectTimeoutSeconds * 1000,
    reconnectTimeoutMs: settings.reconnectTimeoutSeconds * 1000,
  };
}

function noticesOf(
  { onRetry, onNotice }: Settings,
  { streamId }: StreamStatus,
): Pick<SessionOptions, "onRetry" | "onNotice"> {
  return {
    onRetry: (reason, delayMs) => onRetry?.({ streamId, reason, delayMs }),
    onNotice: (message) => onNotice?.({ streamId, message }),
  };
}

function transportOf({ tcp, url = DEFAULT_URL, hwid, token }: Settings): Transport {
  return tcp ? tcpTransport(tcp, token) : webSocketTransport({ url: withHwid(url, hwid), token });
}

/** What the handshake can say (section 1 of the protocol); raw TCP says nothing, but its receiver has the same limits. */
const CHANNELS = { min: 1, max: 8 };
const SAMPLE_RATE = { min: 1_000, max: 384_000 };

function frameSamplesOf({ name, sampleRate, channels }: PcmSource, { codec, frameMs }: Settings): number {
  if (sampleRate < SAMPLE_RATE.min || sampleRate > SAMPLE_RATE.max) {
    throw unsupported(
      `${name} has ${sampleRate} Hz; the protocol carries ${SAMPLE_RATE.min} to ${SAMPLE_RATE.max} Hz`,
    );
  }
  if (channels < CHANNELS.min || channels > CHANNELS.max) {
    throw unsupported(
      `${name} has ${channels} channels; the protocol carries ${CHANNELS.min} to ${CHANNELS.max}`,
    );
  }
  if (codec === "adpcm" && channels > 2) {
    throw unsupported(`${name} has ${channels} channels; codec adpcm carries 1 or 2: use --codec pcm`);
  }
  const frameSamples = frameSamplesFor(
    sampleRate,
    frameMs,
    codec === "adpcm" ? "ima-adpcm" : "pcm16",
    channels,
  );
  if (frameSamples !== undefined) return frameSamples;
  const message = `--frame-ms ${frameMs} makes ${(sampleRate * frameMs) / 1000} samples a frame at ${sampleRate} Hz; allowed are 1 to 65535`;
  throw new StreamError("invalid-option", message);
}

function unsupported(message: string): StreamError {
  return new StreamError("unsupported-format", message);
}

/** Errors of one connection; with several streams they say whose. */
const OF_ONE_STREAM: readonly StreamErrorCode[] = [
  "server-refused",
  "connection-lost",
  "invalid-acknowledgement",
];

function named(error: unknown, { streamId }: StreamStatus, streams: number): unknown {
  const ofOne = error instanceof StreamError && OF_ONE_STREAM.includes(error.code);
  if (!ofOne || streams === 1) return error;
  return new StreamError(error.code, `stream ${streamId}: ${error.message}`, { cause: error });
}

function totalSeconds({ loop, durationSeconds }: Settings, { seconds }: Inputs): number | undefined {
  if (loop || seconds === undefined) return durationSeconds;
  return Math.min(seconds, durationSeconds ?? seconds);
}

function wallSeconds(statuses: readonly StreamStatus[], clock: Clock): number {
  const started = statuses.flatMap(({ startedMs }) => startedMs ?? []);
  return started.length === 0 ? 0 : (clock.monotonicMs() - Math.min(...started)) / 1000;
}
