import type { Loss } from "@audio/api";
import type { Span } from "../time/view.js";

/** How far a deletion reaches beyond what was selected, before and behind it, in microseconds. */
export function beyond({ fromUs, toUs }: Pick<Loss, "fromUs" | "toUs">, selection: Span): number {
  if (fromUs === null || toUs === null) return 0;
  return Math.max(0, selection.fromUs - fromUs) + Math.max(0, toUs - selection.toUs);
}
