import { SYNC_POLICIES } from "@audio/archive";
import { compileTemplate, DEFAULT_TEMPLATES, SegmentsError, TimeZone } from "@audio/segments";
import { z } from "zod";
import { NIBBLE_ORDERS } from "../ingest/nibble-order.js";

/** One thing that can be configured, wherever the value comes from. */
export interface Setting {
  /** Name in the configuration file. */
  readonly key: string;
  /** As commander takes it; undefined: only in the file. */
  readonly flag: string | undefined;
  /** Environment variables, first one wins. */
  readonly env: readonly string[];
  /** Turns text or a value from the file into what is used. */
  readonly schema: z.ZodType;
  /** What `schema` takes, for people. */
  readonly allowed: string;
  readonly fallback: unknown;
  readonly about: string;
}

const number = (low: number, high: number) =>
  z.union([z.number(), numericText()]).pipe(z.number().min(low).max(high));
const whole = (low: number, high: number) => number(low, high).pipe(z.number().int());
const numericText = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number);
const yesNo = z.union([
  z.boolean(),
  z.enum(["true", "yes", "1", "on"]).transform(() => true),
  z.enum(["false", "no", "0", "off"]).transform(() => false),
]);
const text = z.string().min(1);
const host = z.string().regex(/^[A-Za-z0-9.:_-]+$/);
const device = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  nibbleOrder: z.enum(NIBBLE_ORDERS).optional(),
});

function port(key: string, flag: string, env: string, fallback: number, about: string): Setting {
  return {
    key,
    flag,
    env: [env],
    schema: whole(0, 65_535),
    allowed: "a whole number 0 … 65535 (0 = any free port)",
    fallback,
    about,
  };
}

function numeric(
  key: string,
  flag: string,
  env: readonly string[],
  [low, high]: [number, number],
  fallback: number,
  about: string,
): Setting {
  return { key, flag, env, schema: number(low, high), allowed: `a number ${low} … ${high}`, fallback, about };
}

function integer(
  key: string,
  flag: string,
  env: readonly string[],
  [low, high]: [number, number],
  fallback: number,
  about: string,
): Setting {
  return {
    key,
    flag,
    env,
    schema: whole(low, high),
    allowed: `a whole number ${low} … ${high}`,
    fallback,
    about,
  };
}

function choice(
  key: string,
  flag: string,
  env: readonly string[],
  values: readonly string[],
  fallback: string,
  about: string,
): Setting {
  return {
    key,
    flag,
    env,
    schema: z.enum(values as [string, ...string[]]),
    allowed: values.join(", "),
    fallback,
    about,
  };
}

function onOff(key: string, flag: string, env: readonly string[], fallback: boolean, about: string): Setting {
  return { key, flag, env, schema: yesNo, allowed: "true or false", fallback, about };
}

function template(key: string, flag: string, fallback: string, about: string): Setting {
  const schema = text.refine((value) => accepts(() => compileTemplate(value)));
  const allowed =
    "a relative path of A-Z a-z 0-9 _ - . / and {device} {stream} {source} {date} {yyyy} {MM} {dd} {HH} {mm} {ss}";
  return { key, flag, env: [], schema, allowed, fallback, about };
}

const SEGMENT_SECONDS: [number, number] = [0.1, 86_400];
const RATE: [number, number] = [1000, 384_000];

