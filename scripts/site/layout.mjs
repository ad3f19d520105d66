// The frame around a page: header with search and colours, navigation, what is on the page, the page before and behind.
import { escapeHtml, inlineHtml } from "./html.mjs";
import { linkBetween } from "./links.mjs";

const NAME = "Audio receiver";
const HOME = "index.html";

/** Before the first paint: the page must not flash in the other colours. */
const THEME_SCRIPT = `const t=localStorage.getItem("theme");if(t)document.documentElement.dataset.theme=t`;

function head(page) {
  const title = page.url === HOME ? `${NAME}: records what microphones send` : `${page.title} · ${NAME}`;
  const to = (url) => escapeHtml(linkBetween(page.url, url));
  return `<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(page.about.replaceAll("`", ""))}">
<link rel="icon" href="${to("assets/icon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${to("assets/highlight.css")}">
<link rel="stylesheet" href="${to("assets/site.css")}">
<script>${THEME_SCRIPT}</script>
<script src="${to("assets/site.js")}" defer></script>
</head>`;
}

function header(page) {
  const root = linkBetween(page.url, "search.json").replace("search.json", "");
  return `<header class="top">
<button type="button" class="menu" id="menu" aria-label="Pages" aria-expanded="false" aria-controls="pages"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12"/></svg></button>
<a class="name" href="${linkBetween(page.url, HOME)}"><img src="${linkBetween(page.url, "assets/icon.svg")}" alt="" width="24" height="24">${NAME}</a>
<button type="button" class="find" id="find" data-root="${root}"><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 4 4"/></svg><span>Search</span><kbd>/</kbd></button>
<button type="button" id="theme" aria-label="Colours"></button>
</header>`;
}

function navigationLink(page, { url, title }) {
  const current = page.url === url ? ` aria-current="page"` : "";
  return `<li><a href="${escapeHtml(linkBetween(page.url, url))}"${current}>${escapeHtml(title)}</a></li>`;
}

function packageRows(page, { modules }) {
  const rows = modules.map(({ name, url }) => ({ url, title: name }));
  return `<details${page.url.startsWith("reference/") ? " open" : ""}><summary>What they export</summary><ul>${rows.map((row) => navigationLink(page, row)).join("")}</ul></details>`;
}

function navigationGroup(page, group) {
  const rows = group.pages.map((each) => navigationLink(page, each)).join("");
  return `<h2>${escapeHtml(group.group)}</h2><ul>${rows}</ul>${group.modules ? packageRows(page, group) : ""}`;
}

function onThisPage({ headings }) {
  if (headings.length < 2) return "";
  const rows = headings.map(
    ({ anchor, text, level }) =>
      `<li class="level-${level}"><a href="#${escapeHtml(anchor)}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="outline" aria-label="On this page"><h2>On this page</h2><ul>${rows.join("")}</ul></nav>`;
}

/** The way through the documents, in the order of the navigation. */
function neighbours(page, { groups }) {
  const order = groups.flatMap(({ pages }) => pages);
  const at = order.findIndex(({ url }) => url === page.url);
  if (at < 0) return "";
  const link = (to, side, word) =>
    to === undefined
      ? "<span></span>"
      : `<a class="${side}" href="${escapeHtml(linkBetween(page.url, to.url))}"><small>${word}</small>${escapeHtml(to.title)}<span>${inlineHtml(to.about)}</span></a>`;
  return `<nav class="neighbours" aria-label="Before and after">${link(order[at - 1], "before", "Before")}${link(order[at + 1], "after", "Next")}</nav>`;
}

/** A package's page and those of its modules lead to each other. */
function siblings(page, { modules }) {
  const own = page.document ?? page;
  const all = modules.filter(({ document }) => document.url === own.url);
  if (all.length === 0) return "";
  const link = ({ url, title }) =>
    page.url === url
      ? `<span aria-current="page">${escapeHtml(title)}</span>`
      : `<a href="${escapeHtml(linkBetween(page.url, url))}">${escapeHtml(title)}</a>`;
  const rows = [
    { url: own.url, title: "What it is" },
    ...all.map(({ url, name }, i) => ({ url, title: i === 0 ? "What it exports" : name })),
  ];
  return `<nav class="siblings" aria-label="Of this package">${rows.map(link).join("")}</nav>`;
}

/** The whole HTML of a page. */
export function layOut(page, navigation) {
  const groups = navigation.groups.map((group) => navigationGroup(page, group)).join("\n");
  const kind = page.url === HOME ? "home" : page.url.split("/")[0];
  return `<!doctype html>
<html lang="en">
${head(page)}
<body class="${kind}">
<a class="skip" href="#content">To the content</a>
${header(page)}
<div class="frame">
<nav class="pages" id="pages" aria-label="Pages">${groups}</nav>
<main id="content">
<p class="group">${escapeHtml(page.group)}</p>
${siblings(page, navigation)}
<article>
${page.html}
</article>
${neighbours(page, navigation)}
</main>
${onThisPage(page)}
</div>
</body>
</html>
`;
}
