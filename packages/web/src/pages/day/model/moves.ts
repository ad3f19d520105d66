import { mode, pause, playFrom, playhead, playing, resume, seek } from "../../../player/player.js";
import { type Lane, neighbour, whatIsAt } from "../lanes/lane.js";
import type { DayLevels } from "../levels/day-levels.js";
import type { DayModel } from "./day-model.js";

/** Plays a device, and those that are heard together with it, from a moment on. */
export function playAt(model: DayModel, device: string, us: number): void {
  model.activeDevice.value = device;
  model.marker.value = undefined;
  playFrom(model.heardWith(device), us);
}

/** Play or pause, whichever it is not. */
export function togglePlaying(model: DayModel): void {
  const lane = model.active.peek();
  const us = playhead.peek();
  const marker = model.marker.peek();
  if (playing.peek()) pause();
  else if (lane !== undefined && marker !== undefined) playAt(model, lane.device, marker);
  else if (us !== undefined && model.holds(us)) resume();
  else if (lane !== undefined) playAt(model, lane.device, firstIn(model, lane));
}

/** Where something is recorded in the view; its beginning if nothing is. */
function firstIn(model: DayModel, { stretches }: Lane): number {
  const { fromUs, toUs } = model.view.peek();
  const first = stretches.find((stretch) => stretch[1] > fromUs && stretch[0] < toUs);
  return first === undefined ? fromUs : Math.max(fromUs, first[0]);
}

/** Puts the playhead somewhere, and goes on playing there if something plays. */
export function moveTo(model: DayModel, us: number): void {
  const { fromUs, toUs } = model.day;
  const there = Math.min(toUs - 1, Math.max(fromUs, us));
  const lane = model.active.peek();
  if (mode.peek() === "archive" && playing.peek()) seek(there);
  else if (playing.peek() && lane !== undefined) playAt(model, lane.device, there);
  else model.marker.value = there;
  model.reveal(there);
}

/** Moves the playhead; without one, the view. */
export function step(model: DayModel, seconds: number): void {
  const us = model.position.peek();
  const { fromUs, toUs } = model.view.peek();
  if (us === undefined) model.pan((Math.sign(seconds) * (toUs - fromUs)) / 10);
  else moveTo(model, us + seconds * 1_000_000);
}

/** Goes to the next or previous sound or gap of the lane that keys act on. @returns whether there is one */
export function jump(model: DayModel, what: "sounds" | "gaps", direction: "next" | "previous"): boolean {
  const lane = model.active.peek();
  const from = model.position.peek() ?? model.view.peek().fromUs;
  const found = lane && neighbour<{ startUs: number; endUs: number }>(lane[what], from, direction);
  if (found === undefined) return false;
  moveTo(model, found.startUs);
  return true;
}

/** The lane so many further down takes the keys. */
export function goToLane(model: DayModel, by: number): void {
  const lanes = model.lanes.peek();
  const at = lanes.findIndex(({ device }) => device === model.active.peek()?.device);
  const lane = lanes[Math.min(lanes.length - 1, Math.max(0, at + by))];
  if (lane !== undefined) model.activeDevice.value = lane.device;
}

/** Tells what is at a place. @param nearUs how far a mark may be away */
export function point(model: DayModel, levels: DayLevels, lane: Lane, us: number, nearUs: number): void {
  const level = levels.at(lane.device, us);
  model.pointed.value = { ...whatIsAt(lane, us, nearUs), device: lane.device, us, level };
}

/** A click on a mark: a sound plays from its beginning, a pin or a note is selected. @returns whether there is one */
export function takeMark(model: DayModel, lane: Lane, us: number, nearUs: number): boolean {
  const { pin, note, sound } = whatIsAt(lane, us, nearUs);
  const mark = note ?? pin;
  if (mark !== undefined) {
    const fromUs = Math.max(model.day.fromUs, mark.fromUs);
    model.selection.value = { device: lane.device, fromUs, toUs: Math.min(model.day.toUs, mark.toUs) };
  } else if (sound !== undefined) playAt(model, lane.device, sound.startUs);
  return mark !== undefined || sound !== undefined;
}

/** Begins or ends a selection at the playhead. */
export function markSelection(model: DayModel, edge: "from" | "to"): boolean {
  const us = model.position.peek();
  const lane = model.active.peek();
  if (us === undefined || lane === undefined) return false;
  const before = model.selection.peek();
  const same = before?.device === lane.device ? before : undefined;
  const { fromUs, toUs } = model.view.peek();
  const far = (toUs - fromUs) / 10;
  const from = edge === "from" ? us : Math.min(same?.fromUs ?? us - far, us - 1000);
  const to = edge === "to" ? us : Math.max(same?.toUs ?? us + far, us + 1000);
  model.selection.value = {
    device: lane.device,
    fromUs: Math.max(model.day.fromUs, wholeMs(from)),
    toUs: Math.min(model.day.toUs, wholeMs(to)),
  };
  return true;
}

/** Addresses have milliseconds: what is selected is what is shared. */
export function wholeMs(us: number): number {
  return Math.round(us / 1000) * 1000;
}
