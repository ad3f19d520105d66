// What a module exports, as one page: each export with its signature, its docstring, its members.
import { Comment, JSX, ReflectionKind } from "typedoc";
import { escapeHtml } from "./html.mjs";

const TITLES = {
  [ReflectionKind.Function]: "Functions",
  [ReflectionKind.Class]: "Classes",
  [ReflectionKind.Interface]: "Interfaces",
  [ReflectionKind.TypeAlias]: "Types",
  [ReflectionKind.Variable]: "Values",
  [ReflectionKind.Reference]: "Also exported",
};
const TAGS = {
  "@throws": "Throws",
  "@example": "Example",
  "@remarks": "",
  "@defaultValue": "Default",
  "@deprecated": "Deprecated",
};
/** A longer type is folded: it says less than the docstring. */
const MAX_SHOWN_TYPE = 600;

const anchorLink = (anchor, what) =>
  `<a class="anchor" href="#${anchor}" aria-label="Link to ${escapeHtml(what)}">#</a>`;

// A type parameter has no place of its own on the page that a link could lead to.
function toHtml(element) {
  const html = element ? JSX.renderElement(element) : "";
  return html.replace(
    /<a\b[^>]*tsd-kind-type-parameter[^>]*>(.*?)<\/a>/g,
    '<span class="tsd-kind-parameter">$1</span>',
  );
}

function signatureHtml(inner) {
  const code = `<div class="signature" tabindex="0">${inner}</div>`;
  const isLong = inner.replace(/<[^>]*>/g, "").length > MAX_SHOWN_TYPE;
  return isLong ? `<details><summary>Its type</summary>${code}</details>` : code;
}

function commentHtml(context, { comment }) {
  if (comment === undefined) return "";
  const tags = comment.blockTags.filter(({ tag }) => tag in TAGS);
  const parts = tags.map(({ tag, content }) => {
    const title = TAGS[tag] === "" ? "" : `<h5>${TAGS[tag]}</h5>`;
    return `<div class="tag">${title}${context.markdown(content)}</div>`;
  });
  return context.markdown(comment.summary) + parts.join("");
}

function parameterHtml(context, parameter) {
  const text = commentHtml(context, parameter);
  if (text === "" && parameter.defaultValue === undefined) return "";
  const fallback = parameter.defaultValue
    ? ` <span class="faint">= ${escapeHtml(parameter.defaultValue)}</span>`
    : "";
  return `<dt><code>${escapeHtml(parameter.name)}</code>${fallback}</dt><dd>${text}</dd>`;
}

function callHtml(context, signature) {
  const parameters = (signature.parameters ?? []).map((each) => parameterHtml(context, each)).join("");
  const returns = signature.comment?.getTag("@returns");
  return [
    signatureHtml(toHtml(context.memberSignatureTitle(signature))),
    commentHtml(context, signature),
    parameters === "" ? "" : `<dl>${parameters}</dl>`,
    returns ? `<div class="tag"><h5>Returns</h5>${context.markdown(returns.content)}</div>` : "",
  ].join("");
}

function propertyHtml(context, member) {
  const type = member.type ?? member.getSignature?.type;
  const optional = member.flags.isOptional ? "?" : "";
  const anchor = context.router.getAnchor(member);
  const text = commentHtml(context, member.getSignature ?? member);
  const code = `<code>${escapeHtml(member.name)}${optional}: ${toHtml(context.type(type))}</code>`;
  return `<dt id="${anchor}">${code}</dt><dd>${text}</dd>`;
}

function methodHtml(context, member) {
  const anchor = context.router.getAnchor(member);
  const calls = member.signatures.map((each) => callHtml(context, each)).join("");
  return `<div class="method" id="${anchor}">${calls}</div>`;
}

