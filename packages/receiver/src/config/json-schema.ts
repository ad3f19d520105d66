import { z } from "zod";
import { descriptionOf } from "./described.js";
import { GROUPED } from "./file-keys.js";
import { APPLIES, type Setting } from "./setting-kinds.js";
import { SETTINGS } from "./settings-table.js";

type Json = Record<string, unknown>;

/** The configuration file as a JSON Schema, for editors: the draft that most of them know. */
export function configJsonSchema(): Json {
  const grouped = SETTINGS.map(({ key }) => key).filter((key) => GROUPED.test(key));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "audio-receiver",
    description: "Settings of audio-receiver serve",
    type: "object",
    properties: {
      $schema: { type: "string", description: "where this schema is, for editors" },
      ...Object.fromEntries(SETTINGS.map((setting) => [setting.key, propertyOf(setting)])),
    },
    patternProperties: {
      ...Object.fromEntries(grouped.map((key) => [otherSpellingsOf(key), referenceTo(key)])),
      ...Object.fromEntries(
        ["s3", "aws", "scw"].map((group) => [spellingsOf(group, ""), groupOf(group, grouped)]),
      ),
    },
    additionalProperties: false,
  };
}

function propertyOf({ schema, about, allowed, fallback, secret, applies }: Setting): Json {
  return {
    description: `${about}. Allowed: ${allowed}. A change applies ${APPLIES[applies]}`,
    ...(fallback !== undefined && { default: fallback }),
    ...(secret && { writeOnly: true }),
    ...jsonOf(schema),
  };
}

function jsonOf(schema: z.core.$ZodType): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => describe(zodSchema, jsonSchema),
  });
  return json;
}

/** What reads a value by itself is described by what it takes; such a field need not be there if that need not. */
function describe(schema: z.core.$ZodType, json: Json): void {
  const description = descriptionOf(schema);
  if (description !== undefined) Object.assign(json, jsonOf(description));
  if (!(schema instanceof z.ZodObject) || !Array.isArray(json.required)) return;
  json.required = json.required.filter((key: string) => {
    const field = schema.shape[key];
    return (descriptionOf(field) ?? field)._zod.optin === undefined;
  });
}

function referenceTo(key: string): Json {
  return { $ref: `#/properties/${key}` };
}

/** Settings of one group within an object of its name: `S3: { Enabled: true }`. */
function groupOf(group: string, keys: readonly string[]): Json {
  const members = keys.filter((key) => key.startsWith(group));
  return {
    type: "object",
    patternProperties: Object.fromEntries(
      members.map((key) => [spellingsOf(key.slice(group.length)), referenceTo(key)]),
    ),
    additionalProperties: false,
  };
}

function otherSpellingsOf(key: string): string {
  return spellingsOf(key).replace("^", `^(?!${key}$)`);
}

// As canonicalKeys takes them: in letters of any size, with `_` and `:` anywhere.
function spellingsOf(key: string, between = "[_:]*"): string {
  const letters = Array.from(key, (letter) => {
    const [small, large] = [letter.toLowerCase(), letter.toUpperCase()];
    return small === large ? letter : `[${small}${large}]`;
  });
  return `^${between}${letters.map((letter) => letter + between).join("")}$`;
}
