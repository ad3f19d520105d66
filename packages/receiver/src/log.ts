import type { EventEmitter } from "node:events";
import type { StreamInfo } from "@audio/archive";
import type { GapCause } from "@audio/segments";
import type { Logger } from "pino";
import type { ReceiverEvents } from "./events.js";
import { logRefusals } from "./refusal-log.js";

/** Turns a receiver's events into log lines; what must be shown once and not be kept goes to `unkept`. */
export function logEvents(events: EventEmitter<ReceiverEvents>, log: Logger, unkept = log): void {
  logStreams(events, log);
  logSegments(events, log);
  logTrouble(events, log);
  logWeb(events, log, unkept);
}

function logStreams(events: EventEmitter<ReceiverEvents>, log: Logger): void {
  events.on("stream:open", ({ stream, codec }) => {
    const { sampleRate, channels } = stream;
    log.info({ ...who(stream), codec, sampleRate, channels }, "stream open");
  });
  events.on("stream:close", ({ stream, cause, detail, status }) => {
    const { frames, bytes, samples, lostFrames, repeatedFrames, driftPpm } = status;
    const seconds = round(samples / stream.sampleRate);
    const counts = {
      frames,
      bytes,
      seconds,
      ...(lostFrames > 0 && { lostFrames }),
      ...(repeatedFrames > 0 && { repeatedFrames }),
      ...(driftPpm !== undefined && { driftPpm: Math.round(driftPpm) }),
    };
    const level = cause === "refused" || cause === "connection-lost" ? "warn" : "info";
    log[level]({ ...who(stream), cause, ...(detail !== "" && { detail }), ...counts }, "stream closed");
  });
  events.on("stream:nibble-order", ({ stream, order, frame }) => {
    log.info({ ...who(stream), order, frame }, "nibble order found");
  });
  events.on("stream:resume", ({ stream, peer, nextSeq }) => {
    log.info({ ...who(stream), peer, nextSeq }, "stream resumed");
  });
  events.on("stream:restart", ({ stream, expectedSeq, seq }) => {
    log.warn({ ...who(stream), expectedSeq, seq }, "sequence jumped: the sender began anew");
  });
}

function logSegments(events: EventEmitter<ReceiverEvents>, log: Logger): void {
  events.on("segment:open", ({ stream, path }) => log.debug({ ...who(stream), path }, "segment open"));
  events.on("segment:complete", ({ stream, path, samples, bytes, gaps }) => {
    const seconds = round(samples / stream.sampleRate);
    log.info({ path, seconds, bytes, ...(gaps.length > 0 && { gaps: gaps.length }) }, "segment complete");
  });
  events.on("segment:failed", ({ stream, path, error }) => {
    log.error({ ...who(stream), path, reason: error.message }, "segment could not be finished");
  });
  events.on("recovered", ({ part, outcome, path, bytes, cutBytes, reason }) => {
    const level = outcome === "quarantined" || outcome === "left" ? "warn" : "info";
    log[level]({ part, path, bytes, cutBytes, reason }, `unfinished file ${outcome}`);
  });
}

function logTrouble(events: EventEmitter<ReceiverEvents>, log: Logger): void {
  events.on("keeper", ({ level, message, fields }) => log[level](fields, message));
  const gaps = new GapLog(log);
  events.on("gap", ({ stream, cause, samples, filled }) =>
    gaps.add(stream, cause, samples / stream.sampleRate, filled),
  );
  events.on("stream:close", ({ stream }) => gaps.forget(stream));
  logRefusals(events, log);
  logAccess(events, log);
  events.on("udp:open", ({ port, receiveBufferBytes }) =>
    log.debug({ port, receiveBufferBytes }, "UDP: size of the receive buffer"),
  );
  events.on("disk", ({ trouble, detail }) => {
    if (trouble === undefined) log.info({ detail }, "disk: recording goes on");
    else log.error({ trouble, detail }, "disk: recording stopped");
  });
  events.on("disk:stalled", ({ stalled }) => {
    if (stalled) log.error({ trouble: "disk-stalled" }, "disk: takes nothing, so audio waits in memory");
    else log.info("disk: takes audio again");
  });
  events.on("ledger", ({ error }) => {
    if (error === undefined) log.info("gap ledger: written again");
    else log.error({ reason: error.message }, "gap ledger cannot be written: gaps wait in memory");
  });
}

function logAccess(events: EventEmitter<ReceiverEvents>, log: Logger): void {
  events.on("tokens", ({ path, tokens, fault }) => {
    if (fault !== undefined)
      log.error({ path, tokens }, `token file cannot be used (${fault}): the tokens read before stay good`);
    else if (tokens === 0)
      log.warn({ path }, "no token exists yet, so nobody may send: audio-receiver token add NAME");
    else log.info({ path, tokens }, "tokens read");
  });
  events.on("certificate", ({ fault, validUntil }) => {
    const until = { validUntil: validUntil.toISOString() };
    if (fault !== undefined) log.error(until, `${fault}; the certificate of before stays in use`);
    else if (validUntil.getTime() < Date.now())
      log.warn(until, "TLS certificate has expired: devices that check it will not connect");
    else log.info(until, "TLS certificate read");
  });
}

function logWeb(events: EventEmitter<ReceiverEvents>, log: Logger, unkept: Logger): void {
  events.on("web:password", ({ username, password, path, fault }) => {
    const line = `web login: ${username} / ${password} (made now and shown this once`;
    const kept = fault === undefined ? `its hash is in ${path})` : `it cannot be kept: ${fault})`;
    // However little is logged, there is no other way to learn it.
    if (unkept.isLevelEnabled("info")) unkept.info(`${line}; ${kept}`);
    else process.stderr.write(`audio-receiver: ${line}; ${kept}\n`);
  });
  events.on("web:locked", ({ path, fault }) =>
    log.error(
      { path },
      `web password cannot be used (${fault}): nobody can log in; set WEB_UI_PASSWORD, or remove the file for a new one`,
    ),
  );
}

// A device on a bad network loses frames all the time: one line per stream and cause in this time tells enough.
const GAP_LINE_EVERY_MS = 10_000;

/** One line for the first gap of a stream, then sums. */
class GapLog {
  readonly #log: Logger;
  readonly #sums = new Map<string, { count: number; seconds: number; loggedMs: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  add(stream: StreamInfo, cause: GapCause, seconds: number, filled: boolean): void {
    const key = `${stream.key}/${cause}`;
    const sum = this.#sums.get(key) ?? { count: 0, seconds: 0, loggedMs: Number.NEGATIVE_INFINITY };
    this.#sums.set(key, sum);
    sum.count++;
    sum.seconds += seconds;
    if (performance.now() - sum.loggedMs < GAP_LINE_EVERY_MS) return;
    this.#log.warn(
      { ...who(stream), cause, gaps: sum.count, seconds: round(sum.seconds), filled },
      "audio missing",
    );
    Object.assign(sum, { count: 0, seconds: 0, loggedMs: performance.now() });
  }

  forget(stream: StreamInfo): void {
    for (const key of this.#sums.keys()) if (key.startsWith(`${stream.key}/`)) this.#sums.delete(key);
  }
}

function who(stream: StreamInfo): object {
  const { key, device, streamId, source, peer } = stream;
  return { stream: key, ...(device !== undefined && { device }), streamId, source, peer };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
