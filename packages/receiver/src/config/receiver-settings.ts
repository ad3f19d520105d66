import { join } from "node:path";
import type { CompressedFormat, CompressionSettings } from "@audio/compress";
import type { Hook } from "@audio/keeper";
import { resolveUpload, UploadError, type UploadSettings } from "@audio/upload/settings";
import { parsePasswordHash } from "../access/password-hash.js";
import { ReceiverError } from "../errors.js";
import type { ReceiverSettings } from "../settings.js";
import type { ConfigValues } from "./config-values.js";
import { retentionSettings } from "./retention-settings.js";

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
