import { parseLevels } from "@audio/api/client";
import { effect, type Signal, signal } from "@preact/signals";
import { byteOf } from "../../parts/loudness.js";
import { second } from "../../parts/ticking.js";
import { server } from "../../server/client.js";
import { serverNow } from "../../server/info.js";
import { connection, now, onEvent } from "../../server/live.js";
import { Hour, hourBefore, POINT_US, POINTS } from "./hour.js";

interface Shown {
  readonly hour: Hour;
  /** Counts its changes. */
  readonly version: Signal<number>;
}

/** As many as the receiver answers for at once. */
const AT_ONCE = 64;
/** Complete segments know better than what was heard live; but not each of them is worth asking. */
const AGAIN_MS = 60_000;

/** Why the last hour is not known; it fills by itself from what is heard. */
export const hoursFailure = signal<Error | undefined>(undefined);

const shown = new Map<string, Shown>();

/** The last hour of a device, and a count that goes up whenever it changes. */
export function hourOf(device: string): Shown {
  const known = shown.get(device);
  if (known !== undefined) return known;
  const made = { hour: new Hour(), version: signal(0) };
  shown.set(device, made);
  return made;
}

/** Keeps the hours up to date while the page is shown: asked for once, then from what is heard. */
export function followHours(): () => void {
  let askedMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = new AbortController();
  const ask = () => {
    timer = undefined;
    askedMs = Date.now();
    void askHours(abort.signal);
  };
  const askSoon = () => {
    timer ??= setTimeout(ask, Math.max(0, askedMs + AGAIN_MS - Date.now()));
  };
  const ends = [
    effect(() => {
      if (connection.value.state === "live") ask();
    }),
    onEvent("segment", askSoon),
    onEvent("levels", ({ rows }) => takeRows(rows)),
    effect(() => {
      if (second.value % 10 === 0) moveOn();
    }),
    () => clearTimeout(timer),
    () => abort.abort(),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function moveOn(): void {
  const us = serverNow();
  for (const { hour, version } of shown.values()) if (hour.moveTo(us)) version.value = version.peek() + 1;
}

function takeRows(rows: readonly (readonly number[])[]): void {
  const devices = new Map(
    now.peek()?.devices.flatMap(({ device, streams }) => streams.map(({ key }) => [key, device] as const)),
  );
  for (const [key, peakDbfs, , endUs] of rows) {
    const device = devices.get(key);
    if (device === undefined) continue;
    const { hour, version } = hourOf(device);
    if (hour.put(endUs - 1, byteOf(peakDbfs))) version.value = version.peek() + 1;
  }
}

async function askHours(signal: AbortSignal): Promise<void> {
  const { fromUs, toUs } = hourBefore(serverNow());
  const devices = (now.peek()?.devices ?? [])
    .filter(({ lastUs }) => lastUs !== null && lastUs > fromUs)
    .map(({ device }) => device);
  for (let i = 0; i < devices.length; i += AT_ONCE) {
    const device = devices.slice(i, i + AT_ONCE);
    const query = { device, from: String(fromUs), to: String(toUs), points: POINTS };
    try {
      takeAnswer(device, await server.call("GET /levels", { query, signal }));
      hoursFailure.value = undefined;
    } catch (error) {
      if (signal.aborted) return;
      hoursFailure.value = error as Error;
    }
  }
}

function takeAnswer(devices: readonly string[], message: ArrayBuffer): void {
  const { fromUs, devices: levels } = parseLevels(message);
  for (const [i, { peak }] of levels.entries()) {
    const { hour, version } = hourOf(devices[i]);
    hour.moveTo(fromUs + (POINTS - 1) * POINT_US);
    for (const [point, value] of peak.entries()) hour.put(fromUs + point * POINT_US, value);
    version.value = version.peek() + 1;
  }
}
