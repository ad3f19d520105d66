/** Longer sections are found by their beginning: tables of 300 rows would be most of what a browser must load. */
const MAX_TEXT = 6000;

/** Names every page, and says nothing of them. */
const INDEX = "docs/index.html";

/** What the search of the site finds on a page: `[url, page, heading, text]`, the shortest form there is. */
export function searchEntries({ url, title, sections }) {
  if (url === INDEX) return [];
  return sections.map(({ anchor, heading, text }) => [
    anchor === "" ? url : `${url}#${anchor}`,
    title,
    heading === title ? "" : heading,
    text.slice(0, MAX_TEXT),
  ]);
}
