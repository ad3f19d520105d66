/** Colours of a canvas: those of the page, in a form that a canvas takes. */
export interface Palette {
  readonly paper: string;
  readonly panel: string;
  readonly rule: string;
  readonly ink: string;
  readonly faint: string;
  readonly accent: string;
  readonly warn: string;
  readonly hatch: CanvasPattern;
}

const HATCH_PX = 6;

/**
 * Reads the colours that hold at an element: light or dark.
 * A custom property is only text; a colour that is made of it is what it stands for.
 */
export function readPalette(element: HTMLElement, context: CanvasRenderingContext2D): Palette {
  const probe = document.createElement("span");
  element.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const warn = colour("warn");
  const palette = {
    paper: colour("paper"),
    panel: colour("panel"),
    rule: colour("rule"),
    ink: colour("ink"),
    faint: colour("faint"),
    accent: colour("accent"),
    warn,
    hatch: hatchOf(context, warn, colour("panel")),
  };
  probe.remove();
  return palette;
}

/** Slanted lines: missing, whatever one sees of colours. */
function hatchOf(context: CanvasRenderingContext2D, colour: string, ground: string): CanvasPattern {
  const scale = devicePixelRatio;
  const side = Math.round(HATCH_PX * scale);
  const tile = document.createElement("canvas");
  tile.width = side;
  tile.height = side;
  const pen = tile.getContext("2d");
  const pattern = pen && context.createPattern(paintHatch(pen, side, scale, colour, ground), "repeat");
  if (!pattern) throw new Error("this browser gives no canvas to draw on");
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}

function paintHatch(
  pen: CanvasRenderingContext2D,
  side: number,
  scale: number,
  colour: string,
  ground: string,
): HTMLCanvasElement {
  pen.fillStyle = ground;
  pen.fillRect(0, 0, side, side);
  pen.strokeStyle = colour;
  pen.lineWidth = scale;
  pen.beginPath();
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
  }
  pen.stroke();
  return pen.canvas;
}
