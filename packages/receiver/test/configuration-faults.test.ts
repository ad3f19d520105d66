import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addSettingOptions } from "../src/commands/setting-options.js";
import { loadConfig } from "../src/config/load.js";
import { audioReceiver } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

interface Given {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File in the working directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

async function run(command: string, { flags = [], env, files = {} }: Given) {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const outcome = await audioReceiver([command, ...flags], { cwd: folder.path, env });
  return { ...outcome, started: existsSync(join(folder.path, "data")) };
}

/** What the flags' parser and the loader find wrong, in this process: a start of the program takes half a second. */
async function faultOf({ flags = [], env = {}, files = {} }: Given): Promise<string> {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const command = new Command().exitOverride();
  addSettingOptions(command);
  command.parse(flags, { from: "user" });
  const { config: file, ...given } = command.opts();
  const named = Object.fromEntries(
    Object.entries(given).filter(([key]) => command.getOptionValueSource(key) === "cli"),
  );
  try {
    loadConfig({ flags: named, env, folder: folder.path, file });
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
}

describe.concurrent("a wrong value", () => {
  const port = "a whole number 0 … 65535 (0 = any free port)";
  const cases: [string, Given, string][] = [
    [
      "flag, out of range",
      { flags: ["--ws-port", "70000"] },
      `wsPort (flag --ws-port): "70000" is not allowed; allowed is ${port}`,
    ],
    [
      "flag, negative",
      { flags: ["--min-free-mb=-1"] },
      'minFreeMb (flag --min-free-mb): "-1" is not allowed; allowed is a whole number 0 … 1000000000',
    ],
    [
      "flag, empty",
      { flags: ["--data-dir", ""] },
      'dataDir (flag --data-dir): "" is not allowed; allowed is a directory',
    ],
    [
      "flag, unknown zone",
      { flags: ["--timezone", "Mars/Olympus"] },
      'timezone (flag --timezone): "Mars/Olympus" is not allowed; allowed is an IANA name like Europe/Vienna',
    ],
    [
      "flag, not in the list",
      { flags: ["--align", "sideways"] },
      'align (flag --align): "sideways" is not allowed; allowed is start, clock',
    ],
    [
      "flag, a path that leaves",
      { flags: ["--path-device", "../{device}"] },
      'pathDevice (flag --path-device): "../{device}" is not allowed; allowed is a relative path',
    ],
    [
      "environment, text for a number",
      { env: { WS_PORT: "http" } },
      `wsPort (environment WS_PORT): "http" is not allowed; allowed is ${port}`,
    ],
    [
      "environment, of the original receiver",
      { env: { BITS_PER_SAMPLE: "20" } },
      'bitsPerSample (environment BITS_PER_SAMPLE): "20" is not allowed; allowed is 16, 24, 32',
    ],
    [
      "environment, a number with more behind it",
      { env: { SEGMENT_DURATION: "600s" } },
      'tcpSegmentSeconds (environment SEGMENT_DURATION): "600s" is not allowed; allowed is a number 0.1 … 86400',
    ],
    [
      ".env",
      { files: { ".env": "TCP_PORT=99999\n" } },
      `tcpPort (.env TCP_PORT): "99999" is not allowed; allowed is ${port}`,
    ],
    [
      "YAML file",
      { files: { "audio-receiver.config.yaml": "wsPort: no\n" } },
      `wsPort (file audio-receiver.config.yaml): "no" is not allowed; allowed is ${port}`,
    ],
    [
      "JSON file",
      { files: { "audio-receiver.config.json": '{"channels": 0.5}' } },
      "channels (file audio-receiver.config.json): 0.5 is not allowed; allowed is a whole number 1 … 8",
    ],
    [
      "file, a device's",
      { files: { "audio-receiver.config.yaml": "devices: { kitchen: { nibbleOrder: middle } }\n" } },
      "devices (file audio-receiver.config.yaml): kitchen.nibbleOrder must be one of auto, low, high; allowed is hwid or address → { name, nibbleOrder, keep, maxAgeDays, maxGb }",
    ],
    [
      "file, unknown setting",
      { files: { "audio-receiver.config.yaml": "wsport: 1\n" } },
      'audio-receiver.config.yaml: setting "wsport" is not known: did you mean wsPort?',
    ],
    [
      "file, a variable's name",
      { files: { "audio-receiver.config.yaml": "MAX_CONNECTION: 1\n" } },
      'setting "MAX_CONNECTION" is not known: did you mean maxConnections?',
    ],
    [
      "file, unknown setting that is like none",
      { files: { "audio-receiver.config.yaml": "colour: red\n" } },
      'setting "colour" is not known; audio-receiver config lists those that are',
    ],
    [
      "file, a device's unknown setting",
      { files: { "audio-receiver.config.yaml": "devices: { kitchen: { maxgb: 1 } }\n" } },
      'devices (file audio-receiver.config.yaml): kitchen: "maxgb" is not known: did you mean maxGb?',
    ],
    [
      "file, sound events",
      { files: { "audio-receiver.config.yaml": "soundEvents: { thresholdDb: 2 }\n" } },
      "soundEvents (file audio-receiver.config.yaml): thresholdDb must be a number 3 … 60",
    ],
    [
      "file, nothing behind the name",
      { files: { "audio-receiver.config.yaml": "webPath:\n" } },
      "webPath (file audio-receiver.config.yaml): nothing is not allowed; allowed is a path",
    ],
    [
      "file, a secret",
      { files: { "audio-receiver.config.yaml": 'metricsToken: "too short"\n' } },
      "metricsToken (file audio-receiver.config.yaml): what is given is not allowed; allowed is 16 … 256",
    ],
    [
      "file, broken",
      { files: { "audio-receiver.config.yaml": "wsPort: 1\ntcpPort: 2: 3\n" } },
      "audio-receiver.config.yaml: Nested mappings are not allowed in compact mappings at line 2, column 10",
    ],
    [
      "file, twice the same",
      { files: { "audio-receiver.config.yaml": "wsPort: 1\nwsPort: 2\n" } },
      "audio-receiver.config.yaml: Map keys must be unique at line 2, column 1",
    ],
    [
      "file, several documents",
      { files: { "audio-receiver.config.yaml": "wsPort: 1\n---\nwsPort: 2\n" } },
      "audio-receiver.config.yaml: holds several documents (---), one is allowed",
    ],
    [
      "file, an alias of nothing",
      { files: { "audio-receiver.config.yaml": "wsPort: *there\n" } },
      "audio-receiver.config.yaml: Unresolved alias (the anchor must be set before the alias): there",
    ],
    [
      "file, a list",
      { files: { "audio-receiver.config.yaml": "- wsPort\n" } },
      'audio-receiver.config.yaml: expected settings as "name: value"',
    ],
    [
      "file that is not there",
      { flags: ["--config", "elsewhere.yaml"] },
      "elsewhere.yaml: there is no such file",
    ],
  ];
  it.each(cases)("%s: one line that names it", async (_, given, message) => {
    const fault = await faultOf(given);
    expect(fault).toContain(message);
    expect(fault.split("\n")).toHaveLength(1);
  });

  it("ends serve with that line and exit 2, and nothing is started", async () => {
    const [, given, message] = cases[0];
    const { code, stdout, stderr, started } = await run("serve", given);
    expect([code, stdout, started]).toEqual([2, "", false]);
    expect(stderr).toBe(`audio-receiver: ${message}\n`);
  });

  it.each([["serve", "--no-such-flag"], ["serve", "more"], ["no-such-command"], ["serve", "--ws-port"]])(
    "%s %s: exit 2, and where help is",
    async (...words) => {
      const { code, stdout, stderr } = await audioReceiver(words, { cwd: "/tmp" });
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^error: .*'/);
      expect(stderr).toContain("--help");
    },
  );

  it("is refused by every command that reads settings", async () => {
    for (const command of ["config", "recover", "demo"]) {
      const { code, stderr } = await run(command, { env: { TCP_PORT: "-5" } });
      expect([code, stderr.split("\n").length]).toEqual([2, 2]);
    }
  });
});
