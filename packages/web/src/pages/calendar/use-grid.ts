import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { type Cell, cellAfter } from "./grid-keys.js";

/** A grid in which arrows go from cell to cell, and Tab to one of them only. */
export function useGrid(rows: number, columns: number, first: Cell) {
  const root = useRef<HTMLTableElement>(null);
  const at = useSignal(first);
  const press = (event: KeyboardEvent) => {
    const next = cellAfter(at.peek(), event, rows, columns);
    if (next === undefined) return;
    event.preventDefault();
    at.value = next;
    root.current?.querySelector<HTMLElement>(`[data-cell="${next.row}-${next.column}"]`)?.focus();
  };
  const cell = (row: number, column: number) => ({
    "data-cell": `${row}-${column}`,
    tabIndex: at.value.row === row && at.value.column === column ? 0 : -1,
    onFocus: () => {
      at.value = { row, column };
    },
  });
  return { table: { ref: root, role: "grid", onKeyDown: press } as const, cell };
}
