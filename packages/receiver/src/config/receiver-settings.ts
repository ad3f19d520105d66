import { join } from "node:path";
import type { CompressedFormat, CompressionSettings } from "@audio/compress";
import type { Hook } from "@audio/keeper";
import type { SoundEventOptions } from "@audio/levels";
import { resolveUpload, UploadError, type UploadSettings, type UploadValues } from "@audio/upload/settings";
import { parsePasswordHash } from "../access/password-hash.js";
import type { WebUser } from "../access/web-login.js";
import { ReceiverError } from "../errors.js";
import type { ReceiverSettings } from "../settings.js";
import { retentionSettings } from "./retention-settings.js";

/** Settings by the names that people use, as the table defines them. */
export interface ConfigValues extends UploadValues {
  readonly dataDir: string;
  readonly host: string;
  readonly tcpHost: string | undefined;
  readonly wsPort: number;
  readonly tcpPort: number;
  readonly udpPort: number | undefined;
  readonly webPort: number;
  readonly ws: boolean;
  readonly tcp: boolean;
  readonly web: boolean;
  readonly auth: "open" | "token";
  readonly tokensFile: string | undefined;
  readonly allowFrom: readonly string[];
  readonly trustFrom: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly webUsername: string;
  readonly webPassword: string | undefined;
  readonly webPasswordHash: string | undefined;
  readonly webUsers: readonly WebUser[];
  readonly metricsToken: string | undefined;
  readonly trustProxies: readonly string[];
  readonly wsPublicUrl: string | undefined;
  readonly webPath: string;
  readonly maxMetricDevices: number;
  readonly wsSegmentSeconds: number;
  readonly tcpSegmentSeconds: number;
  readonly align: ReceiverSettings["align"];
  readonly timezone: string | undefined;
  readonly pathPcm: string;
  readonly pathDevice: string;
  readonly pathAnonymous: string;
  readonly bin: boolean;
  readonly binHandshake: boolean;
  readonly fsync: ReceiverSettings["fsync"];
  readonly catalogue: boolean;
  readonly minFreeMb: number;
  readonly minFreeFiles: number;
  readonly maxMessageKb: number;
  readonly maxPace: number;
  readonly memoryMb: number;
  readonly streamMemoryKb: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxPendingConnections: number;
  readonly maxDevices: number;
  readonly maxEchoConnections: number;
  readonly echoIdleSeconds: number;
  readonly handshakeTimeoutSeconds: number;
  readonly pingSeconds: number;
  readonly nibbleOrder: ReceiverSettings["nibbleOrder"];
  readonly gapFill: ReceiverSettings["gapFill"];
  readonly gapFillMaxSeconds: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: 16 | 24 | 32;
  readonly tcpIdleSeconds: number;
  readonly devices: ReceiverSettings["devices"];
  readonly soundEvents: false | SoundEventOptions;
  readonly retentionMaxAgeDays: number | undefined;
  readonly retentionMaxTotalGb: number | undefined;
  readonly retentionKeepFreeMb: number | undefined;
  readonly retentionOnlyUploaded: boolean | undefined;
  readonly retentionDeleteUnuploadedWhenFull: boolean;
  readonly hooks: readonly Hook[];
  readonly compress: "flac" | "opus" | "none";
  readonly enableCompression: boolean;
  readonly compressMinSeconds: number;
  readonly compressDelaySeconds: number;
  readonly keepOriginal: boolean;
  readonly deleteOriginalWav: boolean;
  readonly flacLevel: number;
  readonly opusBitrate: number;
  readonly compressCpuShare: number;
  readonly compressTimeoutSeconds: number;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  readonly logFormat: "auto" | "pretty" | "json";
  readonly logFile: string | undefined;
  readonly logMaxMb: number;
  readonly logKeep: number;
  readonly readyFile: string | undefined;
}

const MEGABYTE = 1_000_000;

/** Where the tokens are, unless told otherwise. */
export function tokensFileOf({ tokensFile, dataDir }: ConfigValues): string {
  return tokensFile ?? join(dataDir, "tokens.json");
}

/**
 * What the receiver works with, in its own units.
 * @throws ReceiverError `invalid-setting` for settings that contradict each other
 */
