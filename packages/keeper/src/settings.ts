/** What the configuration of a receiver needs to know of hooks, without loading what runs them. */
export { FIELDS, type Field, unknownPlaceholder } from "./hooks/fields.js";
export { DEFAULT_ATTEMPTS } from "./hooks/retry.js";
export {
  type CommandHook,
  HOOK_EVENTS,
  type Hook,
  type HookEventName,
  type WebhookHook,
} from "./hooks/settings.js";
export type { DeviceRetention, RetentionSettings } from "./retention/policy.js";
