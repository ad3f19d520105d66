// docs/http.md: every address of the web port's interface, from the description that the receiver itself serves.
import { join } from "node:path";
import { table } from "./marked-text.mjs";
import { ROOT } from "./root.mjs";

const API = join(ROOT, "packages", "api", "dist", "index.js");
/** Deeper fields of an answer are named by their place: `devices[].streams[].key`. */
const code = (text) => `\`${text}\``;
const NULL = { type: "null" };

/** Schemas of which one must fit; a type list is such a choice, too. */
function choices({ anyOf, oneOf, type, ...rest }) {
  const given = anyOf ?? oneOf;
  if (given) return given;
  return Array.isArray(type)
    ? type.map((each) => (each === "null" ? NULL : { ...rest, type: each }))
    : undefined;
}

function range({ minimum, maximum }, isInteger) {
  const low = minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const name = isInteger ? "whole number" : "number";
  if (low === undefined && high === undefined) return name;
  if (high === undefined) return `${name} from ${low}`;
  return `${name}, ${low ?? "…"} to ${high}`;
}

function textType({ enum: values, format, maxLength }) {
  if (values) return values.map(code).join(", ");
  if (format) return format;
  return maxLength === undefined ? "text" : `text, up to ${maxLength} characters`;
}

/** What a value may be, in words. */
function typeOf(schema) {
  const several = choices(schema);
  if (several) return [...new Set(several.map(typeOf))].join(" or ");
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  switch (schema.type) {
    case "string":
      return textType(schema);
    case "integer":
    case "number":
      return range(schema, schema.type === "integer");
    case "array":
      return `list of ${typeOf(schema.items ?? {})}`;
    case "null":
      return "null";
    default:
      return schema.type ?? "anything";
  }
}

/** The objects inside a schema, with what stands behind the name to reach them. */
function inside(schema, place = "") {
  const several = choices(schema);
  if (several) return several.flatMap((each) => inside(each, place));
  if (schema.type === "array") return inside(schema.items ?? {}, `${place}[]`);
  return schema.type === "object" && schema.properties ? [{ place, schema }] : [];
}

function fields(schema, before = "") {
  return inside(schema).flatMap(({ place, schema: { properties, required = [] } }) => {
    const prefix = before + place + (before + place === "" ? "" : ".");
    return Object.entries(properties).flatMap(([name, value]) => [
      { name: prefix + name, value, isRequired: required.includes(name) },
      ...fields(value, prefix + name),
    ]);
  });
}

function fieldTable(schema, head, isRequest) {
  const rows = fields(schema).map(({ name, value, isRequired }) => {
    const type = isRequest || isRequired ? typeOf(value) : `${typeOf(value)}; may be missing`;
    const about = value.description ?? "";
    return isRequest ? [code(name), isRequired ? "yes" : "", type, about] : [code(name), type, about];
  });
  const unique = [...new Map(rows.map((row) => [row[0], row])).values()];
  return unique.length === 0 ? "" : `${table([head, ...unique])}\n`;
}

function meaning({ description = "", schema }) {
  const fallback = schema.default === undefined ? "" : `default ${code(schema.default)}`;
  return [description, fallback].filter(Boolean).join("; ");
}

function parameterTable(parameters) {
  if (parameters.length === 0) return "";
  const rows = parameters.map((each) => [
    code(each.name),
    each.in,
    each.required ? "yes" : "",
    typeOf(each.schema),
    meaning(each),
  ]);
  return `${table([["parameter", "in", "needed", "what", "meaning"], ...rows])}\n`;
}

function bodyPart({ requestBody }) {
  if (requestBody === undefined) return "";
  const { schema } = requestBody.content["application/json"];
  return `The body is JSON:\n\n${fieldTable(schema, ["field", "needed", "what", "meaning"], true)}`;
}

function answerPart({ responses }) {
  const { content, description } = responses[200];
  const types = Object.keys(content);
  if (types[0] !== "application/json")
    return `Answers with ${types.map(code).join(", ")}: ${description}.\n\n`;
  const { schema } = content["application/json"];
  const rows = fieldTable(schema, ["field", "what", "meaning"], false);
  const one = schema.type === "array" ? "a JSON list" : "a JSON object";
  return `Answers with ${one}${rows === "" ? "" : ":"}\n\n${rows}`.replace(/(object|list)\n/, "$1.\n");
}

/** What every address may answer stands once, above all. */
const COMMON = ["200", "401", "429", "503"];

function failurePart({ responses }, common) {
  const own = Object.entries(responses).filter(
    ([status, { description }]) =>
      status !== "200" && !(COMMON.includes(status) && common[status]?.description === description),
  );
  if (own.length === 0) return "";
  const rows = own.map(([status, { description }]) => [status, description]);
  return `${table([["status", "because"], ...rows])}\n`;
}

/** `GET /devices/{device}` as a heading, and its anchor on GitHub and the site. */
function heading(method, path) {
  const text = `${method.toUpperCase()} ${path}`;
  return {
    text,
    anchor: text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  };
}

function section({ method, path, operation }, common) {
  const { text } = heading(method, path);
  const parts = [
    parameterTable(operation.parameters),
    bodyPart(operation),
    answerPart(operation),
    failurePart(operation, common),
  ];
  return `## ${text}\n\n${operation.summary}.\n\n${parts.join("")}`.trimEnd();
}

export async function httpInterface() {
  const { describeApi } = await import(API);
  const { paths } = describeApi("");
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const common = paths["/server"].get.responses;
  const rows = operations.map(({ method, path, operation }) => {
    const { text, anchor } = heading(method, path);
    return [`[${code(text)}](#${anchor})`, operation.summary];
  });
  const sections = operations.map((each) => section(each, common));
  return `${table([["address", "what"], ...rows])}\n${sections.join("\n\n")}\n`;
}