export function receiverSettings(values: ConfigValues): ReceiverSettings {
  const { pathPcm, pathDevice, pathAnonymous, sampleRate, channels, bitsPerSample } = values;
  return {
    ...values,
    tcpHost: values.tcpHost ?? values.host,
    tokensFile: values.auth === "token" ? tokensFileOf(values) : undefined,
    tls: tlsFiles(values),
    webAccess: webAccess(values),
    wsPort: values.ws ? values.wsPort : undefined,
    tcpPort: values.tcp ? values.tcpPort : undefined,
    webPort: values.web ? values.webPort : undefined,
    paths: { pcm: pathPcm, device: pathDevice, anonymous: pathAnonymous },
    binFiles: values.bin,
    soundEvents: values.soundEvents === false ? undefined : values.soundEvents,
    hooks: hooksOf(values),
    compression: compressionSettings(values),
    upload: uploadSettings(values),
    retention: retentionSettings(values),
    minFreeBytes: values.minFreeMb * MEGABYTE,
    maxMessageBytes: values.maxMessageKb * 1024,
    backlogBytes: values.memoryMb * MEGABYTE,
    streamBacklogBytes: values.streamMemoryKb * 1024,
    echoIdleMs: values.echoIdleSeconds * 1000,
    handshakeTimeoutMs: values.handshakeTimeoutSeconds * 1000,
    pingMs: values.pingSeconds * 1000,
    tcp: { sampleRate, channels, bitsPerSample, idleTimeoutMs: values.tcpIdleSeconds * 1000 },
  };
}

function hooksOf({ catalogue, hooks }: ConfigValues): readonly Hook[] {
  if (catalogue || hooks.length === 0) return hooks;
  const message =
    "hooks are given, but the catalogue is off (--no-catalogue): what waits for hooks waits in it";
  throw new ReceiverError("invalid-setting", message);
}

/** undefined: recordings stay WAV. */
function compressionSettings(values: ConfigValues): ReceiverSettings["compression"] {
  const { compress, enableCompression } = values;
  return compress === "none" || !enableCompression ? undefined : compressionOf(values, compress);
}

/** How recordings become `format`, whether they are to or not. */
export function compressionOf(values: ConfigValues, format: CompressedFormat): CompressionSettings {
  return {
    format,
    flacLevel: values.flacLevel,
    opusKbps: values.opusBitrate,
    minSeconds: values.compressMinSeconds,
    delaySeconds: values.compressDelaySeconds,
    keepOriginal: values.keepOriginal || !values.deleteOriginalWav,
    cpuShare: values.compressCpuShare,
    timeout: { baseSeconds: values.compressTimeoutSeconds, perAudioSecond: 1 },
  };
}

function tlsFiles({ tlsCert, tlsKey }: ConfigValues): ReceiverSettings["tls"] {
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: tlsCert, key: tlsKey };
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  const [given, missing] =
    tlsCert === undefined ? ["tlsKey", "tlsCert (--tls-cert)"] : ["tlsCert", "tlsKey (--tls-key)"];
  throw new ReceiverError("invalid-setting", `${given} is given without ${missing}: TLS needs both`);
}

function webAccess(values: ConfigValues): ReceiverSettings["webAccess"] {
  const { webUsername: username, webPassword, webPasswordHash, webUsers: users, metricsToken } = values;
  if (webPassword !== undefined && webPasswordHash !== undefined)
    throw new ReceiverError(
      "invalid-setting",
      "webPassword (WEB_UI_PASSWORD) and webPasswordHash (WEB_UI_PASSWORD_HASH) are both given: leave one out",
    );
  if (users.some(({ user }) => user.name === username))
    throw new ReceiverError("invalid-setting", `webUsers: ${username} is webUsername already`);
  const hash = webPasswordHash === undefined ? undefined : parsePasswordHash(webPasswordHash);
  return { username, secret: webPassword ?? hash, users, metricsToken };
}

/**
 * What is uploaded and where to; undefined = nothing.
 * @throws ReceiverError `invalid-setting`
 */
export function uploadSettings(values: ConfigValues): UploadSettings | undefined {
  if (values.s3Enabled && !values.catalogue)
    throw new ReceiverError("invalid-setting", "s3Enabled needs the catalogue: leave out --no-catalogue");
  try {
    return resolveUpload(values);
  } catch (error) {
    if (error instanceof UploadError) throw new ReceiverError("invalid-setting", error.message);
    throw error;
  }
}
