// The order of pages: docs/README.md, which the README's list and the site's navigation are made of.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

const LIST = "docs/README.md";
/** Of the README itself and what it says at its end. */
const LEFT_OUT = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "test/corpus/README.md"];

function pagesOf(section) {
  const rows = section.matchAll(/^- \[(.+?)\]\((\S+?)\): (.+)$/gm);
  return Array.from(rows, ([, title, link, about]) => ({ page: join("docs", link), title, about }));
}

/** Groups of pages in their order; `page` is a path from the root of the repository. */
export function readContents() {
  const [, ...sections] = readFileSync(join(ROOT, LIST), "utf8").split(/^## /m);
  return sections.map((section) => ({ group: section.split("\n", 1)[0], pages: pagesOf(section) }));
}

export function listOfPages() {
  const rows = readContents().map(({ group, pages }) => {
    const shown = pages.filter(({ page }) => !LEFT_OUT.includes(page));
    return `- **${group}**: ${shown.map(({ page, title }) => `[${title}](${page})`).join(", ")}\n`;
  });
  return rows.join("");
}
