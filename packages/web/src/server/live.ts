import type { ServerEvents } from "@audio/api";
import { type Signal, signal } from "@preact/signals";
import { server } from "./client.js";
import { loadInfo, serverNow, setClock } from "./info.js";

export type Now = ServerEvents["now"];

/** Whether what is shown is what is: `lost` says since when it is not. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly sinceUs: number };

/** Loudness of the last second of a stream. */
export interface LiveLevel {
  readonly peakDbfs: number;
  readonly rmsDbfs: number;
  /** End of its audio, microseconds of UTC. */
  readonly endUs: number;
  readonly lostFrames: number;
}

/** Every device, the disk and the queues; undefined until the receiver has told. */
export const now = signal<Now | undefined>(undefined);
export const connection = signal<Connection>({ state: "connecting" });
/** When the receiver last told something, by its clock. */
export const heardUs = signal<number | undefined>(undefined);

const levels = new Map<number, Signal<LiveLevel | undefined>>();

/** Loudness of a stream, each second anew; undefined while there is none. */
export function levelOf(key: number): Signal<LiveLevel | undefined> {
  const known = levels.get(key);
  if (known !== undefined) return known;
  const made = signal<LiveLevel | undefined>(undefined);
  levels.set(key, made);
  return made;
}

type EventName = keyof ServerEvents;
type Listener<Name extends EventName> = (event: ServerEvents[Name]) => void;
const listeners = new Map<EventName, Set<Listener<EventName>>>();

/** Calls `listener` for each event of that name; what is returned ends it. */
export function onEvent<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
  const those = listeners.get(name) ?? new Set();
  listeners.set(name, those);
  those.add(listener as Listener<EventName>);
  return () => {
    those.delete(listener as Listener<EventName>);
  };
}

const NAMES: readonly EventName[] = ["now", "levels", "segment", "gap", "changed"];
/** Waits between attempts; a page that comes back into sight, or a network that does, tries at once. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15_000];
/** A connection that is silent for so long may be dead without anybody having said so, as after a sleep. */
const SILENCE_MS = 25_000;
/** Nobody looks: the receiver need not tell. A browser keeps six connections to a server, for all its tabs together. */
const HIDDEN_MS = 60_000;

let source: EventSource | undefined;
let attempts = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let hidden: ReturnType<typeof setTimeout> | undefined;

/** Begins to listen to the receiver, for as long as the page is there; what is returned ends it. */
export function startLive(): () => void {
  open();
  const look = () => (document.hidden ? hide() : show());
  document.addEventListener("visibilitychange", look);
  addEventListener("online", show);
  return () => {
    document.removeEventListener("visibilitychange", look);
    removeEventListener("online", show);
    close();
  };
}

function hide(): void {
  clearTimeout(hidden);
  hidden = setTimeout(close, HIDDEN_MS);
}

function show(): void {
  clearTimeout(hidden);
  if (connection.peek().state !== "live" || source === undefined) open();
}

function close(): void {
  clearTimeout(timer);
  source?.close();
  source = undefined;
}

function open(): void {
  close();
  void loadInfo();
  const opened = new EventSource(server.address("GET /events", {}));
  source = opened;
  opened.onerror = lose; // the browser's own attempts give up at the first answer that is none
  for (const name of NAMES)
    opened.addEventListener(name, (event) => take(name, event as MessageEvent<string>));
  watch();
}

function watch(): void {
  clearTimeout(timer);
  timer = setTimeout(open, SILENCE_MS);
}

function lose(): void {
  close();
  if (connection.peek().state !== "lost")
    connection.value = { state: "lost", sinceUs: heardUs.peek() ?? serverNow() };
  for (const level of levels.values()) level.value = undefined;
  timer = setTimeout(open, WAITS_MS[Math.min(attempts++, WAITS_MS.length - 1)]);
}

function take<Name extends EventName>(name: Name, { data }: MessageEvent<string>): void {
  const event = JSON.parse(data) as ServerEvents[Name];
  attempts = 0;
  watch();
  if (name === "now") takeNow(event as Now);
  if (name === "levels") takeLevels(event as ServerEvents["levels"]);
  heardUs.value = serverNow();
  if (connection.peek().state !== "live") connection.value = { state: "live" }; // who waits for it finds what came
  for (const listener of listeners.get(name) ?? []) listener(event);
}

function takeNow(event: Now): void {
  setClock(event.nowUs, Date.now());
  now.value = event;
  const connected = new Set(event.devices.flatMap(({ streams }) => streams.map(({ key }) => key)));
  for (const [key, level] of levels) {
    if (connected.has(key)) continue;
    level.value = undefined;
    levels.delete(key);
  }
}

function takeLevels({ nowUs, rows }: ServerEvents["levels"]): void {
  setClock(nowUs, Date.now());
  for (const [key, peakDbfs, rmsDbfs, endUs, lostFrames] of rows)
    levelOf(key).value = { peakDbfs, rmsDbfs, endUs, lostFrames };
}
