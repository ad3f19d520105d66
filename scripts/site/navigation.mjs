// Every page of the site, its address and its place in the navigation.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readContents } from "../reference/contents.mjs";
import { ROOT } from "../reference/root.mjs";

/** `README.md` of a folder is its index page; all else keeps its path. */
function urlOf(path) {
  return path.replace(/(^|\/)README\.md$/, "$1index.html").replace(/\.md$/, ".html");
}

/** Modules that a package can be imported by, the package itself first: `{ name, entry, url }`. */
function modulesOf(folder, { name, exports }) {
  const sources = Object.entries(exports ?? {}).filter(([, target]) => target["@audio/source"]);
  return sources.map(([subpath, target]) => {
    const module = name + subpath.slice(1);
    return {
      name: module,
      entry: join(ROOT, folder, target["@audio/source"]),
      url: `reference/${module.slice("@audio/".length).replaceAll("/", "-")}.html`,
    };
  });
}

function readPackages() {
  const folders = readdirSync(join(ROOT, "packages")).map((name) => join("packages", name));
  const found = folders.filter((folder) => existsSync(join(ROOT, folder, "package.json")));
  return found.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
    const page = join(folder, "README.md");
    return {
      document: { path: page, url: urlOf(page), title: manifest.name, about: manifest.description },
      modules: modulesOf(folder, manifest),
    };
  });
}

const INDEX = { path: "docs/README.md", url: "docs/index.html", title: "All pages", about: "" };

/** `groups` of pages as the sidebar shows them; `documents` are those made of Markdown, `modules` those of sources. */
export function readNavigation() {
  const packages = readPackages();
  const groups = readContents().map(({ group, pages }) => ({
    group,
    pages: pages.map(({ page, title, about }) => ({ path: page, url: urlOf(page), title, about })),
  }));
  const listed = groups.flatMap(({ group, pages }) => pages.map((page) => ({ ...page, group })));
  const readmes = packages.map(({ document }) => ({ ...document, group: "Packages" }));
  const modules = packages.flatMap((each) =>
    each.modules.map((one) => ({ ...one, document: each.document })),
  );
  return {
    groups: [...groups, { group: "Packages", pages: readmes, modules }],
    documents: [...listed, ...readmes, { ...INDEX, group: "Project" }],
    modules,
  };
}
