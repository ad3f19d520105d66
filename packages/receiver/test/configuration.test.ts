import { readFile, writeFile } from "node:fs/promises";
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
  return await audioReceiver([command, ...flags], { cwd: folder.path, env });
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

  it("config --init writes a file that changes nothing, once; config --schema is what the package has", async () => {
    await using folder = await temporaryFolder();
    const options = { cwd: folder.path };
    const first = await audioReceiver(["config", "--init"], options);
    expect(first).toEqual({
      code: 0,
      stderr: "",
      stdout: "wrote audio-receiver.config.yaml: every setting, commented out\n",
    });
    const again = await audioReceiver(["config", "--init"], options);
    expect([again.code, again.stderr]).toEqual([
      2,
      "audio-receiver: audio-receiver.config.yaml is here already, and stays as it is\n",
    ]);
    const text = await readFile(join(folder.path, "audio-receiver.config.yaml"), "utf8");
    const [, path] = /^# yaml-language-server: \$schema=(.*)\n/.exec(text)!;
    const schema = await audioReceiver(["config", "--schema"], options);
    expect(schema.stdout).toBe(await readFile(path, "utf8"));
  });

  it("config without --json is a table for people", async () => {
    const { code, stdout } = await run("config", { env: { WS_PORT: "7" } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wsPort +7 +environment WS_PORT$/m);
    expect(stdout).toMatch(/^timezone +- +default$/m);
  });
});
