/** The site's files, read as a crawler would: addresses, links, anchors. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

export interface BuiltPage {
  /** From the folder of the site. */
  readonly path: string;
  readonly html: string;
  readonly anchors: ReadonlySet<string>;
  /** What `href` and `src` hold. */
  readonly links: readonly string[];
  /** Those of them that a browser fetches by itself. */
  readonly fetched: readonly string[];
}

const unescaped = (text: string) =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&amp;", "&");

function attributes(html: string, pattern: RegExp): string[] {
  return Array.from(html.matchAll(pattern), ([, value]) => unescaped(value));
}

export function readPages(folder: string): BuiltPage[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".html"))
    .map((path) => {
      const html = readFileSync(join(folder, path), "utf8");
      return {
        path,
        html,
        anchors: new Set(attributes(html, /\sid="([^"]*)"/g)),
        links: attributes(html, /\s(?:href|src)="([^"]*)"/g),
        fetched: attributes(html, /<(?:link|script|img|source|iframe)\b[^>]*?\s(?:href|src)="([^"]*)"/g),
      };
    });
}

/** Links of a page that lead to no file, or to no anchor in it. */
export function deadLinks(page: BuiltPage, pages: ReadonlyMap<string, BuiltPage>, folder: string): string[] {
  return page.links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file, anchor] = link.split("#", 2);
    const path = file === "" ? page.path : join(dirname(page.path), decodeURIComponent(file));
    if (path.startsWith("..") || !statSync(join(folder, path), { throwIfNoEntry: false })?.isFile())
      return true;
    return anchor !== undefined && !pages.get(path)?.anchors.has(decodeURIComponent(anchor));
  });
}
