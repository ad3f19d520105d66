import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";

/** What `SIGHUP` may mean. */
export interface HangUp {
  /** Somebody asks for files to be opened and read again. */
  readonly again: () => void;
  /** The terminal is closed, and with it ends what was started there. */
  readonly over: () => void;
}

/** Tells the two apart: who was started on a terminal, and has none any more, was hung up on. */
export function onHangUp({ again, over }: HangUp): void {
  const wasOnTerminal = [0, 1, 2].some((fd) => isatty(fd)) && hasTerminal();
  process.on("SIGHUP", () => {
    // Windows sends it for a closed window alone.
    if (process.platform === "win32" || (wasOnTerminal && !hasTerminal())) over();
    else again();
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false; // that is how the system says so
  }
}
