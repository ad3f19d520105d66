// Where links of documents lead on the site: to the page of a document, to an image, or to the page of a source file.
import { existsSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { ROOT } from "../reference/root.mjs";

const IMAGES = new Set([".png", ".svg", ".jpg", ".webp"]);
const ABSOLUTE = /^[a-z][a-z+.-]*:/i;

/** A relative link from one page of the site to another. */
export function linkBetween(from, to) {
  const link = relative(dirname(from), to);
  return link === "" ? basename(to) : link;
}

export class SiteLinks {
  #urls;
  #titles;
  #images = new Set();
  #sources = new Set();
  #dead = [];

  constructor({ documents }) {
    this.#urls = new Map(documents.map(({ path, url }) => [path, url]));
    this.#titles = new Map(documents.map(({ path, title }) => [path, title]));
  }

  /** How the document is called that a link names by its file: `docs/metrics.md`; undefined: it names none. */
  titleOf(text, from) {
    const paths = [join(dirname(from.path), text), text];
    return paths.map((path) => this.#titles.get(path)).find((title) => title !== undefined);
  }

  /** The link as it is on the site. `from` is the page `{ path, url }` it stands on. */
  resolve(href, from) {
    if (ABSOLUTE.test(href) || href.startsWith("#")) return href;
    const [file, anchor] = href.split("#", 2);
    const target = join(dirname(from.path), decodeURIComponent(file)).replace(/\/$/, "");
    const url = this.#urlOf(target);
    if (url === undefined) {
      this.#dead.push(`${from.path}: ${href} leads nowhere`);
      return href;
    }
    return linkBetween(from.url, url) + (anchor === undefined ? "" : `#${anchor}`);
  }

  #urlOf(target) {
    const page = this.#urls.get(target) ?? this.#urls.get(join(target, "README.md"));
    if (page) return page;
    if (target.startsWith("..") || !existsSync(join(ROOT, target))) return undefined;
    const isImage = IMAGES.has(extname(target));
    (isImage ? this.#images : this.#sources).add(target);
    return isImage ? target : sourceUrl(target);
  }

  images() {
    return [...this.#images];
  }

  /** Files and folders that documents lead to and that are no documents. */
  sources() {
    return [...this.#sources];
  }

  dead() {
    return this.#dead;
  }
}

export function sourceUrl(path) {
  return statSync(join(ROOT, path)).isDirectory() ? `source/${path}/index.html` : `source/${path}.html`;
}
