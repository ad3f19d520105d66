/** The site that `npm run docs` makes of the documents: built once, read file by file, then opened in a browser. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltPage, deadLinks, readPages } from "./site/built-pages.js";
import { findDocuments } from "./snippets/blocks.js";

const BUILD = join(import.meta.dirname, "..", "scripts", "site", "build.mjs");
const BUILD_MS = 240_000; // 13 s of a CPU that may have much else to do
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
];
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const LOOKED_AT = ["index.html", "docs/recording.html", "reference/wav.html"];
const WIDE = ["docs/architecture.html", "docs/configuration.html", "docs/http.html"];

declare const axe: {
  run(options?: {
    runOnly: string[];
  }): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
};

let folder: string;
let builder: ChildProcess;
let printed = "";
let site: string;
let browser: Browser;

/** Builds and serves; resolves with the address. */
function build(): Promise<string> {
  builder = spawn(process.execPath, [BUILD, "--out", folder, "--serve", "--port", "0"]);
  return new Promise((resolve, reject) => {
    const read = (bytes: Buffer) => {
      printed += bytes;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
      if (url) resolve(url);
    };
    builder.stdout?.on("data", read);
    builder.stderr?.on("data", read);
    builder.once("exit", (code) => reject(new Error(`the build ended with ${code}: ${printed}`)));
  });
}

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "audio-site-")), "site");
  site = await build();
  const { CHROMIUM_PATH: executablePath = "/usr/bin/chromium" } = process.env;
  browser = await chromium.launch({ executablePath, args: FLAGS });
}, BUILD_MS);

afterAll(async () => {
  await browser?.close();
  if (builder.exitCode === null) {
    builder.kill();
    await once(builder, "exit");
  }
  await rm(join(folder, ".."), { recursive: true, force: true });
});

describe("the files", () => {
  let pages: Map<string, BuiltPage>;

  beforeAll(() => {
    pages = new Map(readPages(folder).map((page) => [page.path, page]));
  });

  it("are built without a warning", () => {
    expect(printed).toMatch(/^\d+ pages in \S+, 0 warnings\nhttp/);
  });

  it("have every document, and lead to it from every page", () => {
    const urls = findDocuments().map(({ path }) =>
      path.replace(/(^|\/)README\.md$/, "$1index.html").replace(/\.md$/, ".html"),
    );
    expect(urls.filter((url) => !pages.has(url))).toEqual([]);
    const listed = new Set(pages.get("index.html")?.links);
    expect(urls.filter((url) => !listed.has(url) && url !== "docs/index.html")).toEqual([]);
  });

  it("have no link, image or anchor that leads nowhere", () => {
    const dead = [...pages.values()].flatMap((page) =>
      deadLinks(page, pages, folder).map((link) => `${page.path}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it("ask nobody else for anything, and may stand below any path", () => {
    const outside = [...pages.values()].flatMap(({ path, fetched }) =>
      fetched.filter((link) => /^([a-z]+:|\/)/.test(link)).map((link) => `${path}: ${link}`),
    );
    expect(outside).toEqual([]);
    const absolute = [...pages.values()].filter(({ links }) => links.some((link) => link.startsWith("/")));
    expect(absolute.map(({ path }) => path)).toEqual([]);
  });

  it("document every function of a package with its errors", () => {
    const { html = "" } = pages.get("reference/wav.html") ?? {};
    expect(html).toContain('id="parsewavheader"');
    expect(html).toMatch(/Throws<\/h5><p>WavError <code>/);
  });
});

describe("in a browser", () => {
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    page = await browser.newPage({ viewport: DESKTOP, colorScheme: "light" });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(site)) complaints.push(`asked for ${request.url()}`);
    });
  });

  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const isDark = async () => /rgb\((\d|\d\d), /.test(await background());

  it("the search finds a word of a page, and opens the section that it stands in", async () => {
    await page.goto(`${site}/packages/wav/index.html`);
    await page.keyboard.press("/");
    await page.keyboard.type("gap ledger");
    const result = page.locator("dialog.search li a").first();
    await result.locator("mark").first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/docs\/recording\.html#/);
    const heading = page.locator(`[id="${decodeURIComponent(new URL(page.url()).hash.slice(1))}"]`);
    expect(await heading.textContent()).toMatch(/The gap ledger/);
  });

  it("the search finds something for a part of the words", async () => {
    await page.locator("#find").click();
    await page.locator("dialog.search input").fill("xylophone retention");
    await page.locator("dialog.search mark", { hasText: "Retention" }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog.search").waitFor({ state: "hidden" });
  });

  it("the search says so when nothing is found", async () => {
    await page.locator("#find").click();
    await page.locator("dialog.search input").fill("xylophone");
    await page.getByText("Nothing has “xylophone” in it.").waitFor();
    await page.keyboard.press("Escape");
  });

  it("is light or dark as the system is, until a switch says otherwise, on every page", async () => {
    await page.goto(`${site}/index.html`);
    expect(await isDark()).toBe(false);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await isDark()).toBe(true);
    const colours = page.locator("#theme");
    await colours.click();
    expect(await colours.getAttribute("aria-label")).toBe("Colours: light");
    expect(await isDark()).toBe(false);
    await page.goto(`${site}/docs/levels.html`);
    expect(await isDark()).toBe(false);
    await page.emulateMedia({ colorScheme: "light" });
    await colours.click();
    expect(await isDark()).toBe(true);
    await colours.click();
    expect(await isDark()).toBe(false);
  });

  it("copies code as it stands in the document", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: site });
    await page.goto(`${site}/docs/api.html`);
    await page.locator(".copy").nth(1).click({ force: true });
    await page.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(readFileSync(join(import.meta.dirname, "..", "docs", "api.md"), "utf8")).toContain(copied);
    expect(copied.split("\n").length).toBeGreaterThan(5);
  });

  it.each(LOOKED_AT)("%s has no barrier that axe calls serious, in light or dark", async (path) => {
    await page.goto(`${site}/${path}`);
    await page.evaluate(AXE);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      // The other colours change nothing else.
      const options = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : undefined;
      const { violations } = await page.evaluate((wanted) => axe.run(wanted), options);
      const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      expect(grave.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0].html}`)).toEqual([]);
    }
  });

  it.each([...LOOKED_AT, ...WIDE])("%s is no wider than a phone", async (path) => {
    await page.setViewportSize(PHONE);
    await page.goto(`${site}/${path}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });

  it("a phone has the pages behind a button", async () => {
    await page.goto(`${site}/index.html`);
    const link = page.locator("#pages").getByRole("link", { name: "Recording", exact: true });
    expect(await link.isVisible()).toBe(false);
    await page.locator("#menu").click();
    await link.click();
    await page.waitForURL(/docs\/recording\.html/);
  });

  it("nothing failed, and nobody else was asked for anything", () => {
    expect(complaints).toEqual([]);
  });
});
