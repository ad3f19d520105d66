/** docs/hooks.md: its tables and examples are those of the code, and its checks of signatures work. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { variableOf } from "../src/hooks/fields.js";
import { signatureOf } from "../src/hooks/signature.js";
import { deliveriesFor } from "../src/index.js";
import { FIELDS, HOOK_EVENTS } from "../src/settings.js";
import { EVERY_EVENT } from "./support/every-event.js";
import { webhook } from "./support/hooks.js";

const DOCUMENT = readFileSync(join(import.meta.dirname, "../../../docs/hooks.md"), "utf8");

function blocks(language: string): string[] {
  const fences = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm");
  return Array.from(DOCUMENT.matchAll(fences), ([, text]) => text);
}

it("shows the JSON of every event", () => {
  const hook = webhook("https://example.org/", { name: "watch", on: HOOK_EVENTS });
  const payloads = EVERY_EVENT.flatMap((event) => deliveriesFor([hook], event)).map(({ payload }) => payload);
  expect(payloads.map(({ event }) => event)).toEqual(HOOK_EVENTS);
  expect(blocks("json").map((text) => JSON.parse(text))).toEqual(payloads);
});

it("lists every variable and placeholder", () => {
  const rows = Array.from(DOCUMENT.matchAll(/^\| `(AUDIO_\w+)` +\| `\{(\w+)\}`/gm), ([, ...names]) => names);
  expect(rows.map(([variable]) => variable).sort()).toEqual(FIELDS.map(variableOf).sort());
  expect(rows.map(([, field]) => field).sort()).toEqual([...FIELDS].sort());
});

describe("the check in Python", () => {
  const [code] = blocks("python");
  const secret = "correct horse battery: ü";
  const body = '{"device":"küche"}';

  function isSigned(timestamp: string, signature: string): string {
    const headers = JSON.stringify({ "X-Audio-Timestamp": timestamp, "X-Audio-Signature": signature });
    const call = `\nimport json, sys\nprint(is_signed(${JSON.stringify(secret)}.encode(), json.loads(sys.argv[1]), sys.argv[2].encode()))`;
    const { stdout, stderr } = spawnSync("python3", ["-c", code + call, headers, body], { encoding: "utf8" });
    return stdout.trim() + stderr;
  }

  it("takes what we sign, and nothing else", () => {
    const now = String(Math.floor(Date.now() / 1000));
    const old = String(Number(now) - 1000);
    const signature = signatureOf(secret, now, body);
    expect(isSigned(now, signature)).toBe("True");
    expect(isSigned(now, signatureOf("another secret", now, body))).toBe("False");
    expect(isSigned(old, signatureOf(secret, old, body))).toBe("False");
    expect(isSigned(String(Number(now) + 1), signature)).toBe("False");
    expect(isSigned("", "")).toBe("False");
  });
});
