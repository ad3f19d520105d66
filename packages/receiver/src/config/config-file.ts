import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Document } from "yaml";
import { ReceiverError } from "../errors.js";

/**
 * What stands in a configuration file. YAML contains JSON, so one parser reads both.
 * @throws ReceiverError `invalid-setting`, with line and column
 */
export function parseConfigFile(path: string): Record<string, unknown> {
  const { parseDocument } = loadYaml();
  const document = parseDocument(textOf(path));
  const [fault] = [...document.errors, ...document.warnings];
  if (fault?.code === "MULTIPLE_DOCS")
    throw invalid(`${path}: holds several documents (---), one is allowed`);
  if (fault !== undefined) throw invalid(`${path}: ${fault.message.split("\n")[0].replace(/:$/, "")}`);
  const values = valuesIn(document, path);
  if (values === null || values === undefined) return {};
  if (typeof values !== "object" || Array.isArray(values))
    throw invalid(`${path}: expected settings as "name: value"`);
  return values as Record<string, unknown>;
}

// When there is a file, as there often is none: it has 73 modules.
function loadYaml() {
  return createRequire(import.meta.url)("yaml") as typeof import("yaml");
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read by this user",
  EISDIR: "it is a folder",
};

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw invalid(`${path}: ${UNREADABLE[code] ?? message}`);
  }
}

// An alias of nothing, or of so much that it is an attack, shows only now.
function valuesIn(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw invalid(`${path}: ${(error as Error).message}`);
  }
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-setting", message);
}
