import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { audioReceiver, type CommandOptions, logLines, ServerProcess } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

describe.concurrent("a server that cannot start", () => {
  it.each(["ws", "tcp", "web"])(
    "because the %s port is taken: exit 1, one line with the port, no lock left",
    async (which) => {
      await using folder = await temporaryFolder();
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      const free = ["--ws-port=0", "--tcp-port=0", "--web-port=0", "--host=127.0.0.1"];
      const options: CommandOptions = { cwd: folder.path };
      const { code, stdout, stderr } = await audioReceiver(
        ["serve", ...free, `--${which}-port`, String(port)],
        options,
      );
      other.close();
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(
        new RegExp(`^audio-receiver: \\w+ port ${port} on 127\\.0\\.0\\.1 is already in use: .*\n$`),
      );
      expect(existsSync(join(folder.path, "data", "receiver.lock"))).toBe(false);
    },
  );

  it("because the ready file cannot be written: exit 2, one line with its path, and it does not go on", async () => {
    await using folder = await temporaryFolder();
    const free = ["--ws-port=0", "--tcp-port=0", "--web-port=0", "--host=127.0.0.1"];
    const words = ["serve", ...free, "--log-level=silent", "--no-web", "--ready-file", "none/ready.json"];
    const { code, stderr } = await audioReceiver(words, { cwd: folder.path });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^audio-receiver: readyFile none\/ready\.json cannot be written: .*\n$/),
    ]);
  });

  it("because its data directory is a file: exit 1, one line", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "data"), "");
    const { code, stderr } = await audioReceiver(["serve", "--ws-port=0", "--tcp-port=0", "--web-port=0"], {
      cwd: folder.path,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^audio-receiver: data directory .*\/data: .*: choose a directory .*\n$/);
  });

  it("leaves no ready file, not even one of a server that was killed", async () => {
    await using folder = await temporaryFolder();
    const ready = join(folder.path, "ready.json");
    await writeFile(ready, '{"pid":1}');
    const { code } = await audioReceiver(["serve", "--ready-file", ready, "--host", "198.51.100.1"], {
      cwd: folder.path,
    });
    expect([code, existsSync(ready)]).toEqual([1, false]);
  });
});

describe.concurrent("a server with settings of the original receiver", () => {
  it("takes them without a word, and records", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "elsewhere"));
    const env = {
      ENABLE_COMPRESSION: "true",
      COMPRESSION_FORMAT: "FLAC",
      COMPRESSION_DELAY: "30",
      DELETE_ORIGINAL_WAV: "false",
      FLAC_COMPRESSION_LEVEL: "8",
      OPUS_BITRATE: "96",
      DATA_DIR: "elsewhere",
    };
    await using server = await ServerProcess.start({ cwd: folder.path, env });
    const { code, stdout } = await server.stop();
    expect(code).toBe(0);
    expect(logLines(stdout).filter(({ level }) => Number(level) >= 40)).toEqual([]);
    expect(existsSync(join(folder.path, "data"))).toBe(false);
  });
});
