import type { ResponseOf } from "@audio/api/client";
import { computed, signal } from "@preact/signals";
import { server } from "./client.js";

export type ServerInfo = ResponseOf<"GET /server">;

/** The receiver, and who is logged in; undefined until it has answered. */
export const info = signal<ServerInfo | undefined>(undefined);
/** Why it is not known. */
export const infoFailure = signal<Error | undefined>(undefined);

/** Time zone in which all times are shown: the receiver's, and this browser's own until that is known. */
export const zone = computed(() => info.value?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);

/** Whether one may change things. */
export const mayChange = computed(() => info.value?.user.role === "admin");

/** How far the receiver's clock is ahead of this browser's, microseconds. */
let ahead = 0;

/** The receiver's clock, microseconds of UTC. What shows it follows `second`: the clock is set anew each second. */
export function serverNow(): number {
  return Date.now() * 1000 + ahead;
}

/**
 * Sets the browser's idea of the receiver's clock.
 * @param serverUs its clock when it answered
 * @param askedMs `Date.now()` when it was asked: half of the way there and back is taken off
 */
export function setClock(serverUs: number, askedMs: number): void {
  const nowMs = Date.now();
  ahead = serverUs - 1000 * (nowMs - (nowMs - askedMs) / 2);
}

/** Asks who the receiver is; again as long as it has not answered, whenever this is called. */
export async function loadInfo(): Promise<void> {
  if (info.peek() !== undefined) return;
  const askedMs = Date.now();
  try {
    const answer = await server.call("GET /server", {});
    setClock(answer.nowUs, askedMs);
    info.value = answer;
    infoFailure.value = undefined;
  } catch (error) {
    infoFailure.value = error as Error;
  }
}
