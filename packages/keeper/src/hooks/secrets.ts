import { HookError } from "../errors.js";
import type { Hook, WebhookHook } from "./settings.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a webhook signs with; undefined = it does not sign.
 * @throws HookError `hook-secret-missing`
 */
export function secretOf({ name, secret }: WebhookHook, env: Environment): string | undefined {
  if (secret === undefined) return undefined;
  if ("value" in secret) return secret.value;
  const value = env[secret.env];
  if (value) return value;
  const message = `hook ${name}: its secret should be in the variable ${secret.env}, which is not set`;
  throw new HookError("hook-secret-missing", message, { retryable: false });
}

/**
 * To be called once at the start: a webhook must not find out at night that it cannot sign.
 * @throws HookError `hook-secret-missing`
 */
export function checkSecrets(hooks: readonly Hook[], env: Environment): void {
  for (const hook of hooks) if (hook.kind === "webhook") secretOf(hook, env);
}
