// The reference of the packages: what TypeDoc finds out of the sources and their docstrings, one page a module.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import {
  Application,
  BaseRouter,
  DefaultTheme,
  LogLevel,
  PageEvent,
  PageKind,
  ReflectionKind,
} from "typedoc";
import { ROOT } from "../reference/root.mjs";
import { moduleHtml, moduleSections } from "./module-page.mjs";

const LANGUAGES = [
  "sh",
  "ts",
  "tsx",
  "js",
  "json",
  "yaml",
  "c",
  "cpp",
  "python",
  "ini",
  "nginx",
  "html",
  "dockerfile",
  "toml",
  "xml",
];
const PLAIN = ["text", "caddyfile", "txt", "plaintext", "http"];

/** Kinds of exports; each must have a docstring. Members may be plain enough without. */
const DOCUMENTED = ["Function", "Class", "Interface", "TypeAlias", "Variable", "Enum"];

const OPTIONS = {
  basePath: ROOT,
  readme: "none",
  disableSources: true,
  disableGit: true,
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  skipErrorChecking: true, // npm run typecheck has found them
  sort: ["kind", "alphabetical"],
  kindSortOrder: ["Constructor", "Property", "Accessor", "Method"],
  groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "Variables", "References"],
  highlightLanguages: LANGUAGES,
  ignoredHighlightLanguages: PLAIN,
  lightHighlightTheme: "github-light-high-contrast",
  darkHighlightTheme: "github-dark-high-contrast",
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
  requiredToBeDocumented: DOCUMENTED,
  githubPages: false,
  router: "site",
  theme: "site",
};

/** One page a module; what it exports stands on that page. */
function routerOf(modules) {
  return class extends BaseRouter {
    getPageKind(target) {
      return target.kindOf?.(ReflectionKind.Module) ? PageKind.Reflection : undefined;
    }

    getIdealBaseName(module) {
      return modules.get(module.name).url.replace(/\.html$/, "");
    }
  };
}

/** Leaves the frame of the page to the site. */
class SiteTheme extends DefaultTheme {
  render(page) {
    return page.model.isProject() ? "" : moduleHtml(this.getRenderContext(page), page.model);
  }
}

/** TypeDoc names modules after their files; people import them by their packages. */
function nameModules(project, modules) {
  for (const module of project.children) {
    const [, folder, file] = /([^/]+)\/src(?:\/(.+))?$/.exec(module.name);
    const name = [`@audio/${folder}`, ...(file === undefined ? [] : [file])].join("/");
    if (!modules.has(name)) throw new Error(`${module.name} is no module that a package exports`);
    module.name = name;
  }
}

function watchWarnings(app) {
  const warnings = [];
  const { log } = app.logger;
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) warnings.push(stripVTControlCharacters(message));
    else log.call(app.logger, message, level);
  };
  return warnings;
}

async function openApplication(navigation, modules) {
  const app = await Application.bootstrap({
    ...OPTIONS,
    logLevel: "Warn",
    entryPoints: navigation.modules.map(({ entry }) => entry),
    tsconfig: join(import.meta.dirname, "tsconfig.json"),
    packagesRequiringDocumentation: [...new Set(navigation.modules.map(({ document }) => document.title))],
  });
  app.renderer.defineRouter("site", routerOf(modules));
  app.renderer.defineTheme("site", SiteTheme);
  return app;
}

/** Colours code; undefined for a language that has none. Lines end as in the code, so that it can be copied. */
function highlighter(app) {
  return (code, language) =>
    LANGUAGES.includes(language)
      ? app.renderer.markedPlugin.getHighlighted(code, language).replace(/<br\s*\/?>/g, "\n")
      : undefined;
}

function pageOf(model, html, modules, router) {
  const { name, url, document } = modules.get(model.name);
  const about = `${document.about} What it exports.`;
  return {
    path: url,
    url,
    title: name,
    about,
    group: "Packages",
    html,
    document,
    ...moduleSections(model, router),
  };
}

/**
 * What the renderer makes of the modules, and `others` with its highlighter: the colours of all code are in one file,
 * which it writes at its end.
 */
async function render(app, project, modules, others) {
  const folder = mkdtempSync(join(tmpdir(), "audio-reference-"));
  const pages = [];
  app.renderer.on(PageEvent.END, ({ model, contents }) => {
    if (!model.isProject()) pages.push(pageOf(model, contents, modules, app.renderer.router));
  });
  app.renderer.postRenderAsyncJobs.push(async () => pages.push(...others(highlighter(app))));
  try {
    await app.renderer.render(project, folder);
    return { pages, highlightCss: readFileSync(join(folder, "assets", "highlight.css"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pages of all modules and of `others`, which is given what colours code. */
export async function renderPages(navigation, others) {
  const modules = new Map(navigation.modules.map((module) => [module.name, module]));
  const app = await openApplication(navigation, modules);
  const warnings = watchWarnings(app);
  const project = await app.convert();
  if (project === undefined) throw new Error(`the packages' sources cannot be read: ${warnings.join("; ")}`);
  nameModules(project, modules);
  app.validate(project);
  return { ...(await render(app, project, modules, others)), warnings };
}
