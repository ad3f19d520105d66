// Files that documents lead to and that are no documents: shown as they are; a folder as the list of what is in it.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { ROOT } from "../reference/root.mjs";
import { escapeHtml } from "./html.mjs";
import { sourceUrl } from "./links.mjs";

const LANGUAGES = {
  ".ts": "ts",
  ".tsx": "tsx",
  ".mjs": "js",
  ".js": "js",
  ".py": "python",
  ".c": "c",
  ".h": "c",
};
const MORE = { ".ino": "c", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".sh": "sh", ".html": "html" };
/** Longer files are shown without colours: those of all of them take as long as the rest of the site. */
const MAX_COLOURED_BYTES = 6000;
const MAX_BYTES = 500_000;

function lines(html) {
  const all = html.replace(/\n$/, "").split("\n");
  return all.map((line, i) => `<span class="line" id="L${i + 1}">${line}</span>`).join("\n");
}

function fileHtml(path, highlight) {
  const bytes = readFileSync(join(ROOT, path));
  if (bytes.includes(0) || bytes.length > MAX_BYTES) return `<p>${bytes.length} bytes, not shown.</p>`;
  const text = bytes.toString("utf8");
  const language = { ...LANGUAGES, ...MORE }[extname(path)];
  const coloured = bytes.length <= MAX_COLOURED_BYTES && language ? highlight(text, language) : undefined;
  return `<div class="code source"><pre tabindex="0"><code>${lines(coloured ?? escapeHtml(text))}</code></pre></div>`;
}

function folderHtml(page, links) {
  const names = readdirSync(join(ROOT, page.path)).filter((name) => !/^(node_modules|dist|\..*)$/.test(name));
  const rows = names.map((name) => {
    const link = links.resolve(name, { path: join(page.path, "index"), url: page.url });
    return `<li><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></li>`;
  });
  return `<ul class="files">${rows.join("")}</ul>`;
}

/** The page of a file or folder of the repository. */
export function renderSource(path, links, highlight) {
  const page = {
    path,
    url: sourceUrl(path),
    title: basename(path),
    about: path,
    group: "Source",
    headings: [],
  };
  const isFolder = statSync(join(ROOT, path)).isDirectory();
  const body = isFolder ? folderHtml(page, links) : fileHtml(path, highlight);
  const head = `<h1>${escapeHtml(basename(path))}</h1><p class="lead"><code>${escapeHtml(path)}</code></p>`;
  return { ...page, html: head + body, sections: [] };
}
