import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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

type Entry = { key: string; value: unknown; source: string };

async function effective(given: Given): Promise<Record<string, Entry>> {
  const { code, stdout, stderr } = await run("config", {
    ...given,
    flags: [...(given.flags ?? []), "--json"],
  });
  expect([code, stderr]).toEqual([0, ""]);
  return Object.fromEntries((JSON.parse(stdout) as Entry[]).map((entry) => [entry.key, entry]));
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
      'devices (file audio-receiver.config.yaml): {"kitchen":{"nibbleOrder":"middle"}} is not allowed; allowed is hwid or address → { name, nibbleOrder, keep, maxAgeDays, maxGb }',
    ],
    [
      "file, unknown setting",
      { files: { "audio-receiver.config.yaml": "wsport: 1\n" } },
      'audio-receiver.config.yaml: setting "wsport" is not known; known are dataDir, ',
    ],
    [
      "file, broken",
      { files: { "audio-receiver.config.yaml": "a: [1\nb: }" } },
      "audio-receiver.config.yaml: ",
    ],
    [
      "file, a list",
      { files: { "audio-receiver.config.yaml": "- wsPort\n" } },
      'audio-receiver.config.yaml: expected settings as "name: value"',
    ],
    ["file that is not there", { flags: ["--config", "elsewhere.yaml"] }, "elsewhere.yaml: ENOENT"],
  ];
  it.each(cases)("%s: one line that names it, exit 2, nothing started", async (_, given, message) => {
    const { code, stdout, stderr, started } = await run("serve", given);
    expect([code, stdout, started]).toEqual([2, "", false]);
    expect(stderr.startsWith("audio-receiver: ")).toBe(true);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
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

describe.concurrent("precedence", () => {
  const yaml = "wsPort: 1001\ntcpPort: 1002\nwebPort: 1003\nhost: 127.0.0.4\nmaxConnections: 11\n";

  it("flag > environment > .env > file > default, and each says where it comes from", async () => {
    const config = await effective({
      flags: ["--ws-port", "4001"],
      env: { WS_PORT: "3001", TCP_PORT: "3002", WEB_UI_PORT: "" },
      files: {
        ".env": "WS_PORT=2001\nTCP_PORT=2002\nWEB_UI_PORT=2003\n",
        "audio-receiver.config.yaml": yaml,
      },
    });
    expect(config.wsPort).toEqual({ key: "wsPort", value: 4001, source: "flag --ws-port" });
    expect(config.tcpPort).toEqual({ key: "tcpPort", value: 3002, source: "environment TCP_PORT" });
    expect(config.webPort).toEqual({ key: "webPort", value: 2003, source: ".env WEB_UI_PORT" });
    expect(config.host).toEqual({
      key: "host",
      value: "127.0.0.4",
      source: "file audio-receiver.config.yaml",
    });
    expect(config.maxConnections).toMatchObject({ value: 11 });
    expect(config.dataDir).toEqual({ key: "dataDir", value: "./data", source: "default" });
  });

  it("the defaults are those of the contract", async () => {
    const config = await effective({});
    const values = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
    expect(values).toMatchObject({
      dataDir: "./data",
      host: "0.0.0.0",
      wsPort: 5096,
      tcpPort: 9000,
      webPort: 8080,
      wsSegmentSeconds: 10,
      tcpSegmentSeconds: 600,
      minFreeMb: 500,
      logLevel: "info",
      nibbleOrder: "auto",
      gapFill: "silence",
      gapFillMaxSeconds: 60,
      handshakeTimeoutSeconds: 10,
      tcpIdleSeconds: 30,
      sampleRate: 16_000,
      channels: 1,
      bitsPerSample: 16,
      align: "start",
      fsync: "segment",
      binHandshake: false,
    });
    expect(Object.values(config).every(({ source }) => source === "default")).toBe(true);
  });

  it("knows the variables of the original receiver", async () => {
    const env = {
      DATA_DIR: "/x",
      HOST: "127.0.0.2",
      TCP_HOST: "127.0.0.3",
      SAMPLE_RATE: "48000",
      BITS_PER_SAMPLE: "24",
      CHANNELS: "2",
      SEGMENT_DURATION: "300.5",
    };
    const config = await effective({ env });
    const values = [
      "dataDir",
      "host",
      "tcpHost",
      "sampleRate",
      "bitsPerSample",
      "channels",
      "tcpSegmentSeconds",
    ].map((key) => config[key].value);
    expect(values).toEqual(["/x", "127.0.0.2", "127.0.0.3", 48_000, 24, 2, 300.5]);
  });

  it("--no-… and their file form switch off", async () => {
    const config = await effective({
      flags: ["--no-tcp", "--no-bin"],
      files: { "audio-receiver.config.json": '{"web": false, "tcp": true}' },
    });
    expect([config.tcp.value, config.bin.value, config.web.value, config.ws.value]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("a file named by --config is read instead of the one that is there", async () => {
    const files = { "audio-receiver.config.yaml": "wsPort: 1\n", "other.json": '{"tcpPort": 2}' };
    const config = await effective({ flags: ["--config", "other.json"], files });
    expect([config.wsPort.value, config.tcpPort.value]).toEqual([5096, 2]);
  });

  it("config without --json is a table for people", async () => {
    const { code, stdout } = await run("config", { env: { WS_PORT: "7" } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wsPort +7 +environment WS_PORT$/m);
    expect(stdout).toMatch(/^timezone +- +default$/m);
  });
});
