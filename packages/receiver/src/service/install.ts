import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ReceiverError } from "../errors.js";
import { DEFAULTS_FILE, defaultsOf, type Installation, SERVICE, UNIT_FILE, unitOf } from "./unit.js";

export interface InstallOptions {
  /** Below which the files go: `/`, or the root of an image, where nothing is started and no user is made. */
  readonly root: string;
  /** Tells what is done. */
  readonly say: (line: string) => void;
}

/**
 * Installs and starts the service; again = brings it up to date. Settings that are there stay.
 * @throws ReceiverError `service-failed`
 */
export async function installService(
  installation: Installation,
  { root, say }: InstallOptions,
): Promise<void> {
  const isHere = root === "/";
  if (isHere) await requireSystem();
  const { user, dataDir } = installation;
  if (isHere) await makeUser(user, dataDir, say);
  await mkdir(join(root, dataDir), { recursive: true });
  if (isHere) await command("chown", [`${user}:${user}`, dataDir]);
  await put(join(root, UNIT_FILE), unitOf(installation), 0o644, say);
  const defaults = join(root, DEFAULTS_FILE);
  if (existsSync(defaults)) say(`${defaults} stays as it is`);
  else await put(defaults, defaultsOf(installation), 0o640, say);
  if (!isHere) return;
  await command("systemctl", ["daemon-reload"]);
  await command("systemctl", ["enable", SERVICE]);
  await command("systemctl", ["restart", SERVICE]);
  say(`${SERVICE} runs, and starts with the machine: journalctl -u ${SERVICE} -f`);
}

/**
 * Stops and removes the service. Recordings, settings and user stay.
 * @throws ReceiverError `service-failed`
 */
export async function uninstallService({ root, say }: InstallOptions): Promise<void> {
  const isHere = root === "/";
  const unit = join(root, UNIT_FILE);
  if (!existsSync(unit)) throw failed(`${unit} is not there: no service is installed`);
  if (isHere) await command("systemctl", ["disable", "--now", SERVICE]);
  await rm(unit);
  if (isHere) await command("systemctl", ["daemon-reload"]);
  say(`removed ${unit}; recordings and ${join(root, DEFAULTS_FILE)} stay`);
}

/** What `systemctl status` says. */
export async function serviceStatus(): Promise<string> {
  const { stdout } = await promisify(execFile)("systemctl", [
    "status",
    "--no-pager",
    "--lines=5",
    SERVICE,
  ]).catch((error: { code?: unknown; stdout?: string; message: string }) => {
    if (error.code === "ENOENT") throw failed("there is no systemctl here: this system does not run systemd");
    return { stdout: error.stdout || `${error.message}\n` }; // 3 and 4: it is stopped, or not installed
  });
  return stdout;
}

async function requireSystem(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw failed("installing a service needs root: sudo audio-receiver service install");
  if (!existsSync("/run/systemd/system"))
    throw failed("this system does not run systemd; --root DIR installs into an image, print shows the unit");
}

async function makeUser(user: string, dataDir: string, say: (line: string) => void): Promise<void> {
  const isThere = await promisify(execFile)("id", [user]).then(
    () => true,
    () => false, // id's way of saying no
  );
  if (isThere) return;
  const words = ["--system", "--user-group", "--no-create-home", "--home-dir", dataDir];
  await command("useradd", [...words, "--shell", "/usr/sbin/nologin", user]);
  say(`made user ${user}`);
}

async function put(path: string, text: string, mode: number, say: (line: string) => void): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  say(`wrote ${path}`);
}

async function command(name: string, words: readonly string[]): Promise<void> {
  await promisify(execFile)(name, [...words]).catch((error: { stderr?: string; message: string }) => {
    throw failed(`${name} ${words.join(" ")}: ${(error.stderr || error.message).trim()}`);
  });
}

function failed(message: string): ReceiverError {
  return new ReceiverError("service-failed", message);
}
