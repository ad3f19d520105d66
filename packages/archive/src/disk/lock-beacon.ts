import { unlink } from "node:fs/promises";
import { connect, createServer } from "node:net";

/**
 * A socket beside a lock, which the kernel closes with its process however that ends. Whoever cannot see the process
 * itself, as from another container, asks it whether the lock still counts. The kernel answers, so a process that hangs
 * or is paused is there, too.
 */
export interface LockBeacon {
  close(): Promise<void>;
}

// A socket's address has room for 104 bytes on macOS, 108 on Linux; Node cuts off what is longer without a word.
const LONGEST_PATH_BYTES = 100;

/**
 * Puts a beacon there, in the place of one whose process has died.
 * @returns undefined where the disk takes no socket (FAT, some shared folders, a full disk) or the path is too long
 */
export async function lightBeacon(path: string): Promise<LockBeacon | undefined> {
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES) return undefined;
  await unlink(path).catch(() => undefined); // mostly there is none; what cannot be removed fails below
  const server = createServer((socket) => socket.destroy()).unref();
  const isLit = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)); // what the lock can do without: see above
    server.listen({ path, readableAll: true, writableAll: true }, () => resolve(true));
  });
  if (!isLit) return undefined;
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Whether the process that has put a beacon there is alive. */
export async function isLit(path: string): Promise<boolean> {
  const fault = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const socket = connect({ path });
    socket.once("error", resolve).once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
  return fault === undefined || (fault.code !== "ENOENT" && fault.code !== "ECONNREFUSED");
}
