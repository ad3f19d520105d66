import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { dbfsOfByte, LOUDNESS_CSS, NOTHING, shareOf } from "../../parts/loudness.js";
import { type Hour, POINTS } from "./hour.js";
import { hourOf } from "./hours.js";

const WIDTH = POINTS;
const HEIGHT = 24;

/** The last hour of a device: a bar for each half minute, as high and as bright as its loudest moment. */
export function Sparkline({ device, name }: { readonly device: string; readonly name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { hour, version } = hourOf(device);
  useSignalEffect(() => {
    void version.value;
    const context = canvas.current?.getContext("2d");
    if (context) draw(context, hour);
  });
  return (
    <canvas
      class="hour"
      ref={canvas}
      width={WIDTH * 2}
      height={HEIGHT * 2}
      role="img"
      aria-label={`Loudness of ${name} in the last hour`}
    />
  );
}

function draw(context: CanvasRenderingContext2D, { peaks }: Hour): void {
  context.clearRect(0, 0, WIDTH * 2, HEIGHT * 2);
  for (const [i, peak] of peaks.entries()) {
    if (peak === NOTHING) continue;
    const height = 2 + shareOf(dbfsOfByte(peak)) * (HEIGHT * 2 - 2);
    context.fillStyle = LOUDNESS_CSS[peak];
    context.fillRect(i * 2, HEIGHT * 2 - height, 2, height);
  }
}
