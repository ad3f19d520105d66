/** The JSON Schema for editors says of every setting what the loader says: what is right, and what is not. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configJsonSchema } from "../src/config/json-schema.js";
import { loadConfig, resolveOptions } from "../src/config/load.js";
import { SETTINGS } from "../src/config/settings-table.js";
import { starterFile } from "../src/config/starter-file.js";

const validate = new Ajv({ allowUnionTypes: true }).compile(configJsonSchema());

function loads(key: string, value: unknown): boolean {
  try {
    resolveOptions({ [key]: value });
    return true;
  } catch (error) {
    expect((error as Error).message).toMatch(new RegExp(`^${key} .*; allowed is `));
    return false;
  }
}

const HASH = `scrypt:15:8:1:${"s".repeat(22)}:${"k".repeat(43)}`;
/** Tried with every setting, whatever it takes. */
const ANYTHING: readonly unknown[] = [
  ...[0, 1, -1, 2, 8, 8.5, 16, 24, 33, 64, 1e4, 65_535, 65_536, 1e9, 1e11, 0.005, true, false, null, {}],
  ...[[], [1], [[]], [{}]],
  ...["", " ", "a", "a\nb", "0", "2", "16", "-1", "1e3", "yes", "On", "TRUE", "maybe", "x".repeat(5000)],
  ...[
    "flac",
    "FLAC",
    "opus",
    "aws",
    "AWS",
    "token",
    "Token",
    "start",
    "clock",
    "auto",
    "silence",
    "segment",
    "info",
    "high",
  ],
  ...[
    "127.0.0.1",
    "::1",
    "10.0.0.0/8",
    "10.0.0.7, fd00::/8",
    "host name",
    "/audio/",
    "../x",
    "a/./b",
    "a b/c",
  ],
  ...[
    "{device}/{date}",
    "{prefix}/{file}",
    "{file}x{",
    "/x",
    "../{file}",
    "me@x",
    "https://s3.example.com",
    HASH,
  ],
  ...["kitchen: 1", "user:name", "Europe/Vienna", "!".repeat(16), "!".repeat(257)],
];

const AT = { on: "gap", command: ["sox", "{path}"] };
const WEB = { on: ["gap", "disk:low"], url: "https://example.org/x" };
const SPECIAL: Readonly<Record<string, readonly unknown[]>> = {
  allowFrom: [["10.0.0.7", "fd00::/8"], ["kitchen"], "10.0.0.7,,"],
  bitsPerSample: ["24", 20],
  devices: [
    { kitchen: {} },
    { kitchen: { name: "a b" } },
    { kitchen: { nam: "a" } },
    { "10.0.0.7": { name: "shed", nibbleOrder: "high", keep: true, maxAgeDays: 1, maxGb: 2 } },
    { kitchen: { maxAgeDays: 0 } },
    { kitchen: { keep: "yes" } },
    { kitchen: null },
  ],
  soundEvents: [
    { thresholdDb: 3 },
    { thresholdDb: 2 },
    { threshold: 5 },
    { floorDbfs: -120, forgetSeconds: "9" },
  ],
  hooks: [
    ...[
      [AT],
      [WEB],
      [AT, WEB],
      [{ ...AT, url: "https://x.org" }],
      [{ on: "gap" }],
      [{ command: ["a"] }],
      [null],
    ],
    ...[[{ ...AT, on: [] }], [{ ...AT, on: "gaps" }], [{ ...AT, command: [] }], [{ ...AT, command: "sox" }]],
    ...[
      [{ ...AT, timeoutSeconds: 0 }],
      [{ ...AT, attempts: 1.5 }],
      [{ ...AT, concurrency: 16, env: ["A_1"] }],
    ],
    ...[
      [{ ...AT, env: ["1A"] }],
      [{ ...AT, more: 1 }],
      [{ ...WEB, secret: "short" }],
      [{ ...WEB, url: "ftp://x" }],
    ],
    ...[[{ ...WEB, headers: { a: "b" }, secretEnv: "A", devices: ["x"] }], [{ ...WEB, headers: { a: 1 } }]],
  ],
  wsPublicUrl: ["wss://recorder.example.org/ws", "https://recorder.example.org/ws", "ws://a@b/"],
  webUsers: [
    ...[[{ name: "ida", passwordHash: HASH }], [{ name: "ida" }], [{ name: "a:b", passwordHash: HASH }]],
    ...[[{ name: "ida", passwordHash: HASH, role: "admin", devices: ["barn-*", "~"] }]],
    ...[[{ name: "ida", passwordHash: HASH, role: "boss" }], [{ name: "ida", passwordHash: "scrypt:15" }]],
    ...[[{ name: "ida", passwordHash: HASH, devices: [] }], [{ name: "ida", passwordHash: HASH, more: 1 }]],
  ],
};

/** What the schema takes and only the loader can know to be wrong: names of zones and tokens, and numbers as text. */
function isForLoader(key: string, value: unknown): boolean {
  if (key === "timezone") return true;
  return (
    ["0", "2", "16"].includes(value as string) || (/^path/.test(key) && /\{prefix\}/.test(String(value)))
  );
}

describe.each(SETTINGS.map(({ key }) => key))("%s", (key) => {
  it("is right and wrong for the schema as it is for the loader", () => {
    const values = [...ANYTHING, ...(SPECIAL[key] ?? [])];
    const right = values.filter((value) => loads(key, value));
    const differing = values.filter((value) => validate({ [key]: value }) !== right.includes(value));
    expect(differing.filter((value) => right.includes(value) || !isForLoader(key, value))).toEqual([]);
    expect([right.length > 0, right.length < values.length]).toEqual([true, true]);
  });
});

describe("the file", () => {
  it.each([
    [
      "S3 settings as others write them",
      { S3__Enabled: "true", "S3:Bucket": "b", AWS_ACCESS_KEY_ID: "k" },
      true,
    ],
    [
      "S3 settings in a group",
      { S3: { Enabled: true, Part_Mb: 5 }, Scw: { ServiceUrl: "https://x.org" } },
      true,
    ],
    ["wrong ones in a group", { S3: { Enabled: "perhaps" } }, false],
    ["unknown ones in a group", { S3: { Enable: true } }, false],
    ["other spellings of other settings", { ws_port: 1 }, false],
    ["where the schema is", { $schema: "./node_modules/@audio/receiver/config.schema.json" }, true],
  ])("%s", (_, values, isRight) => {
    const text = JSON.stringify(values);
    using folder = new ConfigFolder(text);
    expect([validate(values), folder.fault === undefined]).toEqual([isRight, isRight]);
  });

  it("to begin with is right, as it is and with every line of it put to use", () => {
    const text = starterFile("config.schema.json");
    const used = text.replaceAll(/^#(\w+: .*)$/gm, "$1");
    for (const each of [text, used]) {
      using folder = new ConfigFolder(each);
      expect([folder.fault, validate(parse(each) ?? {}), validate.errors]).toEqual([undefined, true, null]);
    }
    expect(Object.keys(parse(used))).toHaveLength(
      SETTINGS.filter(({ fallback }) => fallback !== undefined).length,
    );
  });
});

/** A folder with a settings file, while it is in use. */
class ConfigFolder implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), "audio-schema-"));

  constructor(text: string) {
    writeFileSync(join(this.#path, "audio-receiver.config.yaml"), text);
  }

  /** What the loader finds wrong. */
  get fault(): string | undefined {
    try {
      loadConfig({ flags: {}, env: {}, folder: this.#path, file: undefined });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true });
  }
}
