/** examples/deploy/docker and lxc, which need an engine to start whole: linted, and run piece by piece. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DCLinter } from "dclint";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SETTINGS } from "../packages/receiver/src/config/settings-table.js";
import { TestReceiver } from "../packages/receiver/test/support/test-receiver.js";
import { pairOf } from "../packages/receiver/test/support/tls-client.js";
import { shipped } from "./proxies/shipped.js";

const DEPLOY = join(import.meta.dirname, "../examples/deploy");
const HEALTHCHECK = join(DEPLOY, "docker/healthcheck.mjs");

/** What the linter says of a compose file; matters of taste, as the order of keys, left out. */
function lintCompose(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "audio-compose-"));
  try {
    const path = join(folder, "compose.yaml");
    writeFileSync(path, text);
    const rules = {
      "service-keys-order": 0,
      "service-ports-alphabetical-order": 0,
      "require-quotes-in-ports": 0,
      "no-build-and-image": 0, // the image that is built has a name
      "no-unbound-port-interfaces": 0, // devices of the whole network are meant
    } as const;
    const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
    const [result] = linter.lintFiles([path], false);
    return (result?.messages ?? []).map(({ line, message }) => `${line}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function health(env: Record<string, string>): Promise<number> {
  const asked = spawn(process.execPath, [HEALTHCHECK], { env, stdio: "ignore" });
  return (await once(asked, "exit"))[0] as number;
}

describe("the Dockerfile", () => {
  const text = shipped("docker/Dockerfile");
  const instructions = text.split("\n").filter((line) => /^[A-Z]+ /.test(line));

  it("has no fault that the linter knows", () => {
    expect(validate(text).map(({ range, message }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
    expect(validate(text.replace("STOPSIGNAL SIGTERM", "STOPSIGNAL"))).not.toEqual([]);
  });

  it("runs a user without rights, whom signals reach", () => {
    expect(instructions.filter((line) => line.startsWith("USER "))).toEqual(["USER 10096:10096"]);
    expect(instructions.filter((line) => /^(ENTRYPOINT|CMD) /.test(line))).toEqual([
      'ENTRYPOINT ["audio-receiver"]',
      'CMD ["serve"]',
    ]);
    expect(instructions).toContain("STOPSIGNAL SIGTERM");
  });

  it("opens the ports that the settings name", () => {
    const port = (key: string) => SETTINGS.find((setting) => setting.key === key)?.fallback;
    const ports = [port("wsPort"), port("tcpPort"), port("webPort")].join(" ");
    expect(instructions).toContain(`EXPOSE ${ports} 9001/udp`);
  });
});

describe("the compose file", () => {
  const text = shipped("docker/compose.yaml");
  const { receiver } = parse(text).services;

  it("has no fault that the linter and the schema know", () => {
    expect(lintCompose(text)).toEqual([]);
    expect(lintCompose(text.replace("read_only: true", "read_onyl: true"))).not.toEqual([]);
    expect(lintCompose(text.replace("stop_grace_period: 1m", "stop_grace_period: [1m]"))).not.toEqual([]);
  });

  it("gives it no rights, and writes nothing but the volume", () => {
    expect(receiver).toMatchObject({ read_only: true, cap_drop: ["ALL"], init: true });
    expect(receiver.security_opt).toEqual(["no-new-privileges:true"]);
    expect(receiver.volumes).toEqual(["recordings:/data"]);
  });

  it("sets what is a setting, and holds no secret", () => {
    const known = new Set(["TZ", ...SETTINGS.flatMap(({ env }) => env)]);
    for (const [name, value] of Object.entries(receiver.environment)) {
      expect(known).toContain(name);
      expect(value).toMatch(new RegExp(`^\\$\\{${name}:-`)); // of whoever starts it
    }
  });
});

describe("the health check", () => {
  it("tells a receiver that lives from one that does not, with and without TLS", async () => {
    const { cert: tlsCert, key: tlsKey } = pairOf("first");
    const port = (server: TestReceiver) => `${server.receiver.ports.web}`;
    await using plain = await TestReceiver.start({ webPath: "/audio/" });
    await using encrypted = await TestReceiver.start({ tlsCert, tlsKey });
    const answers = [
      health({ WEB_UI_PORT: port(plain) }),
      health({ WEB_UI_PORT: port(encrypted), TLS_CERT: tlsCert }),
      health({ WEB_UI_PORT: port(encrypted) }),
      health({ WEB_UI_PORT: "1" }),
    ];
    expect(await Promise.all(answers)).toEqual([0, 0, 1, 1]);
  });
});

describe("the script for a container", () => {
  const script = join(DEPLOY, "lxc/install.sh");

  it("has no fault that shellcheck knows", () => {
    const { status, stdout } = spawnSync("shellcheck", ["-o", "all", script], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("changes nothing without packages", () => {
    const { status, stderr } = spawnSync("sh", [script, DEPLOY], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(process.getuid?.() === 0 ? /no packages \(\*\.tgz\) in / : /must be run as root/);
    expect(spawnSync("sh", [script], { encoding: "utf8" }).stderr).toMatch(/usage: sh install\.sh PACKED/);
  });
});
