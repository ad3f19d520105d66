import type { EventEmitter } from "node:events";
import {
  type AcknowledgedSession,
  type Archive,
  deviceKey,
  type GapEvent,
  type Heard,
  type SegmentComplete,
  type SegmentOpen,
  type SessionFormat,
  type StreamInfo,
  type StreamRecorder,
} from "@audio/archive";
import type { SecondLevel } from "@audio/levels";
import type { Codec } from "@audio/protocol";
import { compileTemplate, type PathTemplate, type TimeZone } from "@audio/segments";
import type { CurrentSettings } from "./current-settings.js";
import type { CloseCause, ReceiverEvents } from "./events.js";
import type { Listen } from "./ingest/frame-tap.js";
import type { ReceiverSettings } from "./settings.js";
import { SOFTWARE } from "./software.js";
import type { StreamCounts, StreamStatus } from "./stream-status.js";

/** What a listener knows of a stream that begins. */
export interface StreamRequest extends Omit<StreamInfo, "key"> {
  readonly codec: Codec | "raw-pcm";
  /** In front of the frames of each `.bin`, if configured; empty for none. */
  readonly binPreamble: Uint8Array;
  /** The stream's own counts. */
  readonly counts: () => StreamCounts;
  /** Set when the sender is told what is on disk. */
  readonly session?: AcknowledgedSession;
  readonly onRelief: () => void;
  readonly onFlush?: (nowUs: number) => void;
  readonly onListen: Listen;
  /** Sample frames in a frame, at most, as listeners hear it. */
  readonly frameSamples: number;
}

/** A stream being recorded. */
export interface LiveStream {
  readonly info: StreamInfo;
  readonly recorder: StreamRecorder;
  readonly status: StreamStatus;
  /** Lets a tap hear its frames, in place of the one before; undefined: nobody any more. */
  readonly listen: Listen;
  /** Sample frames in a frame, at most, as listeners hear it. */
  readonly frameSamples: number;
  /** Ends it; resolves when its last segment is complete. Again = the same promise. */
  close(cause: CloseCause, detail?: string): Promise<void>;
}

const AWAY_US = 2_000_000;

/** All streams that are being recorded now: opens them for every listener in the same way. */
export class Streams {
  #archive: Archive | undefined;
  readonly #settings: CurrentSettings;
  readonly #events: EventEmitter<ReceiverEvents>;
  readonly #zone: TimeZone;
  readonly #templates: Record<keyof ReceiverSettings["paths"], PathTemplate>;
  readonly #live = new Map<number, LiveStream>();
  readonly #closing = new Set<Promise<void>>();
  /** Keys of live streams whose first segment has its file. */
  readonly #begun = new Set<number>();
  /** The last second of live streams, by key. */
  readonly #levels = new Map<number, SecondLevel>();
  #lastKey = 0;

