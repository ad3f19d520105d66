import { z } from "zod";
import { applying, host, onOff, port, type Setting, text, whole } from "../setting-kinds.js";

const DEFAULT_UDP_PORT = 9001;
const udpPort = z.union([whole(0, 65_535), z.literal(true).transform(() => DEFAULT_UDP_PORT)]);

/** Where to record, and on which ports to listen. */
export const LISTENING: readonly Setting[] = applying(
  "restart",
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
  {
    key: "udpPort",
    flag: "--udp-port [port]",
    env: ["UDP_PORT"],
    schema: udpPort.optional(),
    allowed: "a whole number 0 … 65535 (0 = any free port), true = 9001",
    fallback: undefined,
    about: "PCM over UDP, off unless asked for; the flag alone means 9001",
  },
  port(
    "webPort",
    "--web-port <port>",
    "WEB_UI_PORT",
    8080,
    "pages, their interface, health probes and metrics",
  ),
  onOff("ws", "--no-ws", [], true, "do not listen for WebSocket"),
  onOff("tcp", "--no-tcp", [], true, "do not listen for TCP"),
  onOff("web", "--no-web", [], true, "do not open the web port"),
);
