// `npm run docs`: the documents and the reference of the packages as static pages, into site/.
//
//   npm run docs                         # builds
//   npm run docs -- --serve [--port N]   # and shows them on 127.0.0.1
//   npm run docs -- --out FOLDER
//
// Nothing is asked of other machines, then or later; all links are relative, so the folder may stand below any path.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build as bundle } from "esbuild";
import { ROOT } from "../reference/root.mjs";
import { renderDocument } from "./documents.mjs";
import { layOut } from "./layout.mjs";
import { SiteLinks } from "./links.mjs";
import { readNavigation } from "./navigation.mjs";
import { renderPages } from "./reference.mjs";
import { searchEntries } from "./search-entries.mjs";
import { serve } from "./serve.mjs";
import { renderSource } from "./source-pages.mjs";

const ASSETS = join(import.meta.dirname, "assets");
const DEFAULT_PORT = 4173;
const MARK = "search.json";

/** What is built is replaced; a folder with anything else in it is not ours to empty. */
function emptyFolder(out) {
  if (existsSync(out) && !existsSync(join(out, MARK)))
    throw new Error(
      `${out} is there, and no site that npm run docs has built: name another folder, or remove it`,
    );
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
}

function write(out, url, text) {
  const path = join(out, url);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Source files link to nothing, so one round makes all of them; listed folders may name more files. */
function renderSources(links, highlight) {
  const rendered = new Map();
  for (
    let missing = links.sources();
    missing.length > 0;
    missing = links.sources().filter((path) => !rendered.has(path))
  )
    for (const path of missing) rendered.set(path, renderSource(path, links, highlight));
  return [...rendered.values()];
}

async function writeAssets(out) {
  await bundle({
    entryPoints: [join(ASSETS, "site.js"), join(ASSETS, "site.css")],
    outdir: join(out, "assets"),
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    logLevel: "warning",
  });
  cpSync(join(ROOT, "packages", "web", "public", "icon.svg"), join(out, "assets", "icon.svg"));
}

/** Builds the site; resolves with its warnings, which are none when all is well. */
async function buildSite(out) {
  emptyFolder(out);
  const navigation = readNavigation();
  const links = new SiteLinks(navigation);
  const { pages, highlightCss, warnings } = await renderPages(navigation, (highlight) => {
    const documents = navigation.documents.map((page) => renderDocument(page, links, highlight));
    return [...documents, ...renderSources(links, highlight)];
  });
  for (const page of pages) write(out, page.url, layOut(page, navigation));
  for (const image of links.images()) cpSync(join(ROOT, image), join(out, image));
  write(out, "assets/highlight.css", highlightCss);
  write(out, MARK, JSON.stringify(pages.flatMap(searchEntries)));
  await writeAssets(out);
  return { pages: pages.length, warnings: [...warnings, ...links.dead()] };
}

async function main() {
  const { values } = parseArgs({
    options: { out: { type: "string" }, serve: { type: "boolean" }, port: { type: "string" } },
  });
  const out = resolve(values.out ?? join(ROOT, "site"));
  const { pages, warnings } = await buildSite(out);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  console.log(`${pages} pages in ${relative(process.cwd(), out) || "."}, ${warnings.length} warnings`);
  process.exitCode = warnings.length === 0 ? 0 : 1;
  if (values.serve) await serve(out, Number(values.port ?? DEFAULT_PORT));
}

main().catch((error) => {
  console.error(`docs: ${error.message}`);
  process.exitCode = 1;
});
