import { computed, signal } from "@preact/signals";
import type { Span } from "./plan/windows.js";

/** Something to tell about what plays. */
export interface Notice {
  readonly kind: "told" | "trouble";
  readonly text: string;
  /** What can be done about it. */
  readonly offer?: { readonly label: string; readonly take: () => void };
}

/** How loud one device is among those that play together. */
export interface Mix {
  /** 0 … 1 */
  readonly volume: number;
  readonly muted: boolean;
  /** While one is solo, only those that are can be heard. */
  readonly solo: boolean;
}

/** What the player was asked for. */
export type Mode = "nothing" | "archive" | "range" | "review" | "live";

/** The moment that is heard, µs UTC; undefined before anything was played. Moves with each picture while it plays. */
export const playhead = signal<number | undefined>(undefined);
/** Whether sound comes, or will as soon as it is loaded: what the button between play and pause says. */
export const playing = signal(false);
/** Why there is no sound although it plays, for people: loading, waiting for more. */
export const waiting = signal<string | undefined>(undefined);
/** 0.5 … 4; pitch stays. */
export const speed = signal(1);
/** 0 … 1, of everything. */
export const volume = signal(1);
export const mode = signal<Mode>("nothing");
/** Devices that play, together. */
export const devices = signal<readonly string[]>([]);
/** By device; one that is not in it is at full volume. */
export const mixes = signal<ReadonlyMap<string, Mix>>(new Map());
/** All that a range or a review is about; undefined when it goes on without an end. */
export const extent = signal<Span | undefined>(undefined);
/** Which of the sounds of a review is heard. */
export const reviewed = signal<{ readonly index: number; readonly count: number } | undefined>(undefined);
export const notice = signal<Notice | undefined>(undefined);
/** The browser wants a press of a button before it makes a sound. */
export const refused = signal(false);
/** Milliseconds from the last request to play until it was heard. */
export const startMs = signal<number | undefined>(undefined);

export const isLive = computed(() => mode.value === "live");

/** Full volume. */
export const FULL: Mix = { volume: 1, muted: false, solo: false };

/** How loud a device is, 0 … 1, with everything counted in. */
export function gainOf(device: string): number {
  const all = mixes.value;
  const { volume: own, muted, solo } = all.get(device) ?? FULL;
  const someSolo = devices.value.some((name) => all.get(name)?.solo === true);
  return muted || (someSolo && !solo) ? 0 : own * volume.value;
}

/** Changes how loud one device is. */
export function mix(device: string, change: Partial<Mix>): void {
  const next = new Map(mixes.value);
  next.set(device, { ...(next.get(device) ?? FULL), ...change });
  mixes.value = next;
}
