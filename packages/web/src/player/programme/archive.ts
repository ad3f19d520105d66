import { edgeOf, has, isFar, planWindow, type Stretch } from "../plan/windows.js";
import type { Next, Programme } from "./programme.js";
import { around, firstAfter, lastBefore } from "./surroundings.js";

/** One request for audio: ten minutes of 16 kHz mono are 19 MB, which a browser takes at once, so that no connection waits. */
const LONGEST_US = 600_000_000;
/** A hole is heard as silence up to this, and jumped over beyond. */
const SKIP_US = 5_000_000;
/** At the live edge: less is not asked for, or the next request would come at once. */
const LEAST_AT_EDGE_US = 2_000_000;

/** All that devices have recorded from a moment on, with what is being recorded now. */
export class ArchiveProgramme implements Programme {
  readonly mode = "archive";
  private cuts: readonly number[] = [];

  constructor(readonly devices: readonly string[]) {}

  cutAt(times: readonly number[]): void {
    this.cuts = [...new Set([...this.cuts, ...times])].sort((a, b) => a - b);
  }

  async next(us: number, signal: AbortSignal): Promise<Next> {
    const { stretches } = await around(this.devices, us, signal);
    const all = [...stretches.values()].flat();
    const edge = edgeOf(all);
    const planned = planWindow(all, us, { longestUs: LONGEST_US, skipUs: SKIP_US, cuts: this.cuts });
    const isAtEdge = edge !== undefined && edge - (planned?.fromUs ?? us) < LEAST_AT_EDGE_US;
    if (isAtEdge && (planned === undefined || planned.toUs >= edge)) return { kind: "edge", us: edge };
    if (planned === undefined) return this.beyond(us, signal);
    return {
      kind: "step",
      step: { ...planned, devices: playable(stretches, planned), isFar: isFar(all, planned) },
    };
  }

  // Nothing for hours: where the next recording is, or that this was the last.
  private async beyond(us: number, signal: AbortSignal): Promise<Next> {
    const after = await firstAfter(this.devices, us, signal);
    if (after !== undefined && after > us)
      return { kind: "end", text: "Nothing was recorded here.", elsewhereUs: after };
    const last = await lastBefore(this.devices, us, signal);
    if (last === undefined) return { kind: "end", text: "Nothing was recorded yet." };
    return { kind: "end", text: "Here the recordings end.", elsewhereUs: last - 10_000_000 };
  }
}

/** Devices that have something in a window. */
function playable(
  stretches: ReadonlyMap<string, readonly Stretch[]>,
  window: { readonly fromUs: number; readonly toUs: number },
): string[] {
  return [...stretches].filter(([, each]) => has(each, window)).map(([device]) => device);
}
