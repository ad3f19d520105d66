import type { DayModel } from "../model/day-model.js";
import { wholeMs } from "../model/moves.js";
import { between, timeAt, xOf } from "../time/view.js";
import type { Lane } from "./lane.js";

/** Where somebody points. */
export interface LanePlace {
  readonly lane: Lane;
  readonly us: number;
  /** Within the field, CSS pixels. */
  readonly x: number;
  readonly y: number;
}

/** What gestures do; what they do to view and selection they do to the model. */
export interface GestureActions {
  readonly play: (place: LanePlace) => void;
  /** Nowhere: the pointer has left. */
  readonly point: (place: LanePlace | undefined) => void;
  /** Swiped up or down, on lanes that are shown one at a time. */
  readonly swipe: (by: 1 | -1) => void;
}

export interface GestureField {
  readonly element: HTMLElement;
  readonly axis: HTMLElement;
  readonly lanes: () => readonly Lane[];
  readonly laneHeight: () => number;
}

interface Press {
  readonly place: LanePlace | undefined;
  readonly clientX: number;
  readonly clientY: number;
  readonly isTouch: boolean;
  readonly onAxis: boolean;
}

type Mode = "rest" | "press" | "select" | "pan" | "pinch" | "swipe";

const SLOP_PX = 4;
const TOUCH_SLOP_PX = 9;
const EDGE_PX = 6;
const LONG_PRESS_MS = 400;
const SWIPE_PX = 40;
/** A notch of a wheel is 100 pixels for browsers: a third nearer or farther. */
const ZOOM_PER_PX = Math.log(1.4) / 100;
/** Pinching on a touchpad comes as small turns of a wheel with ctrl. */
const PINCH_PER_PX = 0.01;

/** Turns what pointers and wheels do on the lanes into what is meant. */
export class Gestures {
  readonly #field: GestureField;
  readonly #model: DayModel;
  readonly #act: GestureActions;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  readonly #abort = new AbortController();
  #mode: Mode = "rest";
  #press: Press | undefined;
  #anchor: { readonly device: string; readonly us: number } | undefined;
  #longPress: ReturnType<typeof setTimeout> | undefined;

