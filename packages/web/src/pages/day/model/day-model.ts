import type { TimeZone } from "@audio/segments";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { playhead } from "../../../player/player.js";
import type { AtTime, Lane } from "../lanes/lane.js";
import type { Loudness } from "../levels/day-levels.js";
import type { DayState, Selection } from "../time/address.js";
import { dayOf } from "../time/local-day.js";
import { centred, moved, type Span, showing, zoomed } from "../time/view.js";

/** What is under the pointer, or at the keyboard's place. */
export interface Pointed extends AtTime {
  readonly device: string;
  readonly us: number;
  readonly level: Loudness | undefined;
}

const MINUTE_US = 60_000_000;

/** Everything that the page of one day shows and changes. */
export class DayModel {
  readonly zone: TimeZone;
  readonly date: string;
  readonly day: Span;
  /** As in the address: empty = as many as can be shown. */
  readonly chosen: Signal<readonly string[]>;
  readonly together: Signal<readonly string[]>;
  readonly view: Signal<Span>;
  readonly selection: Signal<Selection | undefined>;
  /** Where the playhead was put; undefined: it is where the player is. */
  readonly marker: Signal<number | undefined>;
  readonly lanes: Signal<readonly Lane[]> = signal([]);
  /** The lane that keys act on. */
  readonly activeDevice: Signal<string | undefined>;
  readonly pointed: Signal<Pointed | undefined> = signal(undefined);
  /** What a key has done, for a screen reader. */
  readonly said = signal("");
  /** Where the playhead is in this day; undefined: nowhere. */
  readonly position: ReadonlySignal<number | undefined>;
  readonly active: ReadonlySignal<Lane | undefined>;

  constructor(zone: TimeZone, date: string, state: DayState) {
    this.zone = zone;
    this.date = date;
    this.day = dayOf(zone, date);
    this.chosen = signal(state.devices);
    this.together = signal(state.together);
    this.view = signal(state.view ?? this.day);
    this.selection = signal(state.selection);
    this.marker = signal(state.atUs);
    this.activeDevice = signal(state.lane ?? state.selection?.device ?? state.together[0]);
    this.position = computed(() => {
      const us = playhead.value;
      return this.marker.value ?? (us !== undefined && this.holds(us) ? us : undefined);
    });
    this.active = computed(
      () => this.lanes.value.find(({ device }) => device === this.activeDevice.value) ?? this.lanes.value[0],
    );
  }

  /** Whether a time is in the day. */
  holds(us: number): boolean {
    return us >= this.day.fromUs && us < this.day.toUs;
  }

  /** What its address says. */
  get state(): DayState {
    const view = this.view.value;
    const isWhole = view.fromUs === this.day.fromUs && view.toUs === this.day.toUs;
    return {
      devices: this.chosen.value,
      together: this.together.value,
      lane: this.activeDevice.value,
      view: isWhole ? undefined : view,
      atUs: this.position.value,
      selection: this.selection.value,
    };
  }

  /** Takes over what another address of the same day says. */
  take(state: DayState): void {
    this.chosen.value = state.devices;
    this.together.value = state.together;
    if (state.lane !== undefined) this.activeDevice.value = state.lane;
    this.view.value = state.view ?? this.day;
    this.selection.value = state.selection;
    if (state.atUs !== undefined) this.marker.value = state.atUs;
  }

  zoom(factor: number, aroundUs: number): void {
    this.view.value = zoomed(this.view.peek(), factor, aroundUs, this.day);
  }

  /** Around the playhead if one sees it, else around the middle. */
  zoomHere(factor: number): void {
    const { fromUs, toUs } = this.view.peek();
    const at = this.position.peek();
    const isSeen = at !== undefined && at >= fromUs && at <= toUs;
    this.zoom(factor, isSeen ? at : (fromUs + toUs) / 2);
  }

  pan(byUs: number): void {
    this.view.value = moved(this.view.peek(), byUs, this.day);
  }

  /** Moves the view as little as need be to see a time. */
  reveal(us: number): void {
    this.view.value = showing(this.view.peek(), us, this.day);
  }

  /** Goes to a time: near enough to see what is around it. */
  goTo(us: number): void {
    const { fromUs, toUs } = this.view.peek();
    this.marker.value = us;
    this.view.value = centred(us, Math.min(toUs - fromUs, 10 * MINUTE_US), this.day);
  }

  showAll(): void {
    this.view.value = this.day;
  }

  /** Devices that play when one of them is clicked: all that are heard together, if it is of them. */
  heardWith(device: string): readonly string[] {
    const together = this.together
      .peek()
      .filter((name) => this.lanes.peek().some((lane) => lane.device === name));
    return together.includes(device) ? together : [device];
  }
}
