import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Tells systemd how the process does, where it was started by it. */
export interface Supervision {
  /** Everything is open; from now on the watchdog hears of it. */
  ready(status: string): Promise<void>;
  /** It is being stopped, which may take as long as the last segments do. */
  stopping(): Promise<void>;
}

// A watchdog that is told this often is not missed by a machine that is busy for a while.
const TIMES_IN_WATCHDOG = 3;
const LONGEST_MS = 10_000;

/**
 * Supervision as `Type=notify` of a systemd service has it; without systemd nothing is told.
 * @param environment NOTIFY_SOCKET and WATCHDOG_USEC, as systemd sets them
 * @param onFault systemd could not be told
 */
export function supervision(environment: NodeJS.ProcessEnv, onFault: (reason: string) => void): Supervision {
  let timer: NodeJS.Timeout | undefined;
  const tell = async (...states: string[]) => {
    if (!environment.NOTIFY_SOCKET) return;
    await notify(environment, states).catch((error: Error) => onFault(error.message));
  };
  return {
    async ready(status) {
      await tell("READY=1", `STATUS=${status}`);
      const watchdogMs = Number(environment.WATCHDOG_USEC) / 1000;
      if (!(watchdogMs > 0)) return;
      // A timer of the loop that records: when it does not turn, nobody is told.
      timer = setInterval(() => void tell("WATCHDOG=1"), watchdogMs / TIMES_IN_WATCHDOG);
      timer.unref();
    },
    stopping() {
      clearInterval(timer);
      return tell("STOPPING=1");
    },
  };
}

// Node has no datagram sockets of the Unix kind, which this protocol is spoken on.
async function notify(environment: NodeJS.ProcessEnv, states: readonly string[]): Promise<void> {
  const { PATH, NOTIFY_SOCKET } = environment;
  await promisify(execFile)("systemd-notify", [...states], {
    env: { PATH, NOTIFY_SOCKET },
    timeout: LONGEST_MS,
  });
}