  constructor(field: GestureField, model: DayModel, act: GestureActions) {
    this.#field = field;
    this.#model = model;
    this.#act = act;
    const { signal } = this.#abort;
    for (const element of [field.element, field.axis]) {
      element.addEventListener("pointerdown", (event) => this.#down(event, element), { signal });
      element.addEventListener("pointermove", (event) => this.#move(event), { signal });
      element.addEventListener("pointerup", (event) => this.#up(event), { signal });
      element.addEventListener("pointercancel", (event) => this.#cancel(event), { signal });
      element.addEventListener("pointerleave", () => this.#act.point(undefined), { signal });
      element.addEventListener("dblclick", (event) => this.#zoomIn(event), { signal });
      element.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
      element.addEventListener("contextmenu", (event) => this.#mode !== "rest" && event.preventDefault(), {
        signal,
      });
    }
  }

  stop(): void {
    clearTimeout(this.#longPress);
    this.#abort.abort();
  }

  get #width(): number {
    return Math.max(1, this.#field.element.clientWidth);
  }

  get #usPerPx(): number {
    const { fromUs, toUs } = this.#model.view.peek();
    return (toUs - fromUs) / this.#width;
  }

  #timeAt(clientX: number): number {
    const { left } = this.#field.element.getBoundingClientRect();
    return timeAt(this.#model.view.peek(), this.#width, clientX - left);
  }

  #placeAt({
    clientX,
    clientY,
  }: {
    readonly clientX: number;
    readonly clientY: number;
  }): LanePlace | undefined {
    const box = this.#field.element.getBoundingClientRect();
    const y = clientY - box.top;
    const lane = this.#field.lanes()[Math.floor(y / this.#field.laneHeight())];
    const us = this.#timeAt(clientX);
    return lane && this.#model.holds(us) ? { lane, us, x: clientX - box.left, y } : undefined;
  }

  #down(event: PointerEvent, element: HTMLElement): void {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    clearTimeout(this.#longPress);
    if (this.#pointers.size > 1) {
      this.#mode = "pinch";
      return;
    }
    const { clientX, clientY } = event;
    const isTouch = event.pointerType === "touch";
    const onAxis = element === this.#field.axis;
    this.#press = { place: onAxis ? undefined : this.#placeAt(event), clientX, clientY, isTouch, onAxis };
    this.#mode = "press";
    if (isTouch && !onAxis) this.#longPress = setTimeout(() => this.#beginSelection(), LONG_PRESS_MS);
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined)
      return event.pointerType === "touch" ? undefined : this.#act.point(this.#placeAt(event));
    if (this.#mode === "press") this.#decide(event);
    if (this.#mode === "pan") this.#model.pan((before.x - event.clientX) * this.#usPerPx);
    if (this.#mode === "select") this.#stretch(event.clientX);
    if (this.#mode === "pinch") this.#pinch(event);
    before.x = event.clientX;
    before.y = event.clientY;
  }

  /** A press that has moved far enough is something else. */
  #decide({ clientX, clientY }: PointerEvent): void {
    if (this.#press === undefined) return;
    const { isTouch, onAxis } = this.#press;
    const dx = Math.abs(clientX - this.#press.clientX);
    const dy = Math.abs(clientY - this.#press.clientY);
    if (Math.max(dx, dy) < (isTouch ? TOUCH_SLOP_PX : SLOP_PX)) return;
    clearTimeout(this.#longPress);
    if (onAxis) this.#mode = "pan";
    else if (isTouch) this.#mode = dx >= dy ? "pan" : "swipe";
    else this.#beginSelection();
  }

  #beginSelection(): void {
    const { place, isTouch } = this.#press ?? {};
    if (place === undefined) return;
    this.#mode = "select";
    if (isTouch) navigator.vibrate?.(10);
    this.#anchor = this.#edgeNear(place) ?? { device: place.lane.device, us: place.us };
  }

  /** Pressed at an edge of what is selected: it is drawn from the other edge. */
  #edgeNear({ lane, x }: LanePlace): { device: string; us: number } | undefined {
    const selection = this.#model.selection.peek();
    if (selection?.device !== lane.device) return undefined;
    const { device, fromUs, toUs } = selection;
    const isNear = (us: number) => Math.abs(xOf(this.#model.view.peek(), this.#width, us) - x) <= EDGE_PX;
    if (isNear(fromUs)) return { device, us: toUs };
    return isNear(toUs) ? { device, us: fromUs } : undefined;
  }

  #stretch(clientX: number): void {
    if (this.#anchor === undefined) return;
    const { fromUs, toUs } = this.#model.day;
    const us = wholeMs(Math.min(toUs, Math.max(fromUs, this.#timeAt(clientX))));
    const span = between(wholeMs(this.#anchor.us), us);
    if (span.toUs > span.fromUs) this.#model.selection.value = { device: this.#anchor.device, ...span };
  }

  #pinch({ pointerId, clientX, clientY }: PointerEvent): void {
    const before = this.#pointers.get(pointerId);
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    if (before === undefined || other === undefined) return;
    const far = (x: number, y: number) => Math.max(8, Math.hypot(x - other.x, y - other.y));
    this.#model.zoom(far(before.x, before.y) / far(clientX, clientY), this.#timeAt((before.x + other.x) / 2));
    this.#model.pan(((before.x - clientX) / 2) * this.#usPerPx);
  }

  #up(event: PointerEvent): void {
    const { place, clientY } = this.#press ?? {};
    if (this.#mode === "press" && place !== undefined) this.#act.play(place);
    const dy = event.clientY - (clientY ?? event.clientY);
    if (this.#mode === "swipe" && Math.abs(dy) > SWIPE_PX) this.#act.swipe(dy < 0 ? 1 : -1);
    this.#cancel(event);
  }

  #cancel({ pointerId }: PointerEvent): void {
    clearTimeout(this.#longPress);
    this.#pointers.delete(pointerId);
    this.#anchor = undefined;
    // One of two fingers is lifted: the other goes on moving the view.
    this.#mode = this.#mode === "pinch" && this.#pointers.size === 1 ? "pan" : "rest";
  }

  #zoomIn(event: MouseEvent): void {
    this.#model.zoom(event.shiftKey ? 4 : 0.25, this.#timeAt(event.clientX));
  }

  #wheel(event: WheelEvent): void {
    if (event.altKey) return; // the page's own
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33;
    const dx = event.deltaX * unit;
    const dy = event.deltaY * unit;
    if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) this.#model.pan((dx || dy) * this.#usPerPx);
    else
      this.#model.zoom(
        Math.exp(dy * (event.ctrlKey ? PINCH_PER_PX : ZOOM_PER_PX)),
        this.#timeAt(event.clientX),
      );
    this.#act.point(this.#placeAt(event));
  }
}
