// Writes the table of settings into docs/configuration.md, and the schema that editors read, from the receiver's own
// table of settings.
//
//   node scripts/generate-configuration-docs.mjs           # writes
//   node scripts/generate-configuration-docs.mjs --check   # only says whether it would change something
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "..");
const DOCUMENT = join(ROOT, "docs", "configuration.md");
const SCHEMA = join(ROOT, "packages", "receiver", "config.schema.json");
const SOURCES = `
  export { APPLIES } from "./packages/receiver/src/config/setting-kinds.ts";
  export { SETTINGS } from "./packages/receiver/src/config/settings-table.ts";
  export { configJsonSchema } from "./packages/receiver/src/config/json-schema.ts";`;
const BEGIN = "<!-- settings: written by scripts/generate-configuration-docs.mjs -->\n";
const END = "<!-- end of settings -->\n";

/** The settings as the receiver knows them: its source, bundled and loaded. */
async function loadSources() {
  const { outputFiles } = await build({
    stdin: { contents: SOURCES, resolveDir: ROOT },
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@audio/source"],
    write: false,
    logLevel: "silent",
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}

const { APPLIES, SETTINGS, configJsonSchema } = await loadSources();
const code = (text) => `\`${text}\``;

function shownDefault(fallback) {
  return fallback === undefined
    ? "–"
    : code(typeof fallback === "string" ? fallback : JSON.stringify(fallback));
}

/** A switch is described by what its flag does; in a file or the environment that is `false`. */
function shownMeaning({ flag, about }) {
  return flag?.startsWith("--no-") ? `${code("false")}: ${about}` : about;
}

const HEAD = ["setting", "flag", "environment", "default", "a change applies", "allowed", "meaning"];

function cells(setting) {
  const { key, flag, env, fallback, applies, allowed } = setting;
  return [
    code(key),
    flag === undefined ? "–" : code(flag),
    env.length === 0 ? "–" : env.map(code).join(", "),
    shownDefault(fallback),
    APPLIES[applies],
    allowed,
    shownMeaning(setting),
  ].map((cell) => cell.replaceAll("|", "\\|"));
}

/** Padded as the formatter wants it. */
function table(settings) {
  const rows = [HEAD, ...settings.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |\n`;
  const [head, ...body] = rows.map(line);
  return head + line(widths.map((width) => "-".repeat(width))) + body.join("");
}

function withTable(document, text) {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has no place for the settings: ${BEGIN}`);
  return `${document.slice(0, begin + BEGIN.length)}\n${text}\n${document.slice(end)}`;
}

const wanted = {
  [DOCUMENT]: withTable(readFileSync(DOCUMENT, "utf8"), table(SETTINGS)),
  [SCHEMA]: `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
};
const isCurrent = (path) => existsSync(path) && readFileSync(path, "utf8") === wanted[path];
for (const path of Object.keys(wanted)) {
  const name = relative(ROOT, path);
  if (isCurrent(path)) console.log(`${name} is up to date`);
  else if (process.argv.includes("--check")) {
    console.error(`${name} is out of date: run node scripts/generate-configuration-docs.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted[path]);
    console.log(`${name} written`);
  }
}
