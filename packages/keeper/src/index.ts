export { HookError, type HookErrorCode, type HookErrorDetails } from "./errors.js";
export {
  type CommandHook,
  HOOK_EVENTS,
  type Hook,
  type HookEventName,
  type WebhookHook,
} from "./hooks/settings.js";
