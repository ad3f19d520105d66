/** Hooks in the configuration file: what is taken, what is refused and how that is said, what is shown. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hook } from "@audio/keeper";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../src/config/load.js";
import { audioReceiver } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

async function load(hooks: string): Promise<readonly Hook[]> {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "audio-receiver.config.yaml"), `hooks:\n${hooks}\n`);
  const env = { HOOKS: "[]", AUDIO_HOOKS: "[]" };
  const entries = loadConfig({ flags: {}, env, folder: folder.path, file: undefined });
  return entries.find(({ key }) => key === "hooks")?.value as readonly Hook[];
}

describe("a hook", () => {
  it("that is a command has defaults and a name", async () => {
    const [hook] = await load(
      '  - { on: [segment:complete], command: [/opt/run me, "{path}", -r, 16000, true] }',
    );
    expect(hook).toEqual({
      kind: "command",
      name: expect.stringMatching(/^run_me-[0-9a-f]{8}$/),
      on: ["segment:complete"],
      devices: undefined,
      command: ["/opt/run me", "{path}", "-r", "16000", "true"],
      env: [],
      timeoutSeconds: 60,
      concurrency: 1,
      attempts: 8,
    });
  });

  it("that is a webhook has them too", async () => {
    const [hook] = await load(`
  - on: gap
    name: mine
    url: https://example.org/hook
    secretEnv: HOOK_SECRET
    headers: { Authorization: Bearer x }
    devices: [kitchen]
    timeoutSeconds: 5`);
    expect(hook).toEqual({
      kind: "webhook",
      name: "mine",
      on: ["gap"],
      devices: ["kitchen"],
      url: "https://example.org/hook",
      secret: { env: "HOOK_SECRET" },
      headers: { Authorization: "Bearer x" },
      timeoutSeconds: 5,
      concurrency: 1,
      attempts: 400,
    });
  });

  it("keeps its name when it moves, waits longer, or asks in another order", async () => {
    const [one] = await load("  - { on: [gap, disk:low], command: [a, b] }");
    const [, two] = await load(
      "  - { on: gap, command: [c] }\n  - { on: [disk:low, gap], command: [a, b], timeoutSeconds: 9 }",
    );
    const [other] = await load("  - { on: [gap, disk:low], command: [a, c] }");
    expect(two.name).toBe(one.name);
    expect(other.name).not.toBe(one.name);
  });
});

describe("a wrong hook: one line that says what", () => {
  const refusals: [text: string, fault: string][] = [
    ["  on: gap", "hooks are a list: begin each with a dash"],
    ["  - gap", "number 1: must be on: …, and command: … or url: …"],
    ["  - { on: gap }", "number 1: must have a command or a url, one of them"],
    ["  - { on: gap, command: [a], url: https://x/ }", "number 1: must have a command or a url, one of them"],
    [
      "  - { command: [a] }",
      "number 1: on must be one or more of segment:complete, stream:open, stream:close, gap, disk:low",
    ],
    ["  - { on: [gap, segment], command: [a] }", "number 1: on must be one or more of segment:complete"],
    ["  - { on: [], command: [a] }", "number 1: on must be one or more of"],
    [
      "  - { on: gap, command: rm -rf / }",
      "number 1: command must be a list of the program and its arguments",
    ],
    ["  - { on: gap, command: [] }", "number 1: command must be a list"],
    ["  - { on: gap, command: [a, {path}] }", "number 2 of it is no text: put it in quotes"],
    ['  - { on: gap, command: [a, "x{paht}"] }', "has {paht}, which is no placeholder"],
    ['  - { on: gap, command: ["{device}"] }', "must begin with a program"],
    [
      "  - { on: gap, command: [./hook.sh] }",
      "must begin with a program: its name, to be found on the PATH, or its whole path",
    ],
    ["  - { on: gap, command: [a], env: API_KEY }", "env must be a list of names of environment variables"],
    ["  - { on: gap, command: [a], timeoutSeconds: 0 }", "timeoutSeconds must be a number 0.1 … 86400"],
    ["  - { on: gap, command: [a], concurrency: 99 }", "concurrency must be a whole number 1 … 16"],
    ["  - { on: gap, command: [a], attempts: 1.5 }", "attempts must be a whole number 1 … 10000"],
    ["  - { on: gap, command: [a], devices: kitchen }", "devices must be a list of hwid or device names"],
    [
      "  - { on: gap, command: [a], shell: true }",
      '"shell" is not known; known are on, name, devices, concurrency, command',
    ],
    ["  - { on: gap, command: [a], name: a b }", "name must be 1 … 64 of A-Z a-z 0-9 . _ -"],
    ["  - { on: gap, command: [a] }\n  - { on: gap, command: [a] }", "number 2: another hook is called a-"],
    ["  - { on: gap, url: ftp://x/ }", "url must be an address like https://example.org/hook"],
    ["  - { on: gap, url: 'https://me:hunter22@x/' }", "without user and password: those go into headers"],
    ["  - { on: gap, url: https://x/, secret: hunter22 }", "secret must be a text of 16 … 1024 characters"],
    [
      "  - { on: gap, url: https://x/, secret: hunter22hunter22, secretEnv: S }",
      "has both secret and secretEnv",
    ],
    ["  - { on: gap, url: https://x/, headers: { Host: x } }", "headers must be name: value, in ASCII"],
    ['  - { on: gap, url: https://x/, headers: { A: "hunter22\\r\\nB: c" } }', "headers must be name: value"],
    [
      "  - { on: gap, url: https://x/, headers: { X-Audio-Signature: a } }",
      "without those that the receiver sends itself",
    ],
  ];

  it.each(refusals)("%s", async (text, fault) => {
    const error = await load(text).then(
      () => new Error("it was taken"),
      (refused: Error) => refused,
    );
    expect(error.message).toContain("hooks (file audio-receiver.config.yaml): ");
    expect(error.message).toContain(fault);
    expect(error.message).not.toContain("hunter22");
    expect(error.message.split("\n")).toHaveLength(1);
  });
});

describe("audio-receiver", () => {
  const CONFIG = `
hooks:
  - { on: gap, url: "https://example.org/T0/B0/hunter22?key=hunter22", secret: hunter22hunter22, headers: { Authorization: Bearer hunter22 } }
  - { on: gap, url: "https://example.org/", secretEnv: HOOK_SECRET }
`;

  it.each([[], ["--json"]])("config shows hooks without their secrets %s", async (...flags: string[]) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "audio-receiver.config.yaml"), CONFIG);
    const { code, stdout } = await audioReceiver(["config", ...flags], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).not.toContain("hunter22");
    expect(stdout).toContain("https://example.org/***");
    expect(stdout).toContain("HOOK_SECRET");
  });

  it("takes hooks from no flag", async () => {
    const { code, stderr } = await audioReceiver(["serve", "--hooks", "[]"], { cwd: "/tmp" });
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown option")]);
  });
});
