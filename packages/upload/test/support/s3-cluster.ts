/** The part of an S3 server that keeps the objects: a Ceph monitor and one storage daemon, in memory. */
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./free-port.js";

const run = promisify(execFile);

export const ACCESS_KEY = "TESTKEY";
export const SECRET_KEY = "TESTSECRET";
const COMMAND_LIMIT_MS = 60_000;

/** Starts a cluster in an empty folder; its daemons are named in `pids` there. */
export async function startCluster(folder: string): Promise<void> {
  for (const name of ["mon", "osd", "run", "log"]) mkdirSync(join(folder, name), { recursive: true });
  const [v2, v1] = [await freePort(), await freePort()];
  writeFileSync(join(folder, "ceph.conf"), configuration(folder, v2, v1));
  await makeKeys(folder);
  const map = join(folder, "monmap");
  const fsid = /fsid = (.*)/.exec(readFileSync(join(folder, "ceph.conf"), "utf8"))![1];
  const address = `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`;
  await ceph(folder, "monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, map);
  await ceph(folder, "ceph-mon", "-i", "a", "--mkfs", "--monmap", map, "--keyring", join(folder, "keyring"));
  startDaemon(folder, "ceph-mon", "-i", "a");
  await ceph(folder, "ceph", "osd", "create");
  await ceph(folder, "ceph-osd", "-i", "0", "--mkfs");
  startDaemon(folder, "ceph-osd", "-i", "0");
  const keys = ["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY];
  const user = ["user", "create", "--uid=test", "--display-name=test", ...keys];
  await ceph(folder, "radosgw-admin", "-n", "client.rgw", ...user);
}

/** Runs a daemon of the cluster in the foreground, outliving this process; returns its pid. */
export function startDaemon(folder: string, command: string, ...args: string[]): number {
  const log = openSync(join(folder, "log", `${command}.out`), "a");
  const child = spawn(command, [...args, "-f"], {
    env: { ...process.env, CEPH_CONF: join(folder, "ceph.conf") },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error(`${command} is not installed: see TOOLS in scripts/test.mjs`);
  writeFileSync(join(folder, "pids"), `${child.pid}\n`, { flag: "a" });
  return child.pid;
}

/** Ends every daemon of a cluster, and waits until they are gone. */
export async function stopCluster(folder: string): Promise<void> {
  const pids = readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number);
  await Promise.all(pids.reverse().map((pid) => end(folder, pid)));
}

/** Kills one daemon of a cluster, if it is still that: the system may have given its number away. */
export async function end(folder: string, pid: number): Promise<void> {
  if (!isOurs(folder, pid)) return;
  process.kill(pid, "SIGKILL"); // nothing of theirs is to be kept
  while (isOurs(folder, pid)) await sleep(20);
}

function isOurs(folder: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CEPH_CONF=${folder}/`);
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

async function ceph(folder: string, command: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, CEPH_CONF: join(folder, "ceph.conf") };
  await run(command, args, { env, timeout: COMMAND_LIMIT_MS });
}

async function makeKeys(folder: string): Promise<void> {
  const keyring = join(folder, "keyring");
  const all = ["--cap", "mon", "allow *", "--cap", "osd", "allow *"];
  await ceph(
    folder,
    "ceph-authtool",
    "--create-keyring",
    keyring,
    "--gen-key",
    "-n",
    "mon.",
    "--cap",
    "mon",
    "allow *",
  );
  for (const name of ["client.admin", "client.rgw", "osd.0"])
    await ceph(folder, "ceph-authtool", keyring, "--gen-key", "-n", name, ...all);
}

// A bucket is made when all gateways have heard of it: of one that was killed, after 30 s unless told otherwise. Those
// that live say so once a tick.
function configuration(folder: string, v2: number, v1: number): string {
  return `[global]
fsid = ${randomUUID()}
mon host = [v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth allow insecure global id reclaim = false
keyring = ${folder}/keyring
run dir = ${folder}/run
admin socket = ${folder}/run/$name.$pid.asok
pid file =
log file = ${folder}/log/$name.log
crash dir = ${folder}/run
mon data = ${folder}/mon
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
osd data = ${folder}/osd
osd objectstore = memstore
osd client watch timeout = 3
objecter tick interval = 1
memstore device bytes = 2147483648
osd crush initial weight = 1
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
rgw data = ${folder}
rgw enable ops log = false
rgw enable usage log = false
`;
}
