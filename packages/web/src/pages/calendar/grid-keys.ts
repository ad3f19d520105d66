/** Where the one cell of a grid is that Tab goes to. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/**
 * The cell that a key goes to, in the way of the grid pattern; undefined: the key is not one of a grid.
 * @param rows, columns how many there are
 */
export function cellAfter(
  { row, column }: Cell,
  { key, ctrlKey }: Pick<KeyboardEvent, "key" | "ctrlKey">,
  rows: number,
  columns: number,
): Cell | undefined {
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  const to = (nextRow: number, nextColumn: number) => ({
    row: within(nextRow, rows),
    column: within(nextColumn, columns),
  });
  if (key === "ArrowLeft") return to(row, column - 1);
  if (key === "ArrowRight") return to(row, column + 1);
  if (key === "ArrowUp") return to(row - 1, column);
  if (key === "ArrowDown") return to(row + 1, column);
  if (key === "Home") return to(ctrlKey ? 0 : row, 0);
  if (key === "End") return to(ctrlKey ? rows - 1 : row, columns - 1);
  return undefined;
}
