import type { EventEmitter } from "node:events";
import {
  type ArchiveListener,
  type GapQuery,
  type GapRecord,
  openArchive,
  systemClock,
} from "@audio/archive";
import type { KeeperStatus } from "@audio/keeper";
import { TimeZone } from "@audio/segments";
import { LiveSettings } from "./current-settings.js";
import type { ReceiverEvents } from "./events.js";
import type { IngestContext } from "./ingest/ingest-context.js";
import type { Listener } from "./ingest/listener.js";
import { NapWheel } from "./ingest/nap-wheel.js";
import { listenTcp } from "./ingest/tcp/listener.js";
import { listenUdp } from "./ingest/udp/listener.js";
import { listenWebSocket } from "./ingest/websocket/listener.js";
import { openAccess } from "./open-access.js";
import { openKeeper } from "./open-keeper.js";
import type { ReceiverSettings } from "./settings.js";
import { watchStalls } from "./stall-watch.js";
import type { StreamStatus } from "./stream-status.js";
import { Streams } from "./streams.js";
import { EventCounts } from "./web/metrics/event-counts.js";
import { openWeb } from "./web/open-web.js";
import type { WebSources } from "./web/web-sources.js";

/** A receiver that records. */
export interface Receiver {
  /** Ports that are open; undefined = not listening. */
  readonly ports: {
    readonly ws?: number;
    readonly tcp?: number;
    readonly udp?: number;
    readonly web?: number;
  };
  readonly dataDir: string;
  /** Every stream being recorded now. */
  readonly streams: readonly StreamStatus[];
  /** The gap ledger: what is missing of which device, when, how long and why, of this and earlier runs. */
  gaps(query?: GapQuery): AsyncGenerator<GapRecord>;
  /** How the work after finished segments stands; undefined when there is no catalogue, or no answer within 2 s. */
  keeperStatus(): Promise<KeeperStatus | undefined>;
  /**
   * From now on these settings hold, as far as they can without cutting a stream: what must stay as it is until the next
   * start (docs/configuration.md) has to be in them as it is.
   */
  change(settings: ReceiverSettings): Promise<void>;
  /** Stops accepting, says goodbye to senders, finishes every segment. Again = the same promise. */
  close(): Promise<void>;
}

/**
 * Starts everything, in the order of what needs what; stops it in reverse, also when a later step of the start
 * fails. Events reach `events` from the first repaired file on.
 * @throws ArchiveError, ReceiverError, SegmentsError: each says what to change
 */
export async function serve(
  initial: ReceiverSettings,
  events: EventEmitter<ReceiverEvents>,
): Promise<Receiver> {
  const settings = new LiveSettings(initial);
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (let stop = closers.pop(); stop !== undefined; stop = closers.pop()) await stop();
  };
  try {
    const zone = new TimeZone(initial.timezone);
    const streams = new Streams(settings, zone, events);
    const counts = new EventCounts(events);
    const archive = await openArchive({
      ...initial,
      syncPolicy: initial.fsync,
      listener: eventsOf(events, streams),
    });
    closers.push(() => archive.close());
    closers.push(watchStalls(archive, events));
    settings.onChange((now) => archive.limit(now));
    const keeper = openKeeper(initial, archive, events);
    settings.onChange((now) => keeper?.change(now));
    closers.push(() => keeper?.close());
    streams.recordIn(archive);
    closers.push(() => streams.closed());
    const access = await openAccess(settings, events, archive);
    closers.push(() => access.close());
    const { gate } = access;
    const napWheel = new NapWheel();
    const common = { settings, events, streams, napWheel, clock: systemClock };
    const onSettings = (listener: () => Promise<void>) => settings.onChange(listener);
    const seen = { archive, counts, keeper, onSettings };
    const ports = await openPorts({ ...common, ...access }, seen, closers);
    closers.push(() => gate.close());
    return {
      ports,
      dataDir: archive.dataDir,
      get streams() {
        return streams.status;
      },
      gaps: (query) => archive.gaps(query),
      keeperStatus: async () => keeper?.status(),
      change: (wanted) => settings.change(wanted),
      close: memoized(close),
    };
  } catch (error) {
    await close(); // a taken port must not leave the data directory locked
    throw error;
  }
}

async function openPorts(
  context: IngestContext,
  seen: Pick<WebSources, "archive" | "counts" | "keeper" | "onSettings">,
  closers: (() => Promise<void> | void)[],
): Promise<Receiver["ports"]> {
  const { host, tcpHost, wsPort, tcpPort, udpPort, webPort } = context.settings.now;
  const listeners = new Map<string, Listener>();
  const open = async (name: string, port: number | undefined, start: (port: number) => Promise<Listener>) => {
    if (port === undefined) return undefined;
    const listener = await start(port);
    listeners.set(name, listener);
    closers.push(() => listener.stop());
    return listener.port;
  };
  return {
    tcp: await open("tcp", tcpPort, (port) => listenTcp(context, tcpHost, port)),
    udp: await open("udp", udpPort, (port) => listenUdp(context, host, port)),
    ws: await open("websocket", wsPort, (port) => listenWebSocket(context, host, port)),
    web: await open("web", webPort, (port) => openWeb({ ...context, ...seen, listeners }, host, port)),
  };
}

function eventsOf(events: EventEmitter<ReceiverEvents>, streams: Streams): ArchiveListener {
  return {
    segmentOpen: (event) => {
      streams.segmentOpened(event);
      events.emit("segment:open", event);
    },
    segmentComplete: (event) => {
      streams.segmentCompleted(event);
      events.emit("segment:complete", event);
    },
    segmentFailed: (event) => events.emit("segment:failed", event),
    gap: (event) => events.emit("gap", event),
    disk: (trouble, detail) => events.emit("disk", { trouble, detail }),
    recovered: (file) => events.emit("recovered", file),
    ledger: (error) => events.emit("ledger", { error }),
  };
}

function memoized(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}
