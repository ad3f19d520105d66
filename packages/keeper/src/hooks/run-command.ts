import { constants, setPriority } from "node:os";
import type { execa } from "execa";
import { HookError } from "../errors.js";
import type { Delivery } from "./deliveries.js";
import type { DeliveryContext } from "./delivery-context.js";
import { commandEnvironment } from "./environment.js";
import { fieldsOf, fillArgument } from "./fields.js";
import { OutputTail } from "./output-tail.js";
import { ProcessGroup } from "./process-group.js";
import type { CommandHook } from "./settings.js";

/** What a process that escaped from its group may still hold open when the command has ended. */
const DRAIN_MS = 500;

type Ending = { readonly exitCode?: number; readonly signal?: string; readonly notStarted?: string };
type Started = ReturnType<typeof start>;

/**
 * Starts the command of a hook, hands it the event, and waits until it has ended.
 * @throws HookError `hook-not-started`, `hook-failed`, `hook-timeout`, `hook-stopped`
 */
export async function runCommand(
  hook: CommandHook,
  delivery: Delivery,
  context: DeliveryContext,
): Promise<void> {
  // Loaded when it is needed: it takes 70 ms, and most receivers have no hooks.
  const { execa: run } = await import("execa");
  const child = start(run, hook, delivery, context);
  const tail = new OutputTail();
  child.all.on("data", (chunk: Buffer) => tail.push(chunk));
  const { ending, cut } = await endOf(child, hook.timeoutSeconds * 1000, context.signal);
  const failure = failureOf(hook, ending, cut, tail.lines);
  if (failure !== undefined) throw failure;
  if (tail.lines.length > 0) context.onOutput?.(hook.name, tail.lines);
}

function start(
  run: typeof execa,
  { command: [program, ...args], env }: CommandHook,
  { payload }: Delivery,
  context: DeliveryContext,
) {
  const { dataDir } = context;
  const fields = fieldsOf(payload, dataDir);
  return run(
    program,
    args.map((argument) => fillArgument(argument, fields)),
    {
      cwd: dataDir,
      env: commandEnvironment(payload, dataDir, context.env, env),
      extendEnv: false,
      input: `${JSON.stringify(payload)}\n`,
      all: true,
      buffer: false,
      reject: false,
      detached: true, // a process group of its own, which can be ended as a whole
    },
  );
}

type Cut = "timeout" | "stopped" | undefined;

async function endOf(child: Started, timeoutMs: number, signal: AbortSignal) {
  const { pid } = child;
  if (pid === undefined) return { ending: await closed(child), cut: undefined };
  const group = new ProcessGroup(pid);
  let cut: Cut;
  const end = (reason: Cut) => {
    cut ??= reason;
    group.end();
  };
  const stop = () => end("stopped");
  const timer = setTimeout(() => end("timeout"), timeoutMs);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  yieldToRecording(pid);
  const ending = await Promise.race([closed(child), exited(child, group)]);
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  return { ending, cut };
}

async function closed(child: Started): Promise<Ending> {
  const { exitCode, signal, cause, originalMessage } = await child;
  if (exitCode !== undefined || signal !== undefined) return { exitCode, signal };
  return { notStarted: (cause as NodeJS.ErrnoException)?.code ?? originalMessage ?? "no reason given" };
}

/** Does not wait for the output to be closed by processes that the command left behind. */
function exited(child: Started, group: ProcessGroup): Promise<Ending> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      group.sweep();
      const ending = { exitCode: code ?? undefined, signal: signal ?? undefined };
      const drained = setTimeout(() => {
        for (const pipe of [child.stdout, child.stderr, child.all]) pipe.destroy();
        resolve(ending);
      }, DRAIN_MS);
      child.once("close", () => clearTimeout(drained));
    });
  });
}

function yieldToRecording(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error; // it has ended already
  }
}

function failureOf(
  hook: CommandHook,
  ending: Ending,
  cut: Cut,
  lines: readonly string[],
): HookError | undefined {
  const said = lines.length === 0 ? "" : `: ${lines.join(" | ")}`;
  const fail = (code: HookError["code"], what: string) =>
    new HookError(code, `hook ${hook.name}: ${what}`, { retryable: true });
  // Too long for the system: that is this delivery's fault, and not that of the program.
  if (ending.notStarted !== undefined)
    return fail(
      ending.notStarted === "E2BIG" ? "hook-failed" : "hook-not-started",
      `${hook.command[0]} cannot be started (${ending.notStarted})`,
    );
  if (cut === "stopped") return fail("hook-stopped", "ended because the receiver stops");
  if (cut === "timeout")
    return fail("hook-timeout", `not done after ${hook.timeoutSeconds} s, and ended${said}`);
  if (ending.exitCode === 0) return undefined;
  return fail(
    "hook-failed",
    `ended ${ending.signal ? `by ${ending.signal}` : `with exit code ${ending.exitCode}`}${said}`,
  );
}
