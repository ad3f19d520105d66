import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compileTemplate,
  DEFAULT_TEMPLATES,
  numberedStem,
  type PathFields,
  SegmentsError,
} from "../src/index.js";

const fields: PathFields = {
  device: "studio-1",
  streamId: 7,
  source: "websocket",
  start: { year: 2026, month: 3, day: 9, hour: 4, minute: 5, second: 6, microsecond: 789 },
};

describe("the default templates", () => {
  it.each([
    ["pcm", "audio/2026-03-09/2026-03-09_0405"],
    ["device", "received/studio-1/stream_7_studio-1_20260309_040506"],
    ["anonymous", "received/stream_7_20260309_040506"],
  ] as const)("%s makes %s", (name, expected) => {
    expect(compileTemplate(DEFAULT_TEMPLATES[name])(fields)).toBe(expected);
  });
});

it("knows every token, each any number of times, and plain text between them", () => {
  const template = compileTemplate("{source}/{device}-{stream}/{date}.{yyyy}-{MM}-{dd}/{HH}{mm}{ss}_{ss}.x");
  expect(template(fields)).toBe("websocket/studio-1-7/2026-03-09.2026-03-09/040506_06.x");
});

it.each(["stamp", "Date", "", " date", "constructor", "__proto__", "hasOwnProperty"])(
  "refuses the token {%s}, and lists those it knows",
  (name) => {
    const allowed = "{device} {stream} {source} {date} {yyyy} {MM} {dd} {HH} {mm} {ss}";
    const message = `path template "a/{${name}}": {${name}} is not one of ${allowed}`;
    expect(() => compileTemplate(`a/{${name}}`)).toThrow(new SegmentsError("invalid-template", message));
  },
);

it.each([
  ["", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["a b", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["a\\b", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["a\0b", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["C:/x", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["{date", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["{{date}}", "allowed are A-Z a-z 0-9 _ - . / and {tokens}"],
  ["/etc/{date}", "a folder or file name may be neither empty nor begin with a dot"],
  ["a//b", "a folder or file name may be neither empty nor begin with a dot"],
  ["a/", "a folder or file name may be neither empty nor begin with a dot"],
  ["..", "a folder or file name may be neither empty nor begin with a dot"],
  ["../{date}", "a folder or file name may be neither empty nor begin with a dot"],
  ["a/../../b", "a folder or file name may be neither empty nor begin with a dot"],
  ["a/./b", "a folder or file name may be neither empty nor begin with a dot"],
  [".hidden/{date}", "a folder or file name may be neither empty nor begin with a dot"],
])("refuses %j", (text, why) => {
  expect(() => compileTemplate(text)).toThrow(
    new SegmentsError("invalid-template", `path template "${text}": ${why}`),
  );
});

it("refuses a template or makes paths that stay below their folder", () => {
  const pieces = fc.constantFrom(
    "{device}",
    "{stream}",
    "{source}",
    "{date}",
    "{HH}",
    "..",
    ".",
    "/",
    "a",
    "-",
    "_",
    "{",
    "}",
    "\\",
    "~",
    "\0",
  );
  const devices = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
  let compiled = 0;
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 8 }), devices, (parts, device) => {
      const path = compiledPath(parts.join(""), { ...fields, device });
      if (path === undefined) return;
      compiled++;
      expect(posix.join("/data", path)).toBe(`/data/${path}`);
      expect(path.split("/").every((name) => /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name))).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect(compiled).toBeGreaterThan(100);
});

function compiledPath(text: string, of: PathFields): string | undefined {
  try {
    return compileTemplate(text)(of);
  } catch (error) {
    expect(error).toBeInstanceOf(SegmentsError);
    expect((error as SegmentsError).code).toBe("invalid-template");
    return undefined;
  }
}

it("numbers the files of one name from the second on", () => {
  expect([1, 2, 3, 10, 100].map((n) => numberedStem("2026-03-09_0405", n))).toEqual([
    "2026-03-09_0405",
    "2026-03-09_0405_2",
    "2026-03-09_0405_3",
    "2026-03-09_0405_10",
    "2026-03-09_0405_100",
  ]);
});
