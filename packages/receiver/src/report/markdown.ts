import { table } from "../commands/in-words.js";
import type { Facts, Part, PartData } from "./part.js";
import type { Report } from "./report.js";

const LONGEST_CELL = 600;

/** The report to be pasted into an issue: headings, and everything found in fenced blocks, where nothing is markup. */
export function markdownOf({ version, written, parts }: Report): string {
  const head = `# audio-receiver ${version}: diagnostics\n\nWritten ${written}. Passwords, keys and tokens are masked; look through it before you show it to others.\n`;
  return [head, ...parts.map(section)].join("\n");
}

function section({ title, data, fault }: Part): string {
  const told = fault === undefined ? "" : `\nCould not be found out:\n\n${fenced(oneLine(fault))}`;
  const text = textOf(data);
  const shown = text === "" ? (fault === undefined ? "\nNothing.\n" : "") : `\n${fenced(text)}`;
  return `## ${title}\n${shown}${told}`;
}

// A fence must be longer than any that stands within.
function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}\n`;
}

function textOf(data: PartData): string {
  if (!Array.isArray(data)) return table(Object.entries(data).map(([name, value]) => [name, cell(value)]));
  const all = data as readonly (Facts | string)[];
  if (all.length === 0) return "";
  if (typeof all[0] === "string") return (all as string[]).map((line) => `${oneLine(line)}\n`).join("");
  const names = Object.keys(all[0]);
  return table([names, ...(all as Facts[]).map((facts) => names.map((name) => cell(facts[name] ?? null)))]);
}

function cell(value: Facts[string]): string {
  const text = oneLine(String(value ?? "-"));
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text;
}

// Control and format characters, as a terminal would obey them.
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "_");
}
