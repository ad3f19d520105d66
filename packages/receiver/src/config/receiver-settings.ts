import type { ReceiverSettings } from "../settings.js";

/** Settings by the names that people use, as the table defines them. */
export interface ConfigValues {
  readonly dataDir: string;
  readonly host: string;
  readonly tcpHost: string | undefined;
  readonly wsPort: number;
  readonly tcpPort: number;
  readonly webPort: number;
  readonly ws: boolean;
  readonly tcp: boolean;
  readonly web: boolean;
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
  readonly minFreeMb: number;
  readonly memoryMb: number;
  readonly maxConnections: number;
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
  readonly compress: "none" | "flac" | "opus";
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  readonly logFormat: "auto" | "pretty" | "json";
  readonly readyFile: string | undefined;
}

const MEGABYTE = 1_000_000;

/** What the receiver works with, in its own units. */
export function receiverSettings(values: ConfigValues): ReceiverSettings {
  const { pathPcm, pathDevice, pathAnonymous, sampleRate, channels, bitsPerSample } = values;
  return {
    ...values,
    tcpHost: values.tcpHost ?? values.host,
    wsPort: values.ws ? values.wsPort : undefined,
    tcpPort: values.tcp ? values.tcpPort : undefined,
    webPort: values.web ? values.webPort : undefined,
    paths: { pcm: pathPcm, device: pathDevice, anonymous: pathAnonymous },
    binFiles: values.bin,
    minFreeBytes: values.minFreeMb * MEGABYTE,
    backlogBytes: values.memoryMb * MEGABYTE,
    handshakeTimeoutMs: values.handshakeTimeoutSeconds * 1000,
    pingMs: values.pingSeconds * 1000,
    tcp: { sampleRate, channels, bitsPerSample, idleTimeoutMs: values.tcpIdleSeconds * 1000 },
  };
}