  constructor(settings: CurrentSettings, zone: TimeZone, events: EventEmitter<ReceiverEvents>) {
    this.#settings = settings;
    this.#events = events;
    this.#zone = zone;
    const { pcm, device, anonymous } = settings.now.paths;
    this.#templates = {
      pcm: compileTemplate(pcm),
      device: compileTemplate(device),
      anonymous: compileTemplate(anonymous),
    };
  }

  /** Says where to record; before the first `open`. */
  recordIn(archive: Archive): void {
    this.#archive = archive;
  }

  /** Every live stream. */
  get status(): StreamStatus[] {
    return [...this.#live.values()].map((stream) => stream.status);
  }

  /** The live stream of this key. */
  withKey(key: number): LiveStream | undefined {
    return this.#live.get(key);
  }

  /** Every live stream itself. */
  get live(): LiveStream[] {
    return [...this.#live.values()];
  }

  /** The session of an acknowledged stream, known from before or new. */
  session(key: string, format: SessionFormat): AcknowledgedSession {
    return this.#requireArchive().session(key, format);
  }

  open(request: StreamRequest): LiveStream {
    const info = { ...streamInfo(request), key: ++this.#lastKey };
    const recorder = this.#record(info, request);
    const { samples: resumedSamples } = recorder;
    const archive = this.#requireArchive();
    const openedUs = Date.now() * 1000;
    // A new segment has no whole second yet: until then the last one of the segment before holds.
    const levelOf = (level = this.#levels.get(info.key)) => {
      if (level !== undefined) this.#levels.set(info.key, level);
      return level;
    };
    const stream: LiveStream = {
      info,
      recorder,
      get status() {
        const { samples, driftPpm, endUs, level } = recorder;
        const { arrivedUs, ...counts } = request.counts();
        return {
          stream: info,
          codec: request.codec,
          openedUs,
          heardUs: arrivedUs === undefined ? undefined : archive.utcOf(arrivedUs),
          samples,
          resumedSamples,
          endUs: endUs === undefined ? undefined : archive.utcOf(endUs),
          driftPpm,
          level: levelOf(level),
          ...counts,
        };
      },
      listen: request.onListen,
      frameSamples: request.frameSamples,
      close: once((cause: CloseCause, detail = "") => this.#close(stream, cause, detail)),
    };
    this.#live.set(info.key, stream);
    // A session that goes on keeps its place in time: its device may have been away, its audio was not.
    if (request.session?.recorded.utcUs !== undefined) this.#begun.add(info.key);
    this.#events.emit("stream:open", { stream: info, codec: request.codec });
    return stream;
  }

  /** Resolves when every stream that was told to close has closed. */
  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }

  /** A segment got its file: the first one of a stream tells how long its device was away. */
  segmentOpened({ stream, startUs }: SegmentOpen): void {
    if (this.#begun.has(stream.key)) return;
    this.#begun.add(stream.key);
    const heard = this.#lastHeard(stream);
    if (heard === undefined) return;
    const archive = this.#requireArchive();
    const heardUntilUs = archive.utcOf(heard.untilUs); // as the clock is set now: a step meanwhile is no absence
    if (startUs - heardUntilUs <= AWAY_US) return;
    const samples = Math.round(((startUs - heardUntilUs) * stream.sampleRate) / 1_000_000);
    const cause = heard.live ? "server-restart" : "disconnected";
    const gap: GapEvent = { stream, startUs: heardUntilUs, samples, cause, filled: false };
    archive.recordGap(gap);
  }

  /** A segment is complete: short ones have their last second only now. */
  segmentCompleted({ stream: { key }, levels: { peakDbfs, rmsDbfs } }: SegmentComplete): void {
    const [peak, rms] = [peakDbfs.at(-1), rmsDbfs.at(-1)];
    const isLevel = peak !== undefined && rms !== undefined;
    if (isLevel && this.#live.has(key)) this.#levels.set(key, { peakDbfs: peak, rmsDbfs: rms });
  }

  // By any connection of the device: one that broke is often noticed after its successor has begun.
  #lastHeard(stream: StreamInfo): Heard | undefined {
    const key = deviceKey(stream);
    if (key === undefined) return undefined;
    let last = this.#requireArchive().heard.last(key);
    for (const { info, recorder } of this.#live.values()) {
      const { endUs: untilUs } = recorder;
      if (info.key === stream.key || deviceKey(info) !== key || untilUs === undefined) continue;
      if (last === undefined || untilUs > last.untilUs) last = { untilUs, live: false };
    }
    return last;
  }

  #record(info: StreamInfo, request: StreamRequest): StreamRecorder {
    const { align, wsSegmentSeconds, tcpSegmentSeconds, binFiles, streamBacklogBytes } = this.#settings.now;
    const archive = this.#requireArchive();
    const raw = request.codec === "raw-pcm";
    const form = raw ? "pcm" : info.device === undefined ? "anonymous" : "device";
    return archive.record({
      stream: info,
      zone: this.#zone,
      template: this.#templates[form],
      segmentSeconds: raw ? tcpSegmentSeconds : wsSegmentSeconds,
      align,
      keepFrames: binFiles && !raw,
      binPreamble: request.binPreamble,
      backlogBytes: streamBacklogBytes,
      software: SOFTWARE,
      session: request.session,
      onRelief: request.onRelief,
      onFlush: request.onFlush,
    });
  }

  #close(stream: LiveStream, cause: CloseCause, detail: string): Promise<void> {
    const { info, recorder } = stream;
    const closed = this.#requireArchive()
      .finish(recorder)
      .then(() => {
        this.#live.delete(info.key);
        this.#begun.delete(info.key);
        this.#remember(info, recorder.endUs, cause);
        this.#events.emit("stream:close", { stream: info, cause, detail, status: stream.status });
        this.#levels.delete(info.key);
      });
    const tracked = closed.finally(() => this.#closing.delete(tracked));
    this.#closing.add(tracked);
    return closed;
  }

  #requireArchive(): Archive {
    if (this.#archive === undefined) throw new TypeError("recordIn(archive) must come before open()");
    return this.#archive;
  }

  #remember(info: StreamInfo, endUs: number | undefined, cause: CloseCause): void {
    const key = deviceKey(info);
    if (key === undefined || endUs === undefined) return;
    this.#requireArchive().heard.remember(key, endUs, cause === "server-stopping");
  }
}

function streamInfo(request: StreamRequest): Omit<StreamInfo, "key"> {
  const { source, device, streamId, peer, sampleRate, channels, bitsPerSample } = request;
  return { source, device, streamId, peer, sampleRate, channels, bitsPerSample };
}

function once<Args extends unknown[], Result>(call: (...args: Args) => Result): (...args: Args) => Result {
  let result: { value: Result } | undefined;
  return (...args) => {
    result ??= { value: call(...args) };
    return result.value;
  };
}
