/** One line of a table: cells padded to widths, two spaces between them. */
export function tableRow(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, i) => cell.padEnd(widths[i] ?? 0));
  return `${padded.join("  ").trimEnd()}\n`;
}

/** A whole table, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => tableRow(row, widths)).join("");
}

const UNITS = ["KB", "MB", "GB", "TB", "PB"];

/** `512 B`, `9.6 MB`, `2.6 GB`: 1024 of one are one of the next, as the receiver's statistics have always had it. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}

/** `1 file`, `12 345 files` */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${String(n).replace(/\B(?=(\d{3})+$)/g, " ")} ${n === 1 ? one : many}`;
}
