/** What must never stand in any output, and what must stand there once. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newToken } from "../src/access/token.js";
import { handshake, noiseBytes, pcmFrames } from "./support/audio.js";
import { audioReceiver, logLines, ServerProcess } from "./support/command.js";
import { RawWebSocket } from "./support/raw-websocket.js";
import { filesBelow } from "./support/recordings.js";
import { StreamClient } from "./support/stream-client.js";
import { dialPort } from "./support/tcp-client.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { addToken } from "./support/tokens.js";
import { until } from "./support/waiting.js";

const AUDIO = noiseBytes(6400);
const MESSAGES = [handshake(), ...pcmFrames(AUDIO, { frameSamples: 320 })];
const port = (address: string | null) => Number(/:(\d+)(?:\/|$)/.exec(address!)![1]);

describe.concurrent("a token, right or wrong", () => {
  it("is in no log line and no file, however it was shown", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const { token } = await addToken(data, "any");
    const wrong = newToken();
    const flags = ["--auth", "token", "--log-level", "trace"];
    await using server = await ServerProcess.start({ cwd: folder.path, flags });
    const ws = server.ready.ws!;
    for (const shown of [token, wrong]) {
      using raw = await RawWebSocket.open(port(ws), { path: `/ws/kitchen?token=${shown}` });
      using echo = await RawWebSocket.open(port(ws), { path: `/nowhere?token=${shown}` });
      expect([raw.status, echo.status]).toEqual([shown === token ? 101 : 401, 404]);
      const socket = await dialPort(port(server.ready.tcp));
      socket.end(Buffer.concat([Buffer.from(`token ${shown}\n`), AUDIO]));
      await until("the end", () => socket.destroyed);
    }
    using client = await StreamClient.connect(`${ws}/garden`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    client.send(...MESSAGES, "no text, please");
    await client.closed;
    const { stdout, stderr } = await server.stop();
    expect(logLines(stdout).filter(({ msg }) => String(msg).startsWith("refused")).length).toBeGreaterThan(3);
    for (const secret of [token, wrong, token.slice(4, 20), wrong.slice(4, 20)]) {
      expect(stdout + stderr).not.toContain(secret);
      for (const name of await filesBelow(data))
        expect((await readFile(join(data, name))).includes(secret), name).toBe(false);
    }
  });

  it("in the wrong place of the configuration is masked", async () => {
    await using folder = await temporaryFolder();
    const env = { TOKENS_FILE: newToken() };
    for (const words of [["config"], ["config", "--json"]]) {
      const { stdout } = await audioReceiver(words, { cwd: folder.path, env });
      expect(stdout).toContain("art_***");
      expect(stdout).not.toContain(env.TOKENS_FILE);
    }
    const { code, stderr } = await audioReceiver(["config", "--auth", env.TOKENS_FILE], { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringContaining('"art_***" is not allowed')]);
  });
});

describe.concurrent("warnings at the start", () => {
  const linesOf = async (...flags: string[]) => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path, flags });
    return logLines((await server.stop()).stdout);
  };
  const warningsOf = async (...flags: string[]) =>
    (await linesOf(...flags)).filter(({ level }) => Number(level) >= 40).map(({ msg }) => String(msg));
  const everywhere = ["--host", "0.0.0.0"];

  it("one, when anybody may send: it says how to close that", async () => {
    for (const flags of [everywhere, ["--tcp-host", "0.0.0.0"]]) {
      const warnings = await warningsOf(...flags);
      expect(warnings).toEqual([expect.stringContaining("anybody who reaches these ports may send audio")]);
      for (const way of ["--auth token", "--allow-from", "--host 127.0.0.1"])
        expect(warnings[0]).toContain(way);
    }
  });

  it("none on this machine only, or when an address list closes it", async () => {
    expect(await warningsOf()).toEqual([]);
    expect(await warningsOf("--host", "localhost")).toEqual([]);
    expect(await warningsOf(...everywhere, "--allow-from", "127.0.0.0/8")).toEqual([]);
  });

  it("a hint, once, when the web port can be overheard", async () => {
    const hintsOf = async (...flags: string[]) =>
      (await linesOf(...flags)).filter(({ msg }) => String(msg).includes("without TLS")).length;
    expect(await hintsOf(...everywhere)).toBe(1);
    expect(await hintsOf()).toBe(0);
    expect(await hintsOf(...everywhere, "--trust-proxies", "127.0.0.1")).toBe(0);
  });

  it("one, when tokens are asked for and none exists", async () => {
    expect(await warningsOf(...everywhere, "--auth", "token")).toEqual([
      "no token exists yet, so nobody may send: audio-receiver token add NAME",
    ]);
  });
});

describe.concurrent("address lists", () => {
  it.each([
    [["--allow-from", "10.0.0.0/33"], '"10.0.0.0/33": what follows the / is a number 0 … 32 for IPv4'],
    [["--trust-from", "10.0.0.7, kitchen"], '"kitchen" is no address'],
  ])("%j: one line that names the entry, exit 2", async (flags, message) => {
    const { code, stderr } = await audioReceiver(["config", ...flags], { cwd: "/tmp" });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("come from the environment with commas, from the file as a list", async () => {
    const env = { ALLOW_FROM: "10.0.0.7, fd00::/8,", TRUST_FROM: "127.0.0.1" };
    const { stdout } = await audioReceiver(["config", "--json"], { cwd: "/tmp", env });
    const entries = JSON.parse(stdout) as { key: string; value: unknown }[];
    const value = (key: string) => entries.find((entry) => entry.key === key)?.value;
    expect(value("allowFrom")).toEqual(["10.0.0.7", "fd00::/8"]);
    expect(value("trustFrom")).toEqual(["127.0.0.1"]);
  });
});
