/** Commands as hooks: real processes. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { until } from "../../receiver/test/support/waiting.js";
import { commandHook, failureOf, HookFolder, SEGMENT_EVENT, segmentOf } from "./support/hooks.js";

const REPORT = `fs.writeFileSync("report.json", JSON.stringify({
  args: process.argv.slice(2), env: process.env, cwd: process.cwd(), stdin: fs.readFileSync(0, "utf8") }));`;

interface Report {
  args: string[];
  env: Record<string, string>;
  cwd: string;
  stdin: string;
}

const reportIn = (folder: HookFolder) => JSON.parse(readFileSync(folder.in("report.json"), "utf8")) as Report;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie has ended, even if nobody has asked how.
  return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

describe("what a command gets", () => {
  it("is the event: in its environment, its arguments, and as JSON on standard input", async () => {
    await using folder = await HookFolder.open();
    await folder.deliver(
      commandHook(await folder.script(REPORT, "--out={device}.txt", "{path}", "{seconds} s")),
    );
    const { args, env, cwd, stdin } = reportIn(folder);
    const path = folder.in("kitchen/2026-11-22/10-00-00.flac");
    expect(args).toEqual(["--out=kitchen.txt", path, "10 s"]);
    expect(cwd).toBe(folder.path);
    expect(env).toMatchObject({
      AUDIO_EVENT: "segment:complete",
      AUDIO_DEVICE: "kitchen",
      AUDIO_PATH: path,
      AUDIO_START: "2026-11-22T10:00:00.250Z",
      AUDIO_START_US: "1795341600250000",
      AUDIO_SAMPLES: "160000",
      AUDIO_SAMPLE_RATE: "16000",
      AUDIO_REMOTE: "s3://recordings/received/kitchen/10-00-00.flac",
    });
    const payload = JSON.parse(stdin) as { id: string; segment: { path: string } };
    expect(payload.segment.path).toBe("kitchen/2026-11-22/10-00-00.flac");
    expect(env.AUDIO_DELIVERY).toBe(payload.id);
  });

  it("is not the receiver's environment, but for what programs need and what its hook names", async () => {
    await using folder = await HookFolder.open();
    const env = {
      PATH: process.env.PATH,
      TZ: "UTC",
      AWS_SECRET_ACCESS_KEY: "s3cret",
      API_KEY: "k",
      OTHER: "o",
    };
    const hook = commandHook(await folder.script(REPORT), { env: ["API_KEY", "NOT_SET"] });
    await folder.deliver(hook, SEGMENT_EVENT, { env });
    const names = Object.keys(reportIn(folder).env).filter((name) => !name.startsWith("AUDIO_"));
    expect(names.sort()).toEqual(["API_KEY", "PATH", "TZ"]);
  });

  it("needs not be read", async () => {
    await using folder = await HookFolder.open();
    await folder.deliver(commandHook(["true"]));
  });

  it("is no shell's business", async () => {
    await using folder = await HookFolder.open();
    const hostile = '$(touch hacked); `touch hacked` | touch hacked && "touch hacked" \'';
    await folder.deliver(
      commandHook(await folder.script(REPORT, "{device}", "$HOME;touch hacked")),
      segmentOf(hostile),
    );
    expect(reportIn(folder).args).toEqual([hostile, "$HOME;touch hacked"]);
    expect(existsSync(folder.in("hacked"))).toBe(false);
  });
});

describe("a device called", () => {
  const names: [what: string, name: string, argument: string][] = [
    ["with line breaks", "a\nAUDIO_PATH=/etc/passwd\r\nb", "a_AUDIO_PATH=/etc/passwd__b"],
    ["with NUL", "a\0b", "a_b"],
    ["with terminal escapes", "\u001b]0;pwned\u0007\u009b2J", "_]0;pwned__2J"],
    ["with half a character", "a\ud800b", "a_b"],
    ["with text that runs backwards", "a\u202egpj.exe", "a_gpj.exe"],
    ["like an option", "--output=/etc/passwd", "_-output=/etc/passwd"],
    ["like a placeholder", "{path}{constructor}", "{path}{constructor}"],
    ["with a megabyte", "x".repeat(1_000_000), "x".repeat(1024)],
    ["like nothing at all", "", ""],
  ];

  it.each(names)("something %s stays one argument", async (_, name, argument) => {
    await using folder = await HookFolder.open();
    await folder.deliver(commandHook(await folder.script(REPORT, "{device}", "{event}")), segmentOf(name));
    const { args, env } = reportIn(folder);
    expect(args).toEqual([argument, "segment:complete"]);
    expect(env.AUDIO_PATH).toBe(folder.in("kitchen/2026-11-22/10-00-00.flac"));
    expect(env.AUDIO_DEVICE.replace(/^-/, "_")).toBe(argument);
  });
});

describe("a command that fails", () => {
  it("tells its exit code and its last lines", async () => {
    await using folder = await HookFolder.open();
    const script = await folder.script(
      'for (let i = 1; i < 9; i++) console.error("line", i, "\\u001b[31m"); process.exit(3)',
    );
    const { code, message, retryable } = await failureOf(folder.deliver(commandHook(script)));
    expect([code, retryable]).toEqual(["hook-failed", true]);
    const lines = [4, 5, 6, 7, 8].map((i) => `line ${i} _[31m`);
    expect(message).toBe(`hook test: ended with exit code 3: ${lines.join(" | ")}`);
    expect(folder.output).toEqual([]); // they stand in the message
  });

  it("by a signal is a failure too", async () => {
    await using folder = await HookFolder.open();
    const script = await folder.script('process.kill(process.pid, "SIGKILL"); setInterval(() => 0, 1000)');
    expect((await failureOf(folder.deliver(commandHook(script)))).message).toBe(
      "hook test: ended by SIGKILL",
    );
  });

  it.each([
    ["is not there", "/nowhere/at-all", "ENOENT"],
    ["may not be executed", "/etc/passwd", "EACCES"],
  ])("because it %s says so", async (_, program, reason) => {
    await using folder = await HookFolder.open();
    const { code, message } = await failureOf(folder.deliver(commandHook([program])));
    expect(code).toBe("hook-not-started");
    expect(message).toBe(`hook test: ${program} cannot be started (${reason})`);
  });

  it("in printing without end keeps no more than its last lines", async () => {
    await using folder = await HookFolder.open();
    const script = await folder.script(`
      const line = "x".repeat(65_535) + "\\n";
      for (let i = 0; i < 3000; i++) fs.writeSync(1, line);
      fs.writeSync(2, "the end\\n");`);
    const before = process.memoryUsage().rss;
    await folder.deliver(commandHook(script));
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6); // it printed 196 MB
    expect(folder.output.at(-1)).toBe("the end");
    expect(folder.output.join("").length).toBeLessThan(10_000);
  });
});

describe("a command that does not end", () => {
  const HANGING = `
    import { spawn } from "node:child_process";
    process.on("SIGTERM", () => 0);
    const idle = ["-e", "process.on('SIGTERM', () => 0); console.log('up'); setInterval(() => 0, 1000)"];
    const child = spawn(process.execPath, idle, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => fs.writeFileSync("pids", process.pid + " " + child.pid));
    setInterval(() => 0, 1000);`;

  const pidsIn = (folder: HookFolder) =>
    until("both processes run", () => {
      const text = existsSync(folder.in("pids")) ? readFileSync(folder.in("pids"), "utf8") : "";
      return text !== "" && text.split(" ").map(Number);
    });

  it("is ended when its time is up, with all that it started, even if they ignore SIGTERM", async () => {
    await using folder = await HookFolder.open();
    const hook = commandHook(await folder.script(HANGING), { timeoutSeconds: 3 });
    const failed = failureOf(folder.deliver(hook));
    const pids = await pidsIn(folder);
    const { code, message } = await failed;
    expect(code).toBe("hook-timeout");
    expect(message).toBe("hook test: not done after 3 s, and ended");
    await until("all have ended", () => !pids.some(isAlive));
  });

  it("is ended when the receiver stops", async () => {
    await using folder = await HookFolder.open();
    const stopping = new AbortController();
    const hook = commandHook(await folder.script(HANGING));
    const failed = failureOf(folder.deliver(hook, SEGMENT_EVENT, { signal: stopping.signal }));
    const pids = await pidsIn(folder);
    stopping.abort();
    expect((await failed).code).toBe("hook-stopped");
    await until("all have ended", () => !pids.some(isAlive));
  });

  it("itself, but left something behind that holds its output, is done, and that is ended", async () => {
    await using folder = await HookFolder.open();
    const script = await folder.script(`
      import { spawn } from "node:child_process";
      const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "inherit" });
      fs.writeFileSync("pids", String(child.pid));
      console.log("done");
      process.exit(0);`);
    await folder.deliver(commandHook(script));
    expect(folder.output).toEqual(["done"]);
    const [pid] = await pidsIn(folder);
    await until("it has ended", () => !isAlive(pid));
  });

  it("and escaped with its output from the group does not hold up the queue", async () => {
    await using folder = await HookFolder.open();
    const script = await folder.script(`
      import { spawn } from "node:child_process";
      const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "inherit", detached: true });
      fs.writeFileSync("pids", String(child.pid));
      process.exit(0);`);
    await folder.deliver(commandHook(script));
    const [pid] = await pidsIn(folder);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });
});
