import { EventEmitter } from "node:events";
import {
  type GapEvent,
  type NibbleOrderFound,
  type PeerRefused,
  type ReceiverEvents,
  type ReceiverOptions,
  type SegmentComplete,
  type SegmentFailed,
  type SegmentOpen,
  type StartedReceiver,
  type StreamClose,
  type StreamOpen,
  startReceiver,
} from "../../src/index.js";
import { temporaryFolder } from "./temporary-folder.js";
import { until } from "./waiting.js";

export { temporaryFolder };

type Restart = ReceiverEvents["stream:restart"][0];

/** What opens the web port of a `TestReceiver`, unless its options say otherwise. */
export const WEB_PASSWORD = "open sesame";

const DEFAULTS: ReceiverOptions = {
  host: "127.0.0.1",
  wsPort: 0,
  tcpPort: 0,
  webPort: 0,
  webPassword: WEB_PASSWORD,
  minFreeMb: 0,
  fsync: "never",
  catalogue: false,
};

/** The header of a login. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** A receiver in this process on free ports, with a data directory of its own, and all that it told. */
export class TestReceiver implements AsyncDisposable {
  readonly opened: StreamOpen[] = [];
  readonly closed: StreamClose[] = [];
  readonly begun: SegmentOpen[] = [];
  readonly segments: SegmentComplete[] = [];
  readonly failed: SegmentFailed[] = [];
  readonly gaps: GapEvent[] = [];
  readonly refused: PeerRefused[] = [];
  readonly orders: NibbleOrderFound[] = [];
  readonly restarts: Restart[] = [];

  private constructor(
    readonly receiver: StartedReceiver,
    private readonly temporary: ({ path: string } & AsyncDisposable) | undefined,
  ) {}

  /** `dataDir`: an existing folder that the test looks after; else one of its own. */
  static async start(options: ReceiverOptions = {}): Promise<TestReceiver> {
    const temporary = options.dataDir === undefined ? await temporaryFolder() : undefined;
    const events = new EventEmitter<ReceiverEvents>();
    const settings = { ...DEFAULTS, dataDir: temporary?.path, events, ...options };
    try {
      return new TestReceiver(await startReceiver(settings), temporary).listening(events);
    } catch (error) {
      await temporary?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  get dataDir(): string {
    return this.receiver.dataDir;
  }

  get wsPort(): number {
    return this.receiver.ports.ws!;
  }

  get tcpPort(): number {
    return this.receiver.ports.tcp!;
  }

  get udpPort(): number {
    return this.receiver.ports.udp!;
  }

  /** `ws://…/ws`, and whatever stands behind it. */
  ws(rest = ""): string {
    return `ws://127.0.0.1:${this.wsPort}/ws${rest}`;
  }

  web(path: string): string {
    return `http://127.0.0.1:${this.receiver.ports.web}${path}`;
  }

  /** Asks the web port, with the login of these tests unless `init` brings another. */
  look(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.web(path), { headers: { authorization: basic("admin", WEB_PASSWORD) }, ...init });
  }

  /** Resolves when the stream of this id has ended and its last segment is complete. */
  streamClosed(streamId: number): Promise<StreamClose> {
    return until(`end of stream ${streamId}`, () =>
      this.closed.find(({ stream }) => stream.streamId === streamId),
    );
  }

  /** Completed segments of one stream id, in order. */
  segmentsOf(streamId: number): SegmentComplete[] {
    return this.segments.filter(({ stream }) => stream.streamId === streamId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.receiver.close();
    await this.temporary?.[Symbol.asyncDispose]();
  }

  private listening(events: EventEmitter<ReceiverEvents>): this {
    events.on("stream:open", (event) => this.opened.push(event));
    events.on("stream:close", (event) => this.closed.push(event));
    events.on("segment:open", (event) => this.begun.push(event));
    events.on("segment:complete", (event) => this.segments.push(event));
    events.on("segment:failed", (event) => this.failed.push(event));
    events.on("gap", (event) => this.gaps.push(event));
    events.on("refused", (event) => this.refused.push(event));
    events.on("stream:nibble-order", (event) => this.orders.push(event));
    events.on("stream:restart", (event) => this.restarts.push(event));
    return this;
  }
}
