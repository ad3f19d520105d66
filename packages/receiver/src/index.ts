export type {
  DiskTrouble,
  GapEvent,
  GapQuery,
  GapRecord,
  RecoveredFile,
  SegmentComplete,
  SegmentFailed,
  SegmentOpen,
  Source,
  StreamInfo,
} from "@audio/archive";
export type { TlsChange } from "./access/tls-identity.js";
export type { TokensChange } from "./access/tokens.js";
export type { Applies } from "./config/setting-kinds.js";
export type { SettingChange } from "./config/settings-change.js";
export { type Converted, type ConvertOptions, convertBin } from "./convert-bin.js";
export { ReceiverError, type ReceiverErrorCode } from "./errors.js";
export type {
  CloseCause,
  NibbleOrderFound,
  PeerRefused,
  ReceiverEvents,
  SettingsRead,
  StreamClose,
  StreamOpen,
  StreamResumed,
} from "./events.js";
export { type ReceiverOptions, type StartedReceiver, startReceiver } from "./start-receiver.js";
export type { StreamStatus } from "./stream-status.js";
