import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { bindUdp } from "../ingest/udp/bind.js";
import { listen, stopListening } from "../listen.js";
import type { ReceiverSettings } from "../settings.js";
import { type Check, type Finding, fault, ok, warning } from "./finding.js";
import { portHolder } from "./port-holder.js";

interface Port {
  readonly name: string;
  readonly flag: string;
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
}

function portsOf({ host, tcpHost, wsPort, tcpPort, udpPort, webPort }: ReceiverSettings): Port[] {
  const all = [
    { name: "WebSocket port", flag: "--ws-port", protocol: "tcp" as const, host, port: wsPort },
    { name: "TCP port", flag: "--tcp-port", protocol: "tcp" as const, host: tcpHost, port: tcpPort },
    { name: "UDP port", flag: "--udp-port", protocol: "udp" as const, host, port: udpPort },
    { name: "web port", flag: "--web-port", protocol: "tcp" as const, host, port: webPort },
  ];
  return all.filter((port): port is Port => port.port !== undefined);
}

/** Whether each port can be opened; those of a receiver that runs are its own. */
export const checkPorts: Check = ({ settings, isRunning }) =>
  Promise.all(portsOf(settings).map((port) => portFinding(port, isRunning)));

async function portFinding(wanted: Port, isRunning: boolean): Promise<Finding> {
  const { name, host, port, flag } = wanted;
  try {
    await tryPort(wanted);
    if (port === 0) return ok(name, "any that is free");
    const found = `${port} on ${host} is free`;
    if (!isRunning) return ok(name, found);
    return warning(name, `${found}, although a receiver runs`, "it runs with other settings: compare them");
  } catch (error) {
    const { message, cause } = error as Error;
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== "EADDRINUSE")
      return fault(name, message, `choose another ${flag} or --host`);
    return usedPort(wanted, isRunning);
  }
}

async function usedPort({ name, host, port, flag, protocol }: Port, isRunning: boolean): Promise<Finding> {
  const holder = await portHolder(protocol, port);
  const found = `${port} on ${host} is in use${holder === undefined ? "" : ` by ${holder}`}`;
  if (isRunning) return ok(name, `${found}: a receiver runs here`);
  const look = `sudo ss -${protocol === "udp" ? "lunp" : "ltnp"} 'sport = :${port}' says by whom; `;
  const advice = `stop it, or choose another ${flag}`;
  return fault(name, found, holder === undefined ? look + advice : advice);
}

async function tryPort({ name, host, port, protocol }: Port): Promise<void> {
  if (protocol === "udp") {
    (await bindUdp(host, port)).close();
    return;
  }
  const server = createServer();
  await listen(server, host, port, name.replace(/ port$/, ""));
  await stopListening(server);
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
  const ports = portsOf(settings).filter(({ port }) => port !== 0);
  const where = addresses.length === 0 ? "no address but its own" : addresses.join(", ");
  const opened = ports.map(({ port, protocol }) => `ufw allow ${port}/${protocol}`).join("; ");
  const firewall = opened === "" ? "" : `; if a firewall is on: ${opened}`;
  return ok("network", `devices reach it at ${where}${firewall}`);
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
