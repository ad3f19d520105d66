import { effect } from "@preact/signals";
import { playing } from "../../../player/player.js";
import { serverNow } from "../../../server/info.js";
import type { DayLevels } from "../levels/day-levels.js";
import type { DayModel } from "../model/day-model.js";
import { TickRow } from "../time/ticks.js";
import { type Span, xOf } from "../time/view.js";
import { AXIS_PX, drawAxis } from "./axis.js";
import type { Lane } from "./lane.js";
import { LanePainter } from "./painter.js";
import { type Palette, readPalette } from "./palette.js";

/** Where lanes are drawn. */
export interface LaneElements {
  /** As wide and as high as all lanes. */
  readonly field: HTMLElement;
  readonly lanes: HTMLCanvasElement;
  readonly axis: HTMLCanvasElement;
  /** Lines and areas above the lanes. */
  readonly playhead: HTMLElement;
  readonly knob: HTMLElement;
  readonly selection: HTMLElement;
  readonly cursor: HTMLElement;
}

// Sixty-four high lanes on a fine screen would be a picture of a hundred megabytes.
const MOST_PIXELS = 16_000_000;

/** Keeps the picture of the lanes: whatever has changed is drawn once, with the next frame. */
export class LaneView {
  readonly #elements: LaneElements;
  readonly #model: DayModel;
  readonly #levels: DayLevels;
  readonly #ticks: TickRow;
  readonly #pen: CanvasRenderingContext2D;
  readonly #axisPen: CanvasRenderingContext2D;
  readonly #font: string;
  readonly #ends: (() => void)[] = [];
  #palette: Palette;
  #painter: LanePainter;
  #lanes: readonly Lane[] = [];
  #laneHeight = 0;
  #width = 0;
  #frame = 0;
  #isStale = true;
  #shownView: Span;
  #wasInView = false;

  constructor(elements: LaneElements, model: DayModel, levels: DayLevels) {
    this.#elements = elements;
    this.#model = model;
    this.#levels = levels;
    this.#ticks = new TickRow(model.zone);
    this.#pen = penOf(elements.lanes);
    this.#axisPen = penOf(elements.axis);
    this.#font = `12px ${getComputedStyle(elements.field).fontFamily}`;
    this.#shownView = model.view.peek();
    this.#palette = readPalette(elements.field, this.#pen);
    this.#painter = this.#paint();
    this.#ends.push(effect(() => this.#follow()));
    this.#watchColours();
    const scroll = () => this.request();
    addEventListener("scroll", scroll, { passive: true });
    this.#ends.push(() => removeEventListener("scroll", scroll));
  }

  /** Lanes that are drawn, and how large. CSS pixels. */
  layOut(lanes: readonly Lane[], width: number, laneHeight: number): void {
    this.#lanes = lanes;
    const height = Math.max(1, lanes.length * laneHeight);
    if (
      width !== this.#width ||
      laneHeight !== this.#laneHeight ||
      this.#elements.lanes.clientHeight !== height
    ) {
      this.#width = width;
      this.#laneHeight = laneHeight;
      const fit = Math.min(1, MOST_PIXELS / (width * height * devicePixelRatio ** 2));
      resize(this.#elements.lanes, this.#pen, width, height, devicePixelRatio * Math.sqrt(fit));
      resize(this.#elements.axis, this.#axisPen, width, AXIS_PX, devicePixelRatio);
    }
    this.request();
  }

  /** Draws lanes with the next frame. */
  readonly request = (): void => {
    this.#isStale = true;
    this.#schedule();
  };

  stop(): void {
    cancelAnimationFrame(this.#frame);
    for (const end of this.#ends) end();
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#draw);
  }

  #follow(): void {
    const view = this.#model.view.value;
    const us = this.#model.position.value;
    void [this.#model.selection.value, this.#model.pointed.value];
    const isInView = us !== undefined && us >= view.fromUs && us < view.toUs;
    // It has just left on its own: the view goes with it. Who has gone elsewhere is left there.
    if (playing.value && us !== undefined && !isInView && this.#wasInView && view === this.#shownView)
      queueMicrotask(() => this.#model.reveal(us));
    this.#wasInView = isInView;
    if (view !== this.#shownView) this.#isStale = true;
    this.#shownView = view;
    this.#schedule();
  }

  readonly #draw = (): void => {
    this.#frame = 0;
    if (this.#isStale && this.#width > 0) this.#drawLanes();
    this.#place();
  };

  #drawLanes(): void {
    this.#isStale = false;
    const view = this.#shownView;
    this.#ticks.follow(view, this.#width);
    const box = this.#elements.field.getBoundingClientRect();
    this.#painter.draw({
      view,
      width: this.#width,
      laneHeight: this.#laneHeight,
      top: Math.max(0, -box.top),
      bottom: Math.max(0, Math.min(box.height, innerHeight - box.top)),
      lanes: this.#lanes,
      grid: this.#ticks.times,
      nowUs: serverNow(),
    });
    drawAxis(this.#axisPen, this.#palette, this.#font, view, this.#width, this.#ticks);
  }

  #place(): void {
    const { playhead, knob, selection, cursor } = this.#elements;
    const us = this.#model.position.peek();
    this.#placeLine(playhead, us);
    this.#placeLine(knob, us);
    this.#placeLine(cursor, this.#model.pointed.peek()?.us);
    this.#placeSelection(selection);
  }

  #placeLine(line: HTMLElement, us: number | undefined): void {
    const x = us === undefined ? -1 : xOf(this.#shownView, this.#width, us);
    const isSeen = x >= 0 && x <= this.#width;
    if (line.hidden === isSeen) line.hidden = !isSeen;
    if (isSeen) line.style.transform = `translateX(${x}px)`;
  }

  #placeSelection(element: HTMLElement): void {
    const chosen = this.#model.selection.peek();
    const lane = this.#lanes.findIndex(({ device }) => device === chosen?.device);
    element.hidden = chosen === undefined || lane < 0;
    if (chosen === undefined || lane < 0) return;
    const from = Math.max(-2, xOf(this.#shownView, this.#width, chosen.fromUs));
    const to = Math.min(this.#width + 2, xOf(this.#shownView, this.#width, chosen.toUs));
    element.hidden = to <= from;
    element.style.transform = `translate(${from}px, ${lane * this.#laneHeight}px)`;
    element.style.width = `${Math.max(0, to - from)}px`;
    element.style.height = `${this.#laneHeight}px`;
  }

  #paint(): LanePainter {
    const { store, sheet, tiling } = this.#levels;
    return new LanePainter(this.#pen, this.#palette, store, sheet, tiling);
  }

  #watchColours(): void {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const change = () => {
      this.#palette = readPalette(this.#elements.field, this.#pen);
      this.#painter = this.#paint();
      this.request();
    };
    dark.addEventListener("change", change);
    this.#ends.push(() => dark.removeEventListener("change", change));
  }
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this browser gives no canvas to draw on");
  return pen;
}

function resize(
  canvas: HTMLCanvasElement,
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
  scale: number,
): void {
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  pen.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
}
