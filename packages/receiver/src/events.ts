import type {
  DiskTrouble,
  GapEvent,
  RecoveredFile,
  SegmentComplete,
  SegmentFailed,
  SegmentOpen,
  StreamInfo,
} from "@audio/archive";
import type { KeeperNote } from "@audio/keeper";
import type { Codec } from "@audio/protocol";
import type { TlsChange } from "./access/tls-identity.js";
import type { TokensChange } from "./access/tokens.js";
import type { GeneratedPassword } from "./access/web-password.js";
import type { SettingChange } from "./config/settings-change.js";
import type { StreamStatus } from "./stream-status.js";

/** A sender was accepted and may send audio. */
export interface StreamOpen {
  readonly stream: StreamInfo;
  /** How its audio arrives; raw PCM for TCP. */
  readonly codec: Codec | "raw-pcm";
}

/** Why a stream ended. */
export type CloseCause = "peer-closed" | "connection-lost" | "refused" | "idle" | "server-stopping";

/** A stream that has ended, with its counts. */
export interface StreamClose {
  readonly stream: StreamInfo;
  readonly cause: CloseCause;
  /** What was wrong, for `refused` and `connection-lost`; else empty. */
  readonly detail: string;
  /** Counts over the whole stream. */
  readonly status: StreamStatus;
}

/** Somebody was turned away, or broke a rule. */
export interface PeerRefused {
  /** Address and port. */
  readonly peer: string;
  readonly listener: "websocket" | "tcp" | "udp" | "web";
  /** Names the field and the value. */
  readonly reason: string;
  /** WebSocket close code or HTTP status; undefined for TCP and UDP. */
  readonly code: number | undefined;
}

/** `auto` has found out in which order a stream packs its nibbles. */
export interface NibbleOrderFound {
  readonly stream: StreamInfo;
  readonly order: "low" | "high";
  /** Number of the frame that told. */
  readonly frame: number;
}

/** An acknowledged sender came back, and goes on where it stood. */
export interface StreamResumed {
  readonly stream: StreamInfo;
  /** Address and port that it comes from now. */
  readonly peer: string;
  /** Number of the frame it was asked to go on with. */
  readonly nextSeq: number;
}

/** The web port got a password of its own, because it was told none. */
export interface WebPasswordMade extends GeneratedPassword {
  readonly username: string;
}

/** The settings were read again. */
export interface SettingsRead {
  readonly changes: readonly SettingChange[];
  /** Why nothing was changed; undefined = nothing was wrong. */
  readonly fault: string | undefined;
}

/** Everything a receiver tells. */
export interface ReceiverEvents {
  "stream:open": [StreamOpen];
  "stream:close": [StreamClose];
  "stream:nibble-order": [NibbleOrderFound];
  "stream:restart": [{ readonly stream: StreamInfo; readonly expectedSeq: number; readonly seq: number }];
  "stream:resume": [StreamResumed];
  "segment:open": [SegmentOpen];
  "segment:complete": [SegmentComplete];
  "segment:failed": [SegmentFailed];
  gap: [GapEvent];
  refused: [PeerRefused];
  tokens: [TokensChange];
  certificate: [TlsChange];
  /** The settings were read again: what is different, or why everything stays as it is. */
  settings: [SettingsRead];
  /** A password for the web port was made; it is told this once. */
  "web:password": [WebPasswordMade];
  /** The file with the web password's hash cannot be used: nobody can log in. */
  "web:locked": [{ readonly path: string; readonly fault: string }];
  /** The UDP port is open; the buffer is what the system granted for datagrams that wait. */
  "udp:open": [{ readonly port: number; readonly receiveBufferBytes: number }];
  disk: [{ readonly trouble: DiskTrouble | undefined; readonly detail: string }];
  /** The disk has taken nothing for 5 s, so audio waits in memory and nobody new is let in; false: it takes it again. */
  "disk:stalled": [{ readonly stalled: boolean }];
  recovered: [RecoveredFile];
  /** What happens to segments after they are complete: lines for the log. */
  keeper: [KeeperNote];
  /** The gap ledger cannot be written for this reason, and waits in memory; undefined: it is written again. */
  ledger: [{ readonly error: Error | undefined }];
}
