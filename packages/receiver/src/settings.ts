import type { SyncPolicy } from "@audio/archive";
import type { KeeperSettings } from "@audio/keeper";
import type { CutRule } from "@audio/segments";
import type { PasswordHash } from "./access/password-hash.js";
import type { TlsFiles } from "./access/tls-identity.js";
import type { WebUser } from "./access/web-login.js";
import type { NibbleOrderSetting } from "./ingest/nibble-order.js";

/** Everything a receiver can be told; see docs/configuration.md. All are validated before they come here. */
export interface ReceiverSettings {
  readonly dataDir: string;
  /** Address that listeners bind to. */
  readonly host: string;
  readonly tcpHost: string;
  /** 0 = any free port; undefined = not listening. */
  readonly wsPort: number | undefined;
  readonly tcpPort: number | undefined;
  readonly udpPort: number | undefined;
  readonly webPort: number | undefined;
  /** Hashes of tokens; undefined = nobody needs one. */
  readonly tokensFile: string | undefined;
  /** Addresses and networks that may send; empty = all. */
  readonly allowFrom: readonly string[];
  /** Addresses and networks that need no token. */
  readonly trustFrom: readonly string[];
  /** undefined = not encrypted. */
  readonly tls: TlsFiles | undefined;
  readonly webAccess: WebAccess;
  /** Addresses and networks of proxies, whose word for where a request comes from is taken. */
  readonly trustProxies: readonly string[];
  /** Where a proxy takes WebSocket streams, without a `/` at its end; undefined = where the pages came by. */
  readonly wsPublicUrl: string | undefined;
  /** Path of the web root: begins and ends with `/`. */
  readonly webPath: string;
  /** Devices with metrics of their own. */
  readonly maxMetricDevices: number;
  readonly wsSegmentSeconds: number;
  readonly tcpSegmentSeconds: number;
  readonly align: CutRule["align"];
  /** IANA name; undefined = the system's. Times in file names are in it. */
  readonly timezone: string | undefined;
  readonly paths: { readonly pcm: string; readonly device: string; readonly anonymous: string };
  readonly binFiles: boolean;
  /** Puts the handshake in front of every `.bin`. */
  readonly binHandshake: boolean;
  readonly fsync: SyncPolicy;
  /** Whether there is a catalogue, and anything is done with segments that are complete. */
  readonly catalogue: boolean;
  readonly compression: KeeperSettings["compression"];
  readonly upload: KeeperSettings["upload"];
  readonly retention: KeeperSettings["retention"];
  readonly hooks: KeeperSettings["hooks"];
  readonly soundEvents: KeeperSettings["soundEvents"];
  readonly minFreeBytes: number;
  readonly minFreeFiles: number;
  /** Largest frame message that a handshake may declare. */
  readonly maxMessageBytes: number;
  /** Times real time that a stream may send; 0 = as fast as the disk takes it. */
  readonly maxPace: number;
  /** Bytes of all streams that may wait for the disk. */
  readonly backlogBytes: number;
  /** Bytes of one stream that may wait for the disk. */
  readonly streamBacklogBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxPendingConnections: number;
  readonly maxDevices: number;
  readonly maxEchoConnections: number;
  readonly echoIdleMs: number;
  readonly handshakeTimeoutMs: number;
  readonly pingMs: number;
  readonly nibbleOrder: NibbleOrderSetting;
  readonly gapFill: "silence" | "none";
  readonly gapFillMaxSeconds: number;
  /** Format of raw PCM on the TCP port, and of datagrams on the UDP port but for the bits, which are 16 there. */
  readonly tcp: {
    readonly sampleRate: number;
    readonly channels: number;
    readonly bitsPerSample: 16 | 24 | 32;
    readonly idleTimeoutMs: number;
  };
  /** Exceptions per device: key = hwid, or address for TCP and UDP. */
  readonly devices: Readonly<Record<string, DeviceSettings>>;
}

/** Who may look. */
export interface WebAccess {
  readonly username: string;
  /** The password, or a hash of it; undefined = one is made at the first start, and its hash kept in `dataDir`. */
  readonly secret: string | PasswordHash | undefined;
  /** Others, with names of their own. */
  readonly users: readonly WebUser[];
  /** Opens the metrics alone. */
  readonly metricsToken: string | undefined;
}

export interface DeviceSettings {
  /** Name that recordings carry instead of the address. */
  readonly name?: string;
  readonly nibbleOrder?: NibbleOrderSetting;
  /** Retention never deletes its recordings. */
  readonly keep?: boolean;
  /** Retention deletes older ones, instead of what holds for all. */
  readonly maxAgeDays?: number;
  /** Retention deletes the oldest when all of its recordings take more. */
  readonly maxGb?: number;
}
