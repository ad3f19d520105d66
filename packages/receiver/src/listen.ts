import type { AddressInfo, Server } from "node:net";
import { ReceiverError } from "./errors.js";

const HINTS: Record<string, string> = {
  EADDRINUSE: "is already in use: stop the other program or choose another port",
  EACCES: "needs privileges: choose a port of 1024 or more",
  EADDRNOTAVAIL: "is at an address that this machine does not have: choose another --host",
};

/**
 * Opens a port.
 * @param what the listener's name, for the error
 * @throws ReceiverError `cannot-listen`
 */
export function listen(server: Server, host: string, port: number, what: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(what, host, port, error)));
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeAllListeners("error");
      server.on("error", () => server.emit("drop"));
      resolve(server.address() as AddressInfo);
    });
  });
}

/** What to tell when a port does not open. */
export function cannotListen(
  what: string,
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
): ReceiverError {
  const hint = HINTS[error.code ?? ""] ?? `cannot be opened: ${error.message}`;
  return new ReceiverError("cannot-listen", `${what} port ${port} on ${host} ${hint}`, { cause: error });
}

/** Accepts no more connections; resolves when the last one is gone. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