function membersHtml(context, { children = [] }) {
  const own = children.filter(
    (each) => !each.flags.isInherited && !each.flags.isExternal && each.inheritedFrom === undefined,
  );
  const methods = own.filter((each) => each.signatures);
  const properties = own.filter((each) => !each.signatures);
  const [made, called] = [true, false].map((isNew) =>
    methods
      .filter((each) => each.kindOf(ReflectionKind.Constructor) === isNew)
      .map((each) => methodHtml(context, each)),
  );
  const list = properties.map((each) => propertyHtml(context, each)).join("");
  return [...made, list === "" ? "" : `<dl>${list}</dl>`, ...called].join("");
}

function parentsHtml(context, { extendedTypes = [] }) {
  if (extendedTypes.length === 0) return "";
  return `<p class="faint">extends <code>${extendedTypes.map((type) => toHtml(context.type(type))).join(", ")}</code></p>`;
}

function exportHtml(context, item) {
  if (item.isReference()) {
    const target = item.getTargetReflection();
    return `<p><a href="${context.urlTo(target)}"><code>${escapeHtml(item.name)}</code></a>: see ${escapeHtml(target.parent.name)}</p>`;
  }
  if (item.signatures) return item.signatures.map((each) => callHtml(context, each)).join("");
  if (item.kindOf(ReflectionKind.TypeAlias | ReflectionKind.Variable)) return declarationHtml(context, item);
  return parentsHtml(context, item) + commentHtml(context, item) + membersHtml(context, item);
}

function declarationHtml(context, item) {
  const keyword = item.kindOf(ReflectionKind.TypeAlias) ? `type ${item.name} = ` : `const ${item.name}: `;
  const type = signatureHtml(escapeHtml(keyword) + toHtml(context.type(item.type)));
  const inner = item.type?.type === "reflection" ? membersHtml(context, item.type.declaration) : "";
  return commentHtml(context, item) + type + inner;
}

/** A schema and the type that is inferred of it have one name, and are one thing to whoever reads of them. */
function byName(items) {
  const named = new Map(items.map(({ name }) => [name, []]));
  for (const item of items) named.get(item.name).push(item);
  return [...named.values()];
}

function itemHtml(context, [item, ...others]) {
  const anchor = context.router.getAnchor(item);
  const name = escapeHtml(item.name);
  const more = others.map((each) => `<span id="${context.router.getAnchor(each)}"></span>`).join("");
  return `<section class="export"><h3 id="${anchor}">${name}${anchorLink(anchor, name)}</h3>${more}${exportHtml(context, item)}</section>`;
}

const titleOf = ({ children }) => TITLES[children[0].kind];
const groupAnchor = (group) => `exports-${titleOf(group).toLowerCase().replaceAll(" ", "-")}`;

/** The page without its frame; `context` is TypeDoc's. */
export function moduleHtml(context, module) {
  const groups = (module.groups ?? []).map((group) => {
    const items = byName(group.children)
      .map((each) => itemHtml(context, each))
      .join("");
    return `<h2 id="${groupAnchor(group)}">${titleOf(group)}</h2>${items}`;
  });
  const code = `<div class="signature" tabindex="0">import { … } from "${escapeHtml(module.name)}";</div>`;
  return `<h1>${escapeHtml(module.name)}</h1>${commentHtml(context, module)}${code}${groups.join("")}`;
}

function wordsOf(item) {
  const comment = item.comment ?? item.signatures?.[0].comment;
  return comment === undefined ? "" : Comment.combineDisplayParts(comment.summary);
}

/** The headings of a module's page, and what the search finds on it. */
export function moduleSections(module, router) {
  const groups = module.groups ?? [];
  const headings = groups.flatMap((group) => [
    { anchor: groupAnchor(group), text: titleOf(group), level: 2 },
    ...byName(group.children).map(([item]) => ({
      anchor: router.getAnchor(item),
      text: item.name,
      level: 3,
    })),
  ]);
  const items = groups.flatMap(({ children }) => byName(children).map(([item]) => item));
  const sections = items
    .filter((item) => !item.isReference())
    .map((item) => ({
      anchor: router.getAnchor(item),
      heading: item.name,
      text: wordsOf(item),
    }));
  return { headings, sections: [{ anchor: "", heading: "", text: `${module.name} reference` }, ...sections] };
}
