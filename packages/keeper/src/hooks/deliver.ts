import type { Delivery } from "./deliveries.js";
import type { DeliveryContext } from "./delivery-context.js";
import { postWebhook } from "./post-webhook.js";
import { runCommand } from "./run-command.js";
import type { Hook } from "./settings.js";

/**
 * Delivers once: resolved = the command ended with exit code 0, or the webhook answered 2xx.
 * @throws HookError; `retryDelayMs` says whether and when to try again
 */
export function deliver(hook: Hook, delivery: Delivery, context: DeliveryContext): Promise<void> {
  return hook.kind === "command" ? runCommand(hook, delivery, context) : postWebhook(hook, delivery, context);
}
