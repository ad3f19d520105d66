import type { Delivery } from "./deliveries.js";
import { postWebhook } from "./post-webhook.js";
import { runCommand } from "./run-command.js";
import type { Hook } from "./settings.js";

/** What a delivery takes place in. */
export interface DeliveryContext {
  /** Working directory of commands, absolute; paths of payloads are below it. */
  readonly dataDir: string;
  /** Where allowed variables of commands and secrets of webhooks are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Breaks the delivery off: `hook-stopped`. */
  readonly signal: AbortSignal;
  /** The last lines (at most 5) that a command printed which did well; else they stand in the error. */
  readonly onOutput?: (hook: string, lines: readonly string[]) => void;
}

/**
 * Delivers once: resolved = the command ended with exit code 0, or the webhook answered 2xx.
 * @throws HookError; `retryDelayMs` says whether and when to try again
 */
export function deliver(hook: Hook, delivery: Delivery, context: DeliveryContext): Promise<void> {
  return hook.kind === "command" ? runCommand(hook, delivery, context) : postWebhook(hook, delivery, context);
}
