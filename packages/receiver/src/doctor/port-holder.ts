import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

const TABLES = {
  tcp: ["/proc/net/tcp", "/proc/net/tcp6"],
  udp: ["/proc/net/udp", "/proc/net/udp6"],
} as const;
// In the kernel's tables: a socket that listens, and one of UDP, which is bound.
const WAITING = { tcp: "0A", udp: "07" } as const;

/**
 * Who has a port: `python3 (process 123)`; undefined where the system does not tell (no Linux), or not to this user.
 * Looks at every process, so it is for people who wait.
 */
export async function portHolder(protocol: "tcp" | "udp", port: number): Promise<string | undefined> {
  const sockets = (await Promise.all(TABLES[protocol].map((path) => socketsIn(path, protocol, port)))).flat();
  if (sockets.length === 0) return undefined;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await holdsOneOf(pid, sockets))) continue;
    const program = await readlink(`/proc/${pid}/exe`).catch(() => "a program"); // it has just ended
    return `${basename(program)} (process ${pid})`;
  }
  return undefined;
}

/** Kernel's numbers of the sockets that wait at a port, as links of a process show them. */
async function socketsIn(path: string, protocol: "tcp" | "udp", port: number): Promise<string[]> {
  const text = await readFile(path, "latin1").catch(() => ""); // Linux alone has it
  const rows = text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return rows
    .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === WAITING[protocol])
    .map((cells) => `socket:[${cells[9]}]`);
}

async function holdsOneOf(pid: string, sockets: readonly string[]): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []); // another user's, or ended
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "")));
  return links.some((link) => sockets.includes(link));
}
