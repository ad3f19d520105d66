import { HookError } from "../errors.js";
import type { Delivery } from "./deliveries.js";
import type { DeliveryContext } from "./delivery-context.js";
import { secretOf } from "./secrets.js";
import type { WebhookHook } from "./settings.js";
import { signatureOf } from "./signature.js";

/** However long the other side asks to be left alone. */
const MAX_RETRY_AFTER_MS = 3_600_000;
// Too early, too many, or nobody behind the proxy: any request may be taken later. RFC 9110, 8470, 6585.
const LATER = [408, 425, 429, 502, 503, 504];

/**
 * Posts a delivery, and takes any 2xx as its receipt.
 * @throws HookError `hook-unreachable`, `hook-failed`, `hook-refused`, `hook-timeout`, `hook-secret-missing`, `hook-stopped`
 */
export async function postWebhook(
  hook: WebhookHook,
  delivery: Delivery,
  context: DeliveryContext,
): Promise<void> {
  const response = await answerTo(hook, delivery, context);
  // Nobody reads it, and it may never end.
  await response.body?.cancel().catch((error) => context.onOutput?.(hook.name, [String(error)]));
  if (!response.ok) throw refusal(hook, response);
}

async function answerTo(hook: WebhookHook, delivery: Delivery, context: DeliveryContext): Promise<Response> {
  const body = JSON.stringify(delivery.payload);
  const headers = headersOf(hook, delivery, body, context);
  const ending = new AbortController();
  const stop = () => ending.abort();
  const timer = setTimeout(stop, hook.timeoutSeconds * 1000);
  context.signal.addEventListener("abort", stop);
  if (context.signal.aborted) stop();
  try {
    return await fetch(hook.url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: ending.signal,
    });
  } catch (error) {
    throw notAnswered(hook, error, ending.signal, context.signal);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener("abort", stop);
  }
}

function headersOf(
  hook: WebhookHook,
  { id, payload }: Delivery,
  body: string,
  context: DeliveryContext,
): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const secret = secretOf(hook, context.env);
  const signature =
    secret === undefined ? undefined : { "X-Audio-Signature": signatureOf(secret, timestamp, body) };
  return {
    "User-Agent": "audio-receiver",
    ...hook.headers,
    "Content-Type": "application/json",
    "X-Audio-Event": payload.event,
    "X-Audio-Delivery": id,
    "X-Audio-Timestamp": timestamp,
    ...signature,
  };
}

function notAnswered(
  hook: WebhookHook,
  error: unknown,
  ending: AbortSignal,
  stopped: AbortSignal,
): HookError {
  const fail = (code: HookError["code"], what: string) =>
    new HookError(code, `hook ${hook.name}: ${what}`, { retryable: true, cause: error });
  if (stopped.aborted) return fail("hook-stopped", "broken off because the receiver stops");
  const host = new URL(hook.url).host;
  if (ending.aborted) return fail("hook-timeout", `${host} gave no answer for ${hook.timeoutSeconds} s`);
  return fail("hook-unreachable", `${host} cannot be reached (${reasonOf(error)})`);
}

// fetch says "fetch failed"; the cause says why.
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
}

function refusal(hook: WebhookHook, { status, headers }: Response): HookError {
  const answer = `hook ${hook.name}: ${new URL(hook.url).host} answered ${status}`;
  const retryAfterMs = retryAfter(headers.get("retry-after"));
  if (LATER.includes(status))
    return new HookError("hook-unreachable", answer, { retryable: true, retryAfterMs });
  if (status >= 500) return new HookError("hook-failed", answer, { retryable: true, retryAfterMs });
  const redirect = status >= 300 && status < 400 ? ", a redirect, which is not followed" : "";
  return new HookError("hook-refused", `${answer}${redirect}`, { retryable: true });
}

/** Seconds or a date, RFC 9110 section 10.2.3. */
function retryAfter(value: string | null): number | undefined {
  const ms = delayOf(value ?? "");
  return ms === undefined ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

function delayOf(value: string): number | undefined {
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const ms = value.endsWith(" GMT") ? Date.parse(value) - Date.now() : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
