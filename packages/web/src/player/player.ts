import { batch, effect } from "@preact/signals";
import type { Listening } from "./live/listening.js";
import { neighbour } from "./neighbour.js";
import type { Heard } from "./plan/review.js";
import { ArchiveProgramme } from "./programme/archive.js";
import { RangeProgramme, ReviewProgramme } from "./programme/excerpts.js";
import type { Programme } from "./programme/programme.js";
import * as state from "./state.js";
import { Transport } from "./transport.js";

export {
  devices,
  mode,
  playhead,
  playing,
} from "./state.js";

const transport = new Transport();
let listening: Listening | undefined;
/** Counts wishes: what was loaded for an older one is not begun. */
let wishes = 0;

effect(() => {
  const { speed, volume, mixes, devices } = state;
  void [speed.value, volume.value, mixes.value, devices.value];
  transport.adjust();
});

/**
 * Plays devices together from a moment on, across segments and gaps, up to what is recorded now.
 * @param us µs UTC
 */
export function playFrom(devices: readonly string[], us: number): void {
  if (devices.length > 0) start(new ArchiveProgramme(devices), Math.round(us));
}

/** Plays a stretch of one device, `[fromUs, toUs)` in µs UTC; `loop`: again and again. */
export function playRange(
  device: string,
  fromUs: number,
  toUs: number,
  { loop = false }: { readonly loop?: boolean } = {},
): void {
  const span = { fromUs: Math.round(fromUs), toUs: Math.round(toUs) };
  start(new RangeProgramme(device, span, loop), span.fromUs);
}

/** Plays only the sounds of a device, each with a second before and after it. */
export function review(device: string, sounds: readonly Heard[]): void {
  if (sounds.length === 0) {
    state.notice.value = { kind: "told", text: "There is no sound event to be heard here." };
    return;
  }
  const programme = new ReviewProgramme(device, sounds);
  start(programme, programme.extent.fromUs);
}

/**
 * Hears a device as it sends, less than half a second late.
 * @param key names one of its streams, as `/now` does; undefined = its first
 */
export async function listen(device: string, key?: number): Promise<void> {
  stopAll();
  const wish = wishes;
  batch(() => {
    state.mode.value = "live";
    state.devices.value = [device];
    state.playing.value = true;
    state.waiting.value = "connecting";
    state.notice.value = undefined;
  });
  const { Listening } = await import("./live/listening.js");
  if (wish === wishes) listening = new Listening(device, key);
}

function start(programme: Programme, us: number): void {
  stopAll();
  transport.start(programme, us);
}

function stopAll(): void {
  wishes++;
  listening?.stop();
  listening = undefined;
  transport.stop();
}

/** Stops for now; `resume` goes on from there, live listening with what is live then. */
export function pause(): void {
  if (state.isLive.value) stopAll();
  else transport.pause();
}

/** Goes on from the playhead. */
export function resume(): void {
  const [device] = state.devices.value;
  if (!state.isLive.value) transport.resume();
  else if (listening !== undefined) void listening.resume();
  else if (device !== undefined) void listen(device);
}

/** Goes forward, or back with a negative number of seconds. */
export function skip(seconds: number): void {
  const us = state.playhead.value;
  if (us !== undefined) seek(us + seconds * 1e6);
}

/** Goes to the next sound event, or the one before; in a review to the next of its sounds. */
export async function skipToSound(direction: 1 | -1): Promise<void> {
  const us = state.playhead.value;
  if (us === undefined) return;
  const wish = wishes;
  const found = await neighbour(state.devices.value, us, direction, transport.sounds);
  if (wish !== wishes) return;
  if (found.kind === "sound") seek(found.us);
  else state.notice.value = { kind: found.kind, text: found.text };
}

/** Goes to a moment of what plays, µs UTC. */
export function seek(us: number): void {
  // From live back into what is recorded.
  if (state.isLive.value) playFrom(state.devices.value, us);
  else transport.seek(Math.round(us));
}

/** Ends it and lets go of everything; the bar goes away. */
export function close(): void {
  stopAll();
  state.mode.value = "nothing";
  state.devices.value = [];
  state.playhead.value = undefined;
  state.notice.value = undefined;
}
