import { EventEmitter } from "node:events";
import { rename, rm, writeFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import type { Command } from "commander";
import type { Logger } from "pino";
import type { ConfigValues } from "../config/config-values.js";
import { adoptDotenv, valuesOf } from "../config/load.js";
import { receiverSettings } from "../config/receiver-settings.js";
import { ReceiverError } from "../errors.js";
import type { ReceiverEvents } from "../events.js";
import { logEvents } from "../log.js";
import { openProgramLog, type ProgramLog } from "../program-log.js";
import { Reloading } from "../reloading.js";
import { type Receiver, serve } from "../serve.js";
import { supervision } from "../service/supervision.js";
import { logSettings } from "../settings-log.js";
import { onHangUp } from "./hang-up.js";
import { addSettingOptions, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
Examples:
  $ audio-receiver serve
  $ audio-receiver serve --data-dir /data --ws-segment-seconds 60 --timezone Europe/Vienna
  $ SAMPLE_RATE=48000 BITS_PER_SAMPLE=24 audio-receiver serve --no-ws
  $ audio-receiver serve --auth token --tls-cert cert.pem --tls-key key.pem
  $ audio-stream --wav speech.wav                 (in another terminal: a first stream)`;

export function addServeCommand(program: Command): void {
  const command = program.command("serve").description("record everything that devices send");
  addSettingOptions(command);
  command.addHelpText("after", EXAMPLES);
  command.action(() => runServer((environment) => valuesOf(effectiveConfig(command, environment))));
}

type WhileServing = (receiver: Receiver, log: Logger, signal: AbortSignal) => Promise<void>;

/** Reads the settings that are wanted, now and whenever `SIGHUP` comes. */
type ReadValues = (environment: NodeJS.ProcessEnv) => ConfigValues;

/** Serves until a signal comes; `whileServing` runs beside it and ends with it. */
export async function runServer(read: ReadValues, whileServing?: WhileServing): Promise<void> {
  const environment = { ...process.env }; // before .env is added, which may say something else by and by
  const readAgain = () => {
    const values = read(environment);
    adoptDotenv(process.cwd(), environment);
    return values;
  };
  const values = readAgain();
  const programLog = await openProgramLog(values);
  const { kept } = programLog;
  try {
    await record(values, { programLog, readAgain }, whileServing);
  } catch (error) {
    kept?.log.fatal((error as Error).message);
    throw error;
  } finally {
    await kept?.file.close();
  }
}

async function record(
  values: ConfigValues,
  { programLog, readAgain }: { programLog: ProgramLog; readAgain: () => ConfigValues },
  whileServing: WhileServing | undefined,
): Promise<void> {
  const { log, unkept, kept } = programLog;
  const events = new EventEmitter<ReceiverEvents>();
  logEvents(events, log, unkept);
  logSettings(events, log, [log, unkept, ...(kept === undefined ? [] : [kept.log])]);
  const stopping = new AbortController();
  const stop = onSignal((signal) => stopping.abort(signal));
  await removeReadyFile(values); // one that a killed server left says nothing about this one
  const starting = serve(receiverSettings(values), events);
  let reloading: Reloading | undefined;
  const reload = (started: Receiver) => {
    reloading ??= new Reloading(values, started, events);
    return reloading.reload(readAgain);
  };
  const again = () => {
    kept?.file.reopen();
    starting.then(reload).catch(() => undefined); // the log tells, or the start has failed
  };
  onHangUp({ again, over: () => stop("SIGHUP") });
  const receiver = await starting;
  logStart(log, values, receiver);
  await announce(values, receiver);
  const systemd = supervision(process.env, (reason) =>
    log.warn({ reason }, "systemd cannot be told how it goes"),
  );
  await systemd.ready(`recording to ${receiver.dataDir}`);
  const beside = whileServing?.(receiver, log, stopping.signal);
  if (!stopping.signal.aborted)
    await new Promise((resolve) => stopping.signal.addEventListener("abort", resolve));
  log.info({ signal: stopping.signal.reason as string }, "stopping");
  await systemd.stopping();
  await beside;
  await receiver.close();
  await removeReadyFile(values);
  log.info("stopped, every segment is complete");
}

/**
 * The second signal ends at once; what is on disk by then is repaired at the next start, as after a crash.
 * @returns what stops as a first signal does, and at once never
 */
function onSignal(stop: (signal: string) => void): (signal: string) => void {
  let isStopping = false;
  const first = (signal: string) => {
    if (!isStopping) stop(signal);
    isStopping = true;
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(signal === "SIGINT" ? 130 : 143);
      first(signal);
    });
  }
  return first;
}

function logStart(log: Logger, values: ConfigValues, receiver: Receiver): void {
  const { ws, tcp, udp, web } = addresses(values, receiver);
  log.info({ dataDir: receiver.dataDir, ws, tcp, udp, web }, `recording to ${receiver.dataDir}`);
  if (isOpen(values)) log.warn(OPEN);
  if (isOverheard(values)) log.info(OVERHEARD);
  const token = values.auth === "token" ? " --token TOKEN" : "";
  if (ws !== null) log.info(`a first stream: npx audio-stream --url ${ws}${token} --wav FILE.wav`);
}

const OPEN =
  "anybody who reaches these ports may send audio: close them with --auth token (audio-receiver token add NAME), --allow-from NETWORK, or --host 127.0.0.1";

function isOpen({ auth, allowFrom, host, tcpHost }: ConfigValues): boolean {
  return auth === "open" && allowFrom.length === 0 && ![host, tcpHost ?? host].every(isLoopback);
}

const OVERHEARD =
  "the web port is open to the network without TLS: passwords and sound can be overheard. Use --tls-cert and --tls-key, a proxy (docs/web.md), or --host 127.0.0.1";

// A proxy that is trusted does the TLS.
function isOverheard({ web, host, tlsCert, trustProxies }: ConfigValues): boolean {
  return web && tlsCert === undefined && trustProxies.length === 0 && !isLoopback(host);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

function addresses(values: ConfigValues, { ports }: Receiver) {
  const name = (host: string | undefined) =>
    host === undefined || ["0.0.0.0", "::", ""].includes(host) ? "127.0.0.1" : bracketed(host);
  const webPath = values.webPath.replace(/\/$/, "");
  const secure = values.tlsCert === undefined ? "" : "s";
  return {
    ws: ports.ws === undefined ? null : `ws${secure}://${name(values.host)}:${ports.ws}/ws`,
    tcp: ports.tcp === undefined ? null : `${name(values.tcpHost ?? values.host)}:${ports.tcp}`,
    udp: ports.udp === undefined ? null : `${name(values.host)}:${ports.udp}`,
    web: ports.web === undefined ? null : `http${secure}://${name(values.host)}:${ports.web}${webPath}`,
  };
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

async function removeReadyFile({ readyFile }: ConfigValues): Promise<void> {
  if (readyFile !== undefined) await rm(readyFile, { force: true });
}

// Whoever waits for the file would wait for ever, and nobody would know how to stop a receiver that goes on.
async function announce(values: ConfigValues, receiver: Receiver): Promise<void> {
  const { readyFile } = values;
  if (readyFile === undefined) return;
  try {
    await writeReadyFile(readyFile, values, receiver);
  } catch (error) {
    await receiver.close();
    const reason = `readyFile ${readyFile} cannot be written: ${(error as Error).message}`;
    throw new ReceiverError("invalid-setting", reason, { cause: error });
  }
}

async function writeReadyFile(path: string, values: ConfigValues, receiver: Receiver): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify({ pid: process.pid, ...addresses(values, receiver) })}\n`);
  await rename(temporary, path);
}
