import { signal } from "@preact/signals";
import { server } from "../server/client.js";

/** The receiver's time zone; the browser's until it is known. */
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone);

/** Asks the receiver for its time zone. */
export async function learnZone(): Promise<void> {
  zone.value = (await server.call("GET /server", {})).timezone;
}

/** A moment as people read it, in the receiver's zone: `06:12:00 CET`. */
export function clockText(us: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone.value,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(us / 1000);
}
