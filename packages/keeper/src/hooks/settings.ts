/** What a hook can be told of. */
export const HOOK_EVENTS = ["segment:complete", "stream:open", "stream:close", "gap", "disk:low"] as const;
/** An event that a hook may ask for. */
export type HookEventName = (typeof HOOK_EVENTS)[number];

/** What commands and webhooks have in common. */
interface HookCommon {
  /** Under this name deliveries wait in the queue, also over restarts; unique. */
  readonly name: string;
  readonly on: readonly HookEventName[];
  /** hwid or device names; undefined = all. `disk:low` belongs to no device and comes in any case. */
  readonly devices: readonly string[] | undefined;
  /** One delivery may take this long. */
  readonly timeoutSeconds: number;
  /** Deliveries at once. */
  readonly concurrency: number;
  /** Tries of one delivery, the first one included, before it is given up. */
  readonly attempts: number;
}

/** A program that is started for every event. */
export interface CommandHook extends HookCommon {
  readonly kind: "command";
  /** Program and arguments; `{path}`, `{device}`, … in an argument stand for what the event says. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Variables of the receiver's environment that the program gets too. */
  readonly env: readonly string[];
}

/** An address that every event is posted to. */
export interface WebhookHook extends HookCommon {
  readonly kind: "webhook";
  /** http or https, without user and password. */
  readonly url: string;
  /** Signs what is sent; undefined = not signed. */
  readonly secret: { readonly value: string } | { readonly env: string } | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** One hook, validated and complete. */
export type Hook = CommandHook | WebhookHook;
