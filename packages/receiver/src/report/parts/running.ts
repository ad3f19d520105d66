import { readdir, readFile } from "node:fs/promises";
import { dataDirHolder } from "@audio/archive";
import { bytesInWords } from "../../commands/in-words.js";
import { shownDuration } from "../../shown-time.js";
import { clientFor, loginFor, webRootOf } from "../../top/running-receiver.js";
import type { Facts } from "../part.js";
import type { Subject } from "../subject.js";

/** The process that records into the data directory. */
export async function askProcess({ dataDir }: Subject): Promise<Facts> {
  const pid = await dataDirHolder(dataDir);
  if (pid === undefined) return { running: false };
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const value = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "?";
  const limits = await readFile(`/proc/${pid}/limits`, "utf8").catch(() => ""); // another user's
  const files = await readdir(`/proc/${pid}/fd`).catch(() => undefined);
  return {
    running: true,
    pid,
    user: value("Uid").split(/\s/)[0],
    memory: value("VmRSS"),
    "most memory": value("VmHWM"),
    threads: value("Threads"),
    "open files": files === undefined ? "another user's" : files.length,
    "open files allowed": /^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? "?",
  };
}

/** What it says of itself to everybody. */
export async function askReadiness({ values }: Subject, signal: AbortSignal): Promise<Facts> {
  const address = new URL("readyz", await webRootOf(values));
  const answer = await fetch(address, { signal });
  const { status, reasons } = (await answer.json()) as { status: string; reasons: string[] };
  return { address: address.href, status, reasons: reasons.join(", ") || "none" };
}

/** What it says of itself to who may ask: streams, disk and queues. */
export async function askNow({ values, names }: Subject, signal: AbortSignal): Promise<Facts> {
  const now = await clientFor(values, await webRootOf(values)).call("GET /now", { signal });
  for (const { device } of now.devices) names.device.add(device);
  const states = [...new Set(now.devices.map(({ state }) => state))];
  const streams = now.devices.flatMap((device) => device.streams);
  const { bytesPerSecond, hoursLeft, trouble } = now.disk;
  const inState = states.map(
    (state) => `${now.devices.filter((one) => one.state === state).length} ${state}`,
  );
  const queues = now.queues.map(
    ({ step, waiting, running, failing, givenUp, isWaiting }) =>
      `${step}: ${waiting} wait, ${running} run, ${failing} fail, ${givenUp} given up${isWaiting ? ", held up" : ""}`,
  );
  return {
    devices: inState.join(", ") || "none",
    streams: streams.length,
    codecs: [
      ...new Set(streams.map(({ codec, sampleRate, channels }) => `${codec} ${sampleRate} Hz ×${channels}`)),
    ].join(", "),
    "lost frames": streams.reduce((sum, { lostFrames }) => sum + lostFrames, 0),
    disk: `${bytesInWords(bytesPerSecond)}/s, ${hoursLeft === null ? "for ever" : shownDuration(hoursLeft * 3600e6)} left, trouble: ${trouble ?? "none"}`,
    ...Object.fromEntries(queues.map((text, i) => [`queue ${i + 1}`, text])),
  };
}

const WANTED =
  /^(process_(resident|cpu_seconds|start_time)|nodejs_(eventloop_lag|heap_size|external)|audio_receiver_(trouble|gap_|backlog|disk|segments|streams|connections|gate_refused|peers_refused|log))/;
const MOST_METRICS = 120;

/** Its counters: event loop, memory, disk. */
export async function askMetrics({ values }: Subject, signal: AbortSignal): Promise<string[]> {
  const headers =
    values.metricsToken === undefined ? loginFor(values) : { authorization: `Bearer ${values.metricsToken}` };
  const answer = await fetch(new URL("metrics", await webRootOf(values)), { headers, signal });
  if (!answer.ok) throw new Error(`GET /metrics: ${answer.status}`);
  const lines = (await answer.text())
    .split("\n")
    .filter((line) => WANTED.test(line) && !line.includes('device="'));
  return lines.slice(0, MOST_METRICS);
}
