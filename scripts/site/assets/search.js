const MAX_RESULTS = 20;
const AROUND = 60;

let dialog;
let entries;

/** Entries as search-entries.mjs writes them: `[url, page, heading, text]`. */
async function load(root) {
  entries ??= fetch(`${root}search.json`).then((answer) => answer.json());
  return entries;
}

/** Most ask for what they can do; who asks for a function's name finds it all the same. */
const REFERENCE_WEIGHT = 0.5;

const MOST_COUNTED = 4;

/** Words count more in a title than in a heading, more there than in the text; and more when they stand together. */
function scoreOf(words, [url, page, heading, text]) {
  let score = rankAll(page, words) + rankAll(heading, words) + rankAll(text, words);
  for (const word of words) {
    const found = rank(page, word) * 8 + rank(heading, word) * 6 + rank(text, word);
    if (found === 0) return 0;
    score += found;
  }
  return url.startsWith("reference/") ? score * REFERENCE_WEIGHT : score;
}

function rankAll(text, words) {
  return words.length > 1 ? rank(text, words.join(" ")) * 2 : 0;
}

/** How much a text is about a word: all of it, in how many places, or only inside of other words. */
function rank(text, word) {
  const lower = text.toLowerCase();
  const at = lower.indexOf(word);
  if (at < 0) return 0;
  if (lower.length === word.length) return MOST_COUNTED + 1;
  if (/[\p{L}\p{N}]/u.test(lower[at - 1] ?? " ")) return 0.5;
  return Math.min(lower.split(word).length - 1, MOST_COUNTED) / 2 + 0.5;
}

function ranked(all, words) {
  const scored = all.map((entry) => ({ entry, score: words.length === 0 ? 0 : scoreOf(words, entry) }));
  return scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score);
}

/** What has all the words; or else, for each word, what has that. */
function find(all, question) {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = ranked(all, words);
  const found =
    whole.length > 0 ? whole : words.flatMap((word) => ranked(all, [word]).slice(0, MAX_RESULTS / 2));
  return { words, found: found.slice(0, MAX_RESULTS).map(({ entry }) => entry) };
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** The text around the first word that is in it, with the words marked. */
function excerpt(text, words) {
  const lower = text.toLowerCase();
  const first = Math.min(...words.map((word) => lower.indexOf(word)).filter((at) => at >= 0));
  const from = Number.isFinite(first) ? Math.max(0, first - AROUND) : 0;
  return marked(`${from > 0 ? "…" : ""}${text.slice(from, from + 3 * AROUND)}`, words);
}

function marked(text, words) {
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const parts = text.split(new RegExp(`(${pattern})`, "gi"));
  return parts.map((part, i) => (i % 2 === 1 ? element("mark", "", part) : part));
}

function row(root, [url, page, heading, text], words) {
  const title = element("strong", "", ...marked(heading || page, words));
  const link = element("a", "", title, element("small", "", heading ? page : ""));
  link.append(element("span", "", ...excerpt(text, words)));
  link.href = root + url;
  return element("li", "", link);
}

async function show(root, question) {
  const { words, found } = find(await load(root), question);
  const [input, list, status] = [
    dialog.querySelector("input"),
    dialog.querySelector("ul"),
    dialog.querySelector("p"),
  ];
  if (input.value !== question) return; // typed on while the index came
  list.replaceChildren(...found.map((entry) => row(root, entry, words)));
  list.querySelector("a")?.classList.add("chosen");
  status.textContent =
    words.length === 0 || found.length > 0 ? "" : `Nothing has “${question.trim()}” in it.`;
}

function choose(step) {
  const links = [...dialog.querySelectorAll("li a")];
  const at = links.findIndex((link) => link.classList.contains("chosen"));
  const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  links[at]?.classList.remove("chosen");
  next?.classList.add("chosen");
  next?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) choose(steps[event.key]);
  else if (event.key === "Enter") dialog.querySelector(".chosen")?.click();
  else if (event.key === "Escape")
    dialog.close(); // a search field would only be emptied
  else return;
  event.preventDefault();
}

function make(root) {
  const input = element("input", "");
  Object.assign(input, {
    type: "search",
    placeholder: "Search",
    ariaLabel: "Search",
    autocomplete: "off",
    spellcheck: false,
  });
  const status = element("p", "status");
  status.role = "status";
  const made = element("dialog", "search", input, element("ul", ""), status);
  made.ariaLabel = "Search";
  input.addEventListener("input", () => show(root, input.value));
  input.addEventListener("keydown", onKey);
  made.addEventListener("click", ({ target }) => (target === made || target.closest("a")) && made.close());
  document.body.append(made);
  return made;
}

/** Opens the search; `root` leads from this page to the beginning of the site. */
export function openSearch(root) {
  dialog ??= make(root);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input").select();
  load(root);
}
