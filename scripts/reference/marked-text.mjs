/** Puts text between the two marks of a document; what stands around them is written by people. */
export function between(document, { begin, end }, text) {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for what is generated: ${begin}`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}

/** Marks of a part that a script writes. */
export function marks(what) {
  return {
    begin: `<!-- ${what}: written by scripts/generate-reference-docs.mjs -->\n`,
    end: `<!-- end of ${what} -->\n`,
  };
}

/** A table as Markdown, its columns padded. */
export function table(rows) {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |\n`;
  const [head, ...body] = cells.map(line);
  return head + line(widths.map((width) => "-".repeat(width))) + body.join("");
}
