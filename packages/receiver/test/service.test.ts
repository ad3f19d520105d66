import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

/** `audio-receiver service`: the files it installs, what systemd says of them, and what systemd is told. */

const UNIT = "etc/systemd/system/audio-receiver.service";
const DEFAULTS = "etc/default/audio-receiver";

function analyze(...words: string[]) {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", words, { encoding: "utf8" });
  return { status, said: stdout + stderr };
}

describe.concurrent("audio-receiver service", () => {
  it("installs a unit that systemd finds right and safe, and its settings", async () => {
    await using folder = await temporaryFolder();
    const words = ["service", "install", "--root", folder.path, "--data-dir", "/srv/bird song"];
    const { code, stdout } = await audioReceiver(words, { cwd: folder.path });
    expect([code, stdout]).toEqual([0, expect.stringContaining(`wrote ${join(folder.path, UNIT)}`)]);
    const unit = await readFile(join(folder.path, UNIT), "utf8");
    expect(unit).toContain('Environment="DATA_DIR=/srv/bird song"');
    expect((await stat(join(folder.path, DEFAULTS))).mode & 0o777).toBe(0o640);
    expect((await stat(join(folder.path, "srv/bird song"))).isDirectory()).toBe(true);
    const runnable = join(folder.path, UNIT);
    expect(analyze("verify", "--man=no", "--recursive-errors=no", runnable)).toEqual({ status: 0, said: "" });
    const safety = analyze("security", "--offline=yes", "--no-pager", "--threshold=25", runnable);
    expect([safety.status, safety.said]).toEqual([
      0,
      expect.stringMatching(/exposure level.*: [0-2]\.\d OK/),
    ]);
  });

  it("leaves settings alone when it is brought up to date, and recordings when it goes", async () => {
    await using folder = await temporaryFolder();
    const run = (...words: string[]) =>
      audioReceiver(["service", ...words, "--root", folder.path], { cwd: folder.path });
    await run("install");
    await writeFile(join(folder.path, DEFAULTS), "AUTH=token\n");
    const again = await run("install", "--user", "recorder");
    expect(again.stdout).toContain("stays as it is");
    expect(await readFile(join(folder.path, DEFAULTS), "utf8")).toBe("AUTH=token\n");
    expect(await readFile(join(folder.path, UNIT), "utf8")).toContain("User=recorder");
    expect((await run("uninstall")).code).toBe(0);
    expect((await stat(join(folder.path, "data"))).isDirectory()).toBe(true);
    const gone = await run("uninstall");
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("no service is installed")]);
  });

  it("prints what it would install, and refuses what systemd would take apart", async () => {
    const printed = await audioReceiver(["service", "print", "--data-dir", "/data"], { cwd: "/tmp" });
    expect([printed.code, printed.stdout]).toEqual([0, expect.stringContaining("Type=notify")]);
    for (const flags of [
      ["--user", "root; rm"],
      ["--data-dir", "data"],
      ["--data-dir", "/a\nUser=root"],
    ]) {
      const { code, stderr } = await audioReceiver(["service", "print", ...flags], { cwd: "/tmp" });
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^audio-receiver: --[\s\S]+ is not allowed; allowed /),
      ]);
    }
  });
});

const SOCKET = `
import os, socket, sys
there = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
there.bind(sys.argv[1])
print("bound", flush=True)
while True: print(there.recv(4096).decode(), flush=True)
`;

describe("a receiver that systemd has started", () => {
  it("says when it is ready, that it lives, and that it stops", async () => {
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o755);
    const path = join(folder.path, "notify");
    const systemd = spawn("python3", ["-c", SOCKET, path]);
    let heard = "";
    systemd.stdout.on("data", (text) => (heard += text));
    await until("the socket", () => heard.includes("bound"));
    const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "300000" };
    await using server = await ServerProcess.start({ cwd: folder.path, env });
    await until("READY", () => heard.includes("READY=1"));
    expect(heard).toContain(`STATUS=recording to ${join(folder.path, "data")}`);
    await until("the watchdog", () => heard.split("WATCHDOG=1").length > 3);
    await server.stop();
    await until("STOPPING", () => heard.includes("STOPPING=1"));
    systemd.kill();
    await once(systemd, "exit");
  });
});