/** All settings of `serve`, in the order in which help and `config` show them. */
export const SETTINGS: readonly Setting[] = [
  {
    key: "dataDir",
    flag: "--data-dir <dir>",
    env: ["DATA_DIR"],
    schema: text,
    allowed: "a directory",
    fallback: "./data",
    about: "where recordings go",
  },
  {
    key: "host",
    flag: "--host <address>",
    env: ["HOST"],
    schema: host,
    allowed: "an address or host name of this machine",
    fallback: "0.0.0.0",
    about: "address to listen on; 127.0.0.1 = this machine only",
  },
  {
    key: "tcpHost",
    flag: "--tcp-host <address>",
    env: ["TCP_HOST"],
    schema: host.optional(),
    allowed: "an address or host name of this machine",
    fallback: undefined,
    about: "another address for TCP ingest",
  },
  port("wsPort", "--ws-port <port>", "WS_PORT", 5096, "WebSocket ingest"),
  port("tcpPort", "--tcp-port <port>", "TCP_PORT", 9000, "TCP ingest"),
  port("webPort", "--web-port <port>", "WEB_UI_PORT", 8080, "health probes"),
  onOff("ws", "--no-ws", [], true, "do not listen for WebSocket"),
  onOff("tcp", "--no-tcp", [], true, "do not listen for TCP"),
  onOff("web", "--no-web", [], true, "do not open the web port"),
  numeric(
    "wsSegmentSeconds",
    "--ws-segment-seconds <s>",
    ["WS_SEGMENT_SECONDS"],
    SEGMENT_SECONDS,
    10,
    "length of a WebSocket segment",
  ),
  numeric(
    "tcpSegmentSeconds",
    "--tcp-segment-seconds <s>",
    ["TCP_SEGMENT_SECONDS", "SEGMENT_DURATION"],
    SEGMENT_SECONDS,
    600,
    "length of a TCP segment",
  ),
  choice(
    "align",
    "--align <how>",
    ["ALIGN"],
    ["start", "clock"],
    "start",
    "where cuts fall: counted from a stream's start, or at round times",
  ),
  {
    key: "timezone",
    flag: "--timezone <zone>",
    env: ["TIMEZONE"],
    schema: text.refine((value) => accepts(() => new TimeZone(value))).optional(),
    allowed: "an IANA name like Europe/Vienna",
    fallback: undefined,
    about: "time zone of file names (default: the system's)",
  },
  template("pathPcm", "--path-pcm <template>", DEFAULT_TEMPLATES.pcm, "path of a raw PCM segment"),
  template(
    "pathDevice",
    "--path-device <template>",
    DEFAULT_TEMPLATES.device,
    "path of a WebSocket segment with hwid",
  ),
  template(
    "pathAnonymous",
    "--path-anonymous <template>",
    DEFAULT_TEMPLATES.anonymous,
    "path of a WebSocket segment without hwid",
  ),
  onOff("bin", "--no-bin", ["BIN"], true, "do not keep the frames as received (.bin)"),
  onOff(
    "binHandshake",
    "--bin-handshake",
    ["BIN_HANDSHAKE"],
    false,
    "put the handshake in front of each .bin",
  ),
  choice(
    "fsync",
    "--fsync <policy>",
    ["FSYNC"],
    SYNC_POLICIES,
    "segment",
    "force to disk: every finished segment, also once a second, or never",
  ),
  integer(
    "minFreeMb",
    "--min-free-mb <mb>",
    ["MIN_FREE_MB"],
    [0, 1e9],
    500,
    "stop recording while less disk is free",
  ),
  integer(
    "memoryMb",
    "--memory-mb <mb>",
    ["MEMORY_MB"],
    [16, 1e6],
    256,
    "audio that may wait for the disk, all streams together",
  ),
  integer(
    "maxConnections",
    "--max-connections <n>",
    ["MAX_CONNECTIONS"],
    [1, 1e6],
    10_000,
    "connections of all listeners",
  ),
  numeric(
    "handshakeTimeoutSeconds",
    "--handshake-timeout-seconds <s>",
    ["HANDSHAKE_TIMEOUT_SECONDS"],
    [0.1, 3600],
    10,
    "WebSocket: time until the first message",
  ),
  numeric(
    "pingSeconds",
    "--ping-seconds <s>",
    ["PING_SECONDS"],
    [1, 3600],
    30,
    "WebSocket: silence before a ping; twice that, and the peer is gone",
  ),
  choice(
    "nibbleOrder",
    "--nibble-order <order>",
    ["NIBBLE_ORDER"],
    NIBBLE_ORDERS,
    "auto",
    "ADPCM: which half of a byte comes first",
  ),
  choice(
    "gapFill",
    "--gap-fill <how>",
    ["GAP_FILL"],
    ["silence", "none"],
    "silence",
    "what stands in place of lost frames",
  ),
  numeric(
    "gapFillMaxSeconds",
    "--gap-fill-max-seconds <s>",
    ["GAP_FILL_MAX_SECONDS"],
    [0, 3600],
    60,
    "a longer loss is a new start of the sender",
  ),
  integer("sampleRate", "--sample-rate <hz>", ["SAMPLE_RATE"], RATE, 16_000, "raw PCM on TCP: sample rate"),
  integer("channels", "--channels <n>", ["CHANNELS"], [1, 8], 1, "raw PCM on TCP: channels"),
  {
    key: "bitsPerSample",
    flag: "--bits-per-sample <bits>",
    env: ["BITS_PER_SAMPLE"],
    schema: whole(16, 32).refine((bits) => bits % 8 === 0),
    allowed: "16, 24, 32",
    fallback: 16,
    about: "raw PCM on TCP: signed little-endian bits",
  },
  numeric(
    "tcpIdleSeconds",
    "--tcp-idle-seconds <s>",
    ["TCP_IDLE_SECONDS"],
    [0.5, 86_400],
    30,
    "TCP: close a connection that sends nothing",
  ),
  {
    key: "devices",
    flag: undefined,
    env: [],
    schema: z.record(z.string(), device),
    allowed: "hwid or address → { name, nibbleOrder }",
    fallback: {},
    about: "exceptions per device",
  },
  choice("compress", "--compress <format>", [], ["none"], "none", "recordings stay WAV in this version"),
  choice(
    "logLevel",
    "--log-level <level>",
    ["LOG_LEVEL"],
    ["trace", "debug", "info", "warn", "error", "silent"],
    "info",
    "how much is logged",
  ),
  choice(
    "logFormat",
    "--log-format <format>",
    ["LOG_FORMAT"],
    ["auto", "pretty", "json"],
    "auto",
    "auto = pretty on a terminal, else json",
  ),
  {
    key: "readyFile",
    flag: "--ready-file <file>",
    env: ["READY_FILE"],
    schema: text.optional(),
    allowed: "a file",
    fallback: undefined,
    about: "written when every port is open: pid and addresses as JSON",
  },
];

function accepts(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    if (error instanceof SegmentsError) return false;
    throw error;
  }
}
