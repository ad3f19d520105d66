import { effect } from "@preact/signals";
import type { Heard } from "./plan/review.js";
import { ArchiveProgramme } from "./programme/archive.js";
import { RangeProgramme, ReviewProgramme } from "./programme/excerpts.js";
import * as state from "./state.js";
import { Transport } from "./transport.js";

export {
  devices,
  isLive,
  mode,
  type Notice,
  notice,
  playhead,
  playing,
  speed,
  volume,
  waiting,
} from "./state.js";

const transport = new Transport();

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
  if (devices.length > 0) transport.start(new ArchiveProgramme(devices), Math.round(us));
}

/** Plays a stretch of one device, `[fromUs, toUs)` in µs UTC; `loop`: again and again. */
export function playRange(
  device: string,
  fromUs: number,
  toUs: number,
  { loop = false }: { readonly loop?: boolean } = {},
): void {
  const span = { fromUs: Math.round(fromUs), toUs: Math.round(toUs) };
  transport.start(new RangeProgramme(device, span, loop), span.fromUs);
}

/** Plays only the sounds of a device, each with a second before and after it. */
export function review(device: string, sounds: readonly Heard[]): void {
  if (sounds.length === 0) {
    state.notice.value = { kind: "told", text: "There is no sound event to be heard here." };
    return;
  }
  const programme = new ReviewProgramme(device, sounds);
  transport.start(programme, programme.startUs);
}

/** Stops for now; `resume` goes on from there. */
export function pause(): void {
  transport.pause();
}

/** Goes on from the playhead. */
export function resume(): void {
  transport.resume();
}

/** Between play and pause. */
export function toggle(): void {
  if (state.playing.value) pause();
  else resume();
}

/** Goes forward, or back with a negative number of seconds. */
export function skip(seconds: number): void {
  const us = state.playhead.value;
  if (us !== undefined) transport.seek(us + seconds * 1e6);
}

/** Goes to a moment of what plays, µs UTC. */
export function seek(us: number): void {
  transport.seek(Math.round(us));
}

/** Ends it and lets go of everything; the bar goes away. */
export function close(): void {
  transport.stop();
  state.mode.value = "nothing";
  state.devices.value = [];
  state.playhead.value = undefined;
  state.notice.value = undefined;
}
