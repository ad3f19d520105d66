import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { listen, stopListening } from "../listen.js";
import type { ReceiverSettings } from "../settings.js";
import { type Check, type Finding, fault, ok, warning } from "./finding.js";

interface Port {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

function portsOf({ host, tcpHost, wsPort, tcpPort, webPort }: ReceiverSettings): Port[] {
  const all = [
    { name: "WebSocket port", host, port: wsPort },
    { name: "TCP port", host: tcpHost, port: tcpPort },
    { name: "web port", host, port: webPort },
  ];
  return all.filter((port): port is Port => port.port !== undefined);
}

/** Whether each port can be opened; those of a receiver that runs are its own. */
export const checkPorts: Check = ({ settings, isRunning }) =>
  Promise.all(portsOf(settings).map((port) => portFinding(port, isRunning)));

async function portFinding({ name, host, port }: Port, isRunning: boolean): Promise<Finding> {
  const server = createServer();
  try {
    await listen(server, host, port, name);
    await stopListening(server);
    const found = `${port} on ${host} is free`;
    if (!isRunning || port === 0) return ok(name, found);
    return warning(name, `${found}, although a receiver runs`, "it runs with other settings: compare them");
  } catch (error) {
    if (isRunning) return ok(name, `${port} on ${host} is in use: a receiver runs here`);
    return fault(name, (error as Error).message, "stop what uses it (ss -ltnp), or choose another port");
  }
}

/** Where devices reach this machine, and who may. */
export const checkExposure: Check = async ({ settings }) => {
  const isLocal = /^(127\.|::1$|localhost$)/.test(settings.host);
  if (isLocal) return [ok("network", `${settings.host}: this machine alone, no device can reach it`)];
  return [firewallFinding(settings), sendersFinding(settings), pagesFinding(settings)];
};

function firewallFinding(settings: ReceiverSettings): Finding {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
  const ports = portsOf(settings).map(({ port }) => port);
  const where = addresses.length === 0 ? "no address but its own" : addresses.join(", ");
  const opened = ports.map((port) => `ufw allow ${port}/tcp`).join("; ");
  return ok("network", `devices reach it at ${where}; if a firewall is on: ${opened}`);
}

function sendersFinding({ tokensFile, allowFrom }: ReceiverSettings): Finding {
  if (tokensFile !== undefined) return ok("senders", "need a token");
  if (allowFrom.length > 0) return ok("senders", `only from ${allowFrom.join(", ")}`);
  const advice = "--auth token and audio-receiver token add, or --allow-from (docs/security.md)";
  return warning("senders", "whoever reaches the ports may record", advice);
}

function pagesFinding({ tls, webPort }: ReceiverSettings): Finding {
  if (webPort === undefined || tls !== undefined)
    return ok("encryption", tls ? "TLS on every port" : "no web port");
  const advice = "--tls-cert and --tls-key, or a proxy in front (docs/security.md)";
  return warning("encryption", "password and sound can be overheard on the network", advice);
}
