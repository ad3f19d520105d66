import { openSearch } from "./search.js";

const COLOURS = ["system", "light", "dark"];
const DRAWINGS = {
  system: '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor"/>',
  light:
    '<circle cx="8" cy="8" r="3"/><path d="M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1"/>',
  dark: '<path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z"/>',
};

function showColours(button, colours) {
  if (colours === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = colours;
  button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${DRAWINGS[colours]}</svg>`;
  button.ariaLabel = `Colours: ${colours}`;
  button.title = button.ariaLabel;
}

function watchColours() {
  const button = document.querySelector("#theme");
  let colours = localStorage.getItem("theme") ?? "system";
  showColours(button, colours);
  button.addEventListener("click", () => {
    colours = COLOURS[(COLOURS.indexOf(colours) + 1) % COLOURS.length];
    if (colours === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", colours);
    showColours(button, colours);
  });
}

/** Scrolls the list of pages, and it alone, to the page that is open. */
function showCurrent() {
  const pages = document.querySelector("#pages");
  const current = pages.querySelector("[aria-current]");
  if (current) pages.scrollTop = current.offsetTop - pages.clientHeight / 2;
}

function watchMenu() {
  const button = document.querySelector("#menu");
  const show = (isOpen) => {
    document.body.classList.toggle("menu-open", isOpen);
    button.ariaExpanded = String(isOpen);
    showCurrent();
  };
  button.addEventListener("click", () => show(button.ariaExpanded !== "true"));
  document.addEventListener("keydown", ({ key }) => key === "Escape" && show(false));
  showCurrent();
}

function watchCopies() {
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 2000);
    });
  }
}

function watchSearch() {
  const button = document.querySelector("#find");
  const open = () => openSearch(button.dataset.root);
  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(input|textarea|select)$/i.test(event.target.tagName);
    const asks = event.key === "/" ? !isTyping : event.key === "k" && (event.ctrlKey || event.metaKey);
    if (!asks) return;
    event.preventDefault();
    open();
  });
}

/** Marks the section that is being read in the list beside the page. */
function watchSections() {
  const links = new Map(
    Array.from(document.querySelectorAll(".outline a"), (link) => [
      decodeURIComponent(link.hash.slice(1)),
      link,
    ]),
  );
  const headings = Array.from(links.keys(), (id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
    const current = links.get((passed.at(-1) ?? headings[0])?.id);
    for (const link of links.values()) link.classList.toggle("current", link === current);
  };
  if (headings.length > 0) document.addEventListener("scroll", mark, { passive: true });
  mark();
}

watchColours();
watchMenu();
watchCopies();
watchSearch();
watchSections();
