import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { playhead, playing } from "../../player/player.js";
import { goTo, place } from "../../shell/router.js";
import type { DayModel } from "./model/day-model.js";
import { readAddress, writeAddress } from "./time/address.js";

const SETTLED_MS = 400;

/** Keeps the address telling what is shown, and shows what an address tells that one goes to. */
export function useAddress(model: DayModel): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const written = useRef(textOf(place.peek()));
  useSignalEffect(() => {
    const { view, selection, chosen, together, activeDevice, marker } = model;
    for (const each of [view, selection, chosen, together, activeDevice, marker]) void each.value;
    if (!playing.value) void playhead.value; // while it moves, it is written when something else is
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const address = writeAddress(model.zone, model.date, model.state);
      if (address === textOf(place.peek())) return;
      written.current = address;
      goTo(address, "replace");
    }, SETTLED_MS);
  });
  useSignalEffect(() => {
    const { value } = place;
    const text = textOf(value);
    if (text === written.current || value.path !== `/date/${model.date}`) return;
    written.current = text;
    model.take(readAddress(model.zone, model.date, value.query));
  });
  // The marker gives way to the player as soon as it moves here.
  useSignalEffect(() => {
    const us = playhead.value;
    if (playing.value && us !== undefined && model.holds(us)) model.marker.value = undefined;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

function textOf({ path, query }: { readonly path: string; readonly query: URLSearchParams }): string {
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%7E", "~");
  return `${path}${text === "" ? "" : `?${text}`}`;
}
