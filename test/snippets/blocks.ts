/** Finds the code blocks of the repository's documents and reads how each is to be run. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");
const RUNNABLE = ["ts", "js", "sh"] as const;
/** What the receiver prints when it is ready. */
const READY = "recording to";
/** Other names for the three, under which a block would escape the check. */
const ALIASES = /^(typescript|javascript|[mc]?[jt]sx?|bash|shell|console|zsh|shellsession)$/;

export interface Block {
  line: number;
  language: (typeof RUNNABLE)[number];
  text: string;
  /** "no-run" carries its reason; "background" the text to wait for in its output. */
  mode: { kind: "run" } | { kind: "background"; ready: string } | { kind: "no-run"; reason: string };
}

export interface Document {
  path: string;
  blocks: Block[];
  /** Blocks whose info string does not follow the convention, as `line 12: …`. */
  mistakes: string[];
}

function parseMode(option: string): Block["mode"] | undefined {
  const [, name, , value] = /^([\w-]*)(=(.*))?$/.exec(option) ?? [];
  if (option === "") return { kind: "run" };
  if (name === "background") return { kind: "background", ready: value || READY };
  if (name === "no-run" && value) return { kind: "no-run", reason: value };
  return undefined;
}

function parseInfo(info: string): Pick<Block, "language" | "mode"> | string | undefined {
  const [, word, option] = /^(\S*)\s*(.*)$/.exec(info.trim()) as RegExpExecArray;
  const language = RUNNABLE.find((known) => known === word);
  if (!language && ALIASES.test(word)) return `"${word}" must be one of ${RUNNABLE.join(", ")}`;
  if (!language) return word ? undefined : "a block needs a language (text for output)";
  const mode = parseMode(option);
  return mode ? { language, mode } : `"${option}" is not "background", "background=TEXT" or "no-run=REASON"`;
}

function parseDocument(path: string, markdown: string): Document {
  const document: Document = { path, blocks: [], mistakes: [] };
  const fences = /^( *)(`{3,}|~{3,})(.*)\n([\s\S]*?)^ *\2[`~]* *$/gm;
  for (const { 1: indent, 3: info, 4: body, index } of markdown.matchAll(fences)) {
    const line = markdown.slice(0, index).split("\n").length;
    const parsed = parseInfo(info);
    if (typeof parsed === "string") document.mistakes.push(`line ${line}: ${parsed}`);
    else if (parsed)
      document.blocks.push({ line, ...parsed, text: `\n${body}`.replaceAll(`\n${indent}`, "\n").trim() });
  }
  return document;
}

/** Paths below a folder that end in `name`, however deep. */
function below(folder: string, name: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.filter((path) => path.endsWith(name)).map((path) => join(folder, path));
}

export function findDocuments(): Document[] {
  const readmes = readdirSync(join(ROOT, "packages")).map((name) => join("packages", name, "README.md"));
  const fixed = ["README.md", ...readmes].filter((path) => existsSync(join(ROOT, path)));
  const paths = [...fixed, ...below("docs", ".md"), ...below("examples", "README.md")];
  return paths.map((path) => parseDocument(path, readFileSync(join(ROOT, path), "utf8")));
}
