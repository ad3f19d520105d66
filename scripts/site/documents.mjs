// Markdown as GitHub shows it: the same anchors, the same tables; links as they are on the site.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { ROOT } from "../reference/root.mjs";
import { escapeHtml } from "./html.mjs";

/** Longer code may be broken at the end of a line. */
const MAX_UNBROKEN = 24;

/** Anchors as GitHub makes them of headings; the second of a name gets -1. */
function anchorOf(text, taken) {
  const name = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
  const seen = taken.get(name) ?? 0;
  taken.set(name, seen + 1);
  return seen === 0 ? name : `${name}-${seen}`;
}

function textOf({ children }) {
  return children.map((child) => (child.type === "softbreak" ? " " : child.content)).join("");
}

/** Puts an anchor on every heading; they are the sections of the page. */
function markHeadings(tokens) {
  const taken = new Map();
  return tokens.flatMap((token, i) => {
    if (token.type !== "heading_open") return [];
    const text = textOf(tokens[i + 1]);
    const anchor = anchorOf(text, taken);
    token.attrSet("id", anchor);
    return [{ anchor, text, level: Number(token.tag.slice(1)), at: i }];
  });
}

/** Names every cell after its column: a phone shows the rows of a wide table one below the other. */
function nameCells(tokens) {
  let names = [];
  let column = 0;
  tokens.forEach((token, i) => {
    if (token.type === "table_open") names = [];
    else if (token.type === "tr_open") column = 0;
    else if (token.type === "th_open") names.push(textOf(tokens[i + 1]));
    else if (token.type === "td_open") token.attrSet("data-name", names[column++]);
    else if (token.type === "thead_close")
      tokens.findLast(({ type }, at) => at < i && type === "table_open").meta = names.length;
  });
}

function relink(tokens, page, links) {
  for (const token of tokens) {
    for (const name of ["href", "src"]) {
      const value = token.attrGet(name);
      if (value !== null) token.attrSet(name, links.resolve(value, page));
    }
    if (token.type === "image") token.attrSet("loading", "lazy");
    relink(token.children ?? [], page, links);
    nameTargets(token.children ?? [], page, links);
  }
}

/** Files have names where the document is read as a file; here its page has a title. */
function nameTargets(children, page, links) {
  children.forEach((child, i) => {
    if (child.type !== "text" || children[i - 1]?.type !== "link_open") return;
    child.content = links.titleOf(child.content, page) ?? child.content;
  });
}

/** Words of the tokens, for the search. */
function wordsOf(tokens) {
  const words = tokens.map((token) =>
    token.type === "inline" ? textOf(token) : token.type === "fence" ? token.content : "",
  );
  return words.filter(Boolean).join(" ").replace(/\s+/g, " ").trim();
}

/** Lists of pages are no place where something is said of what their rows name. */
function withoutLists(tokens) {
  const begin = tokens.findIndex(
    ({ type, content }) => type === "html_block" && content.startsWith("<!-- pages"),
  );
  return begin < 0 ? tokens : tokens.slice(0, begin);
}

/** The parts between headings: `{ anchor, heading, text }`; what stands above the first has no anchor. */
function sectionsOf(tokens, headings) {
  const starts = [{ anchor: "", text: "", at: -3 }, ...headings];
  const parts = starts.map(({ anchor, text, at }, i) => {
    const end = starts[i + 1]?.at ?? tokens.length;
    return { anchor, heading: text, text: wordsOf(withoutLists(tokens.slice(at + 3, end))) };
  });
  return parts.filter(({ heading, text }) => heading !== "" || text !== "");
}

function renderCode(highlight, code, info) {
  const language = info.trim().split(/\s/, 1)[0];
  const html = highlight(code, language) ?? escapeHtml(code);
  const copy = language === "text" ? "" : `<button type="button" class="copy">Copy</button>`;
  return `<div class="code"><pre tabindex="0"><code>${html}</code></pre>${copy}</div>\n`;
}

function parser(highlight) {
  const markdown = new MarkdownIt({ html: true, linkify: false });
  const { rules } = markdown.renderer;
  rules.code_inline = (tokens, i) => {
    const { content } = tokens[i];
    return `<code${content.length > MAX_UNBROKEN ? "" : ' class="short"'}>${escapeHtml(content)}</code>`;
  };
  rules.fence = (tokens, i) => renderCode(highlight, tokens[i].content, tokens[i].info);
  rules.table_open = (tokens, i) =>
    `<div class="table${tokens[i].meta > 2 ? " wide" : ""}" tabindex="0"><table>\n`;
  rules.table_close = () => "</table></div>\n";
  rules.heading_close = (tokens, i) => {
    const anchor = tokens[i - 2].attrGet("id");
    const link = `<a class="anchor" href="#${anchor}" aria-label="Link to this section">#</a>`;
    return `${tokens[i].tag === "h1" ? "" : link}</${tokens[i].tag}>\n`;
  };
  return markdown;
}

/** A page of the site, of the Markdown file at `page.path`. */
export function renderDocument(page, links, highlight) {
  const markdown = parser(highlight);
  const env = {};
  const tokens = markdown.parse(readFileSync(join(ROOT, page.path), "utf8"), env);
  const headings = markHeadings(tokens);
  nameCells(tokens);
  relink(tokens, page, links);
  return {
    ...page,
    html: markdown.renderer.render(tokens, markdown.options, env),
    headings: headings.filter(({ level }) => level === 2 || level === 3),
    sections: sectionsOf(tokens, headings),
  };
}
