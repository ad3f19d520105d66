import { parseLevels } from "@audio/api/client";
import { computed, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { server } from "../../server/client.js";
import { zone } from "../../server/info.js";
import { clockText } from "../clock-text.js";
import { seek } from "../player.js";
import { devices, extent, playhead } from "../state.js";
import { heightsOf, overviewSpan } from "./overview-span.js";

const POINTS = 300;

const span = computed(() => {
  const { fromUs, toUs } = overviewSpan(playhead.value ?? 0, extent.value, zone.value);
  return `${fromUs} ${toUs}`; // text: the same hour is no change
});
const ends = computed(() => span.value.split(" ").map(Number));
const share = computed(() => {
  const [fromUs, toUs] = ends.value;
  return Math.min(1, Math.max(0, ((playhead.value ?? fromUs) - fromUs) / (toUs - fromUs)));
});
const told = computed(() => clockText(Math.floor((playhead.value ?? 0) / 1e6) * 1e6));

/** A strip of loudness to seek in. */
export function Overview() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const head = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    const [fromUs, toUs] = ends.value;
    const abort = new AbortController();
    void show(canvas.current, devices.value, fromUs, toUs, abort.signal);
    return () => abort.abort();
  });
  useSignalEffect(() => {
    if (head.current !== null) head.current.style.insetInlineStart = `${100 * share.value}%`;
  });
  return (
    <div
      class="player-overview"
      role="slider"
      tabIndex={0}
      aria-label="Position"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share.value)}
      aria-valuetext={told.value}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerUp={(event) => seekTo(event)}
      onKeyDown={step}
    >
      <canvas ref={canvas} width={POINTS} height={28} />
      <div class="player-head" ref={head} />
      <small>{clockText(ends.value[0])}</small>
      <small>{clockText(ends.value[1])}</small>
    </div>
  );
}

function seekTo({ currentTarget, clientX }: PointerEvent & { readonly currentTarget: HTMLElement }): void {
  const { left, width } = currentTarget.getBoundingClientRect();
  const [fromUs, toUs] = ends.value;
  const at = Math.min(1, Math.max(0, (clientX - left) / width));
  seek(fromUs + at * (toUs - fromUs));
}

function step(event: KeyboardEvent): void {
  const seconds = { ArrowLeft: -10, ArrowRight: 10, ArrowDown: -10, ArrowUp: 10, PageDown: -60, PageUp: 60 }[
    event.key
  ];
  if (seconds === undefined || playhead.value === undefined) return;
  event.preventDefault();
  seek(playhead.value + seconds * 1e6);
}

async function show(
  canvas: HTMLCanvasElement | null,
  device: readonly string[],
  fromUs: number,
  toUs: number,
  signal: AbortSignal,
): Promise<void> {
  const brush = canvas?.getContext("2d");
  if (!canvas || !brush || device.length === 0) return;
  brush.clearRect(0, 0, canvas.width, canvas.height);
  const query = { device: [...device], from: String(fromUs), to: String(toUs), points: POINTS };
  try {
    const message = parseLevels(await server.call("GET /levels", { query, signal }));
    draw(canvas, brush, heightsOf(message.devices.map(({ peak }) => peak)));
  } catch (error) {
    // One can seek without a picture, and the audio itself tells what is wrong.
    if (!signal.aborted) canvas.title = error instanceof Error ? error.message : String(error);
  }
}

function draw(canvas: HTMLCanvasElement, brush: CanvasRenderingContext2D, heights: Float32Array): void {
  brush.fillStyle = getComputedStyle(canvas).color;
  for (const [x, height] of heights.entries()) {
    const rows = height * canvas.height;
    brush.fillRect(x, (canvas.height - rows) / 2, 1, rows);
  }
}
