import { createSocket } from "node:dgram";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

/** `audio-receiver doctor`: what it finds, and that it finds what is wrong. */

interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "warning" | "fault";
  readonly found: string;
  readonly advice?: string;
}

const PORTS = ["--ws-port", "0", "--tcp-port", "0", "--web-port", "0", "--host", "127.0.0.1"];
const CERTIFICATES = join(import.meta.dirname, "support", "certificates");

async function examined(cwd: string, flags: readonly string[] = PORTS, env: Record<string, string> = {}) {
  const words = ["doctor", "--json", "--min-free-mb", "1", ...flags];
  const { code, stdout, stderr } = await audioReceiver(words, { cwd, env });
  expect(stderr).toBe("");
  const findings = JSON.parse(stdout) as Finding[];
  return { code, of: (check: string) => findings.find((finding) => finding.check === check), findings };
}

describe.concurrent("audio-receiver doctor", () => {
  it("finds a machine that works, and leaves nothing behind", async () => {
    await using folder = await temporaryFolder();
    const { code, findings, of } = await examined(folder.path);
    expect(findings.filter(({ verdict }) => verdict === "fault")).toEqual([]);
    expect(code).toBe(0);
    for (const check of ["Node", "clock", "ffmpeg", "disk speed", "web port", "catalogue"])
      expect(of(check), check).toBeDefined();
    expect(of("data directory")?.found).toContain("not there yet");
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("tells people what to do", async () => {
    await using folder = await temporaryFolder();
    const ports = ["--ws-port", "0", "--tcp-port", "0", "--web-port", "0"];
    const { code, stdout } = await audioReceiver(["doctor", ...ports], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^! warning {2}senders .*may record\n +→ --auth token/m);
    expect(stdout).toMatch(/\n\d+ ok, \d+ warnings?, 0 faults\n$/);
  });

  it("finds each thing that does not work, and goes on to the next", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    await mkdir(data);
    for (const name of ["catalogue.db", "pins.json"])
      await writeFile(join(data, name), "no such thing ".repeat(400));
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => taken.once("listening", listening));
    const { port } = taken.address() as { port: number };
    const pair = [
      "--tls-cert",
      join(CERTIFICATES, "expired.cert.pem"),
      "--tls-key",
      join(CERTIFICATES, "expired.key.pem"),
    ];
    const flags = [
      "--host",
      "127.0.0.1",
      "--ws-port",
      String(port),
      "--tcp-port",
      "0",
      "--web-port",
      "0",
      "--auth",
      "token",
      ...pair,
    ];
    const bound = createSocket("udp4").bind(0, "127.0.0.1");
    await new Promise((listening) => bound.once("listening", listening));
    flags.push("--udp-port", String(bound.address().port));
    const settings = join(folder.path, ".env");
    await writeFile(settings, "WEB_UI_PASSWORD=open-sesame\n", { mode: 0o644 });
    const { code, of } = await examined(folder.path, flags, {
      FFMPEG_PATH: "/nowhere/ffmpeg",
      TZ: "Nowhere/Land",
    });
    taken.close();
    bound.close();
    expect(code).toBe(1);
    const wanted = {
      "WebSocket port": new RegExp(`^${port} on 127.0.0.1 is in use by .* \\(process ${process.pid}\\)$`),
      "UDP port": new RegExp(`is in use by .* \\(process ${process.pid}\\)$`),
      "time zone": /TZ is Nowhere\/Land/,
      certificate: /has expired on 2020-02-01/,
      tokens: /none yet, so nobody may send/,
      catalogue: /catalogue/,
      pins: /it is no JSON/,
      ffmpeg: /FFMPEG_PATH/,
    };
    for (const [check, found] of Object.entries(wanted))
      expect(of(check), check).toMatchObject({
        verdict: "fault",
        found: expect.stringMatching(found),
        advice: expect.any(String),
      });
    expect(of("secrets")).toMatchObject({ verdict: "warning", found: expect.stringContaining(".env") });
  });

  it("finds a store that does not answer, and shows no key", async () => {
    await using folder = await temporaryFolder();
    const env = {
      S3_ENABLED: "true",
      S3_BUCKET: "recordings",
      S3_SERVICE_URL: "http://127.0.0.1:9",
      AWS_ACCESS_KEY_ID: "an-access-key",
      AWS_SECRET_ACCESS_KEY: "a-very-secret-key",
    };
    const { code, of, findings } = await examined(folder.path, PORTS, env);
    expect([code, of("S3")?.verdict]).toEqual([1, "fault"]);
    expect(JSON.stringify(findings)).not.toContain("a-very-secret-key");
  });

  it("knows a receiver that runs, and does not disturb it", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    const port = new URL(server.ready.web!).port;
    const flags = ["--host", "127.0.0.1", "--ws-port", "0", "--tcp-port", "0", "--web-port", port];
    const { code, of } = await examined(folder.path, flags);
    const found = `${port} on 127.0.0.1 is in use by node (process ${server.child.pid}): a receiver runs here`;
    expect([code, of("web port")]).toEqual([0, { check: "web port", verdict: "ok", found }]);
    expect((await fetch(`${server.ready.web}/readyz`)).status).toBe(200);
  });
});
