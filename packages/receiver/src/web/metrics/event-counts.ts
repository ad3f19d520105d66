import type { EventEmitter } from "node:events";
import { GAP_CAUSES } from "@audio/segments";
import type { ReceiverEvents } from "../../events.js";
import type { StreamStatus } from "../../stream-status.js";
import type { Labels } from "./family.js";
import { Tally } from "./tally.js";

const CLOSE_CAUSES = ["peer-closed", "connection-lost", "refused", "idle", "server-stopping"];
const SOURCES = ["websocket", "tcp", "framed-tcp", "udp"];
const OUTCOMES = ["recovered", "empty", "left", "quarantined"];

/** Sums over streams that have ended; those of live ones come to them at a scrape. */
class StreamSums {
  readonly frames: Tally;
  readonly bytes: Tally;
  readonly seconds: Tally;
  readonly lostFrames: Tally;
  readonly repeatedFrames: Tally;

  constructor(before?: StreamSums) {
    const sum = (of: (sums: StreamSums) => Tally) =>
      before ? of(before).clone() : new Tally("source", "codec");
    this.frames = sum(({ frames }) => frames);
    this.bytes = sum(({ bytes }) => bytes);
    this.seconds = sum(({ seconds }) => seconds);
    this.lostFrames = sum(({ lostFrames }) => lostFrames);
    this.repeatedFrames = sum(({ repeatedFrames }) => repeatedFrames);
  }

  /** The same, with streams that go on. */
  with(live: readonly StreamStatus[]): StreamSums {
    const sums = new StreamSums(this);
    for (const status of live) sums.add(status);
    return sums;
  }

  add(status: StreamStatus): void {
    const { stream, codec, samples, resumedSamples } = status;
    const labels = [stream.source, codec] as const;
    this.frames.add(status.frames, ...labels);
    this.bytes.add(status.bytes, ...labels);
    this.seconds.add((samples - resumedSamples) / stream.sampleRate, ...labels);
    this.lostFrames.add(status.lostFrames, ...labels);
    this.repeatedFrames.add(status.repeatedFrames, ...labels);
  }
}

/** What a receiver has told since it started, as counts. Nothing here happens for a frame. */
export class EventCounts {
  readonly opened = new Tally("source", "codec");
  readonly closed = new Tally("cause").expect(CLOSE_CAUSES);
  readonly ended = new StreamSums();
  resumed = 0;
  readonly gaps = new Tally("cause").expect(GAP_CAUSES);
  readonly gapSeconds = new Tally("cause").expect(GAP_CAUSES);
  readonly refused = new Tally("listener").expect(["websocket", "tcp", "udp", "web"]);
  readonly completed = new Tally("source").expect(SOURCES);
  readonly failed = new Tally("source").expect(SOURCES);
  readonly recordedBytes = new Tally("form").expect(["wav", "bin"]);
  recordedSeconds = 0;
  readonly recovered = new Tally("outcome").expect(OUTCOMES);
  isLedgerFailing = false;
  certificateUntil: Date | undefined;

  constructor(events: EventEmitter<ReceiverEvents>) {
    this.#countStreams(events);
    this.#countSegments(events);
    events.on("gap", ({ stream, cause, samples }) => {
      this.gaps.add(1, cause);
      this.gapSeconds.add(samples / stream.sampleRate, cause);
    });
    events.on("refused", ({ listener }) => this.refused.add(1, listener));
    events.on("ledger", ({ error }) => {
      this.isLedgerFailing = error !== undefined;
    });
    events.on("certificate", ({ validUntil }) => {
      this.certificateUntil = validUntil;
    });
  }

  /** Kinds of streams that there have been: source and codec. */
  get kinds(): readonly Labels[] {
    return this.opened.samples.map(({ labels }) => labels);
  }

  #countStreams(events: EventEmitter<ReceiverEvents>): void {
    events.on("stream:open", ({ stream, codec }) => this.opened.add(1, stream.source, codec));
    events.on("stream:resume", () => this.resumed++);
    events.on("stream:close", ({ cause, status }) => {
      this.closed.add(1, cause);
      this.ended.add(status);
    });
  }

  #countSegments(events: EventEmitter<ReceiverEvents>): void {
    events.on("segment:complete", ({ stream, bytes, bin, samples }) => {
      this.completed.add(1, stream.source);
      this.recordedBytes.add(bytes, "wav");
      this.recordedBytes.add(bin?.bytes ?? 0, "bin");
      this.recordedSeconds += samples / stream.sampleRate;
    });
    events.on("segment:failed", ({ stream }) => this.failed.add(1, stream.source));
    events.on("recovered", ({ outcome }) => this.recovered.add(1, outcome));
  }
}
