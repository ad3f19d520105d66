import { integer, numeric, type Setting } from "../setting-kinds.js";

/** How much is let in, and how long anything may take. */
export const LIMITS: readonly Setting[] = [
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
  numeric(
    "tcpIdleSeconds",
    "--tcp-idle-seconds <s>",
    ["TCP_IDLE_SECONDS"],
    [0.5, 86_400],
    30,
    "TCP: close a connection that sends nothing",
  ),
];
