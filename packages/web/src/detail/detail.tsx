import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { playFrom, playhead } from "../player/player.js";
import { zone } from "../server/info.js";
import "./detail.css";
import { paint, type ReadyTile, type Sheet } from "./paint.js";
import { readOut } from "./read-out.js";
import { TileStore } from "./tile-store.js";
import { LONGEST_VIEW_US, type Tile, tilesFor } from "./tiles.js";

export interface DetailProps {
  readonly device: string;
  /** The time in view, µs UTC, as wide as this element; at most `LONGEST_VIEW_US`. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Devices that a click plays; default: this one. */
  readonly together?: readonly string[];
}

/** Waveform and spectrogram of what is in view: hover tells, a click plays. */
export function Detail({ device, fromUs, toUs, together }: DetailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const changes = useSignal(0);
  const told = useSignal("");
  const store = useMemo(
    () =>
      new TileStore(() => {
        changes.value++;
      }),
    [],
  );
  useEffect(() => () => store.close(), [store]);
  const isTooLong = toUs - fromUs > LONGEST_VIEW_US;
  const tiles = isTooLong ? [] : tilesFor(device, fromUs, toUs);
  useEffect(() => store.want(tiles), [store, device, fromUs, toUs, changes.value]);
  const sheet = usePainting(canvas, { fromUs, toUs }, readyOf(store, tiles), changes.value);
  const failure = failureOf(store, tiles);
  const read = (event: PointerEvent) => {
    if (sheet.current === undefined) return;
    told.value = readOut(sheet.current, readyOf(store, tiles), event.offsetX, event.offsetY, zone.value);
  };
  const play = (event: MouseEvent) => {
    const width = canvas.current?.clientWidth ?? 0;
    if (width > 0) playFrom(together ?? [device], fromUs + (event.offsetX / width) * (toUs - fromUs));
  };
  return (
    <figure class="detail">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Waveform and spectrogram of ${device}`}
        onPointerMove={read}
        onPointerLeave={() => {
          told.value = "";
        }}
        onClick={play}
      />
      <Playhead fromUs={fromUs} toUs={toUs} />
      <figcaption>{told}</figcaption>
      {failure === undefined ? null : (
        <p class="detail-failure" role="status">
          {failure}{" "}
          <button type="button" onClick={() => store.again()}>
            Try again
          </button>
        </p>
      )}
    </figure>
  );
}

function readyOf(store: TileStore, tiles: readonly Tile[]): ReadyTile[] {
  return tiles.flatMap((tile) => {
    const content = store.get(tile);
    return content?.kind === "ready" ? [{ tile, computed: content.computed }] : [];
  });
}

function failureOf(store: TileStore, tiles: readonly Tile[]): string | undefined {
  for (const tile of tiles) {
    const content = store.get(tile);
    if (content?.kind === "failed") return content.text;
  }
  return undefined;
}

/** Keeps the canvas as it should be, at the size that it has. */
function usePainting(
  canvas: { readonly current: HTMLCanvasElement | null },
  { fromUs, toUs }: Pick<Sheet, "fromUs" | "toUs">,
  tiles: readonly ReadyTile[],
  change: number,
): { readonly current: Sheet | undefined } {
  const sheet = useRef<Sheet | undefined>(undefined);
  const size = useSignal("");
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      size.value = `${contentRect.width} ${contentRect.height}`;
    });
    if (canvas.current !== null) observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [canvas, size]);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null) sheet.current = paintAll(canvas.current, fromUs, toUs, tiles);
    });
    return () => cancelAnimationFrame(frame);
  }, [canvas, fromUs, toUs, change, size.value]);
  return sheet;
}

/** A third for the waveform. */
const WAVE_SHARE = 1 / 3;

function paintAll(
  canvas: HTMLCanvasElement,
  fromUs: number,
  toUs: number,
  tiles: readonly ReadyTile[],
): Sheet | undefined {
  const { clientWidth: width, clientHeight: height } = canvas;
  const brush = canvas.getContext("2d");
  if (brush === null || width === 0) return undefined;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  const style = getComputedStyle(canvas);
  const colours = { ink: style.color, faint: style.borderTopColor, paper: style.outlineColor };
  const sheet = { width, height, waveHeight: Math.round(height * WAVE_SHARE), fromUs, toUs, ...colours };
  paint(brush, sheet, tiles);
  return sheet;
}

function Playhead({ fromUs, toUs }: Pick<Sheet, "fromUs" | "toUs">) {
  const line = useRef<HTMLDivElement>(null);
  const from = useSignal(fromUs);
  const to = useSignal(toUs);
  from.value = fromUs;
  to.value = toUs;
  useSignalEffect(() => {
    if (line.current === null) return;
    const share = ((playhead.value ?? Number.NaN) - from.value) / (to.value - from.value);
    line.current.hidden = !(share >= 0 && share <= 1);
    line.current.style.insetInlineStart = `${100 * share}%`;
  });
  return <div class="detail-playhead" ref={line} hidden />;
}
